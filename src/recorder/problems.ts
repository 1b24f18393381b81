import type { RecordProblem } from '../contract/values';
import type { CaptureProgram, ProgramName } from './program';

/** What decides which words and which command help. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Runs as root: then it is not the user's rights that are missing but the container's. */
  readonly root: boolean;
  /** `ID` and `ID_LIKE` of /etc/os-release, lower case. */
  readonly distribution: readonly string[];
}

/** Nothing is being recorded. `message` is one sentence; {@link problem} has the next step. */
export class RecordError extends Error {
  override readonly name = 'RecordError';

  constructor(readonly problem: RecordProblem) {
    super(problem.message);
  }
}

/** How a capture program ended before it began. */
export interface Refusal {
  readonly program: CaptureProgram;
  /** What it wrote to stderr. */
  readonly stderr: string;
  /** Error of the operating system when it could not be started: `EACCES`, `EPERM`, `ENOENT`. */
  readonly code: string | null;
}

type Cause = 'not-executable' | 'no-permission' | 'no-interface' | 'driver' | 'other';

/** What the programs and libpcap say, by what it means; the first that fits counts. */
const CAUSES: readonly (readonly [RegExp, Cause])[] = [
  [
    /permission|operation not permitted|EACCES|EPERM|not have sufficient|must be root|cannot open BPF/i,
    'no-permission',
  ],
  [
    /no such device|there is no device named|interface.*(not found|disappeared)|isn't up|is not up/i,
    'no-interface',
  ],
  [/npcap|winpcap|wpcap|npf driver/i, 'driver'],
];

export function causeOf({ stderr, code }: Refusal): Cause {
  // A file with capabilities that the container does not have cannot even be started: that is EPERM.
  if (code === 'EACCES') return 'not-executable';
  if (code === 'EPERM') return 'no-permission';
  return CAUSES.find(([words]) => words.test(stderr))?.[1] ?? 'other';
}

/** Words for a capture program that did not begin. */
export function refusalProblem(refusal: Refusal, machine: Machine): RecordProblem {
  const { program } = refusal;
  const said = lastWords(refusal.stderr, program.name);
  switch (causeOf(refusal)) {
    case 'not-executable':
      return { code: 'RECORD_NOT_ALLOWED', ...notExecutable(program, machine) };
    case 'no-permission':
      return { code: 'RECORD_NOT_ALLOWED', ...notPermitted(program, machine) };
    case 'no-interface':
      return {
        code: 'RECORD_NO_INTERFACE',
        message: `${program.name} finds no such interface${said ? `: ${said}` : '.'}`,
        next: 'Choose another interface; a virtual one may have gone since the list was made.',
        command: null,
      };
    case 'driver':
      return {
        code: 'RECORD_NO_DRIVER',
        message: `${program.name} has no driver to capture with${said ? `: ${said}` : '.'}`,
        next: 'Install Wireshark with Npcap, then record again.',
        command: 'winget install WiresharkFoundation.Wireshark',
      };
    default:
      return {
        code: 'RECORD_FAILED',
        message: `${program.name} could not record: ${said || refusal.code || 'it ended without a word'}`,
        next: 'Try another interface, or run the program in a terminal to see what it says.',
        command: null,
      };
  }
}

type Advice = Pick<RecordProblem, 'message' | 'next' | 'command'>;

/** The file is there, and this user may not run it: Debian gives dumpcap to a group. */
function notExecutable({ name }: CaptureProgram, { platform }: Machine): Advice {
  const message = `This user may not run ${name}.`;
  if (platform === 'linux' && name === 'dumpcap')
    return {
      message,
      next: 'Add the user to the group wireshark, then log out and in (for a remote window: end its VS Code server too).',
      command: 'sudo usermod -aG wireshark "$USER"',
    };
  return {
    message,
    next: `Have whoever administers this machine allow ${name}, then record again.`,
    command: null,
  };
}

function notPermitted({ name, path }: CaptureProgram, { platform, root }: Machine): Advice {
  const message = `${name} may not capture here: this user lacks the permission.`;
  if (platform === 'darwin')
    return {
      message,
      next: 'Let the group admin read the capture devices; this lasts until the next restart (ChmodBPF of Wireshark makes it last).',
      command: 'sudo chgrp admin /dev/bpf* && sudo chmod g+rw /dev/bpf*',
    };
  if (platform === 'win32')
    return {
      message,
      next: 'Start VS Code as administrator, or install Npcap again without restricting it to administrators.',
      command: 'powershell -Command "Start-Process code -Verb RunAs"',
    };
  if (root)
    return {
      message: `${name} may not capture here, not even as root: the container lacks the permission.`,
      next: 'Start the container with these options (devcontainer.json: "runArgs"), then record again.',
      command: 'docker run --cap-add=NET_RAW --cap-add=NET_ADMIN',
    };
  return {
    message,
    next: `Give ${name} the permission once, in a terminal, then record again.`,
    command: `sudo setcap cap_net_raw,cap_net_admin=eip ${shellWord(path)}`,
  };
}

/** Which program to install with what, by platform and by distribution; the first that fits counts. */
const INSTALL: readonly { readonly on: string; readonly program: ProgramName; readonly command: string }[] = [
  { on: 'win32', program: 'dumpcap', command: 'winget install WiresharkFoundation.Wireshark' },
  { on: 'darwin', program: 'dumpcap', command: 'brew install wireshark' },
  { on: 'debian', program: 'tcpdump', command: 'sudo apt-get install tcpdump' },
  { on: 'fedora', program: 'tcpdump', command: 'sudo dnf install tcpdump' },
  { on: 'rhel', program: 'tcpdump', command: 'sudo dnf install tcpdump' },
  { on: 'suse', program: 'tcpdump', command: 'sudo zypper install tcpdump' },
  { on: 'arch', program: 'tcpdump', command: 'sudo pacman -S tcpdump' },
  { on: 'alpine', program: 'tcpdump', command: 'sudo apk add tcpdump' },
];

/** Neither program is on this machine. */
export function notInstalledProblem({ platform, distribution, root }: Machine): RecordProblem {
  const names = platform === 'linux' ? distribution : [platform];
  const choice = INSTALL.find(({ on }) => names.includes(on));
  const what = choice?.program === 'dumpcap' ? 'Wireshark, which brings dumpcap,' : 'tcpdump';
  return {
    code: 'RECORD_NO_PROGRAM',
    message: 'Neither dumpcap nor tcpdump is installed on this machine.',
    next: choice
      ? `Install ${what} and record again.`
      : `Install tcpdump, or Wireshark's dumpcap, with this system's package manager and record again.`,
    command: (root ? choice?.command.replace(/^sudo /, '') : choice?.command) ?? null,
  };
}

/** What a program says at its end that is only numbers. */
const STATISTICS = /^\s*(\d+ packets? |packets (captured|received)|file: |capturing on|.*listening on )/i;
const MAX_WORDS = 300;

/**
 * The last line of a program's stderr that tells something: its own last complaint, else the last line that is no statistics. Empty if
 * there is none.
 */
export function lastWords(stderr: string, program: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const complaint = lines.findLast((line) => line.startsWith(`${program}: `) && !STATISTICS.test(line));
  const line = complaint ?? lines.findLast((each) => !STATISTICS.test(each)) ?? '';
  return line.replace(new RegExp(`^${program}: `), '').slice(0, MAX_WORDS);
}

/** Packets that were lost because nobody fetched them in time, from the statistics at a program's end. */
export function droppedPackets(stderr: string): number {
  const dumpcap = /received\/dropped on interface [^\n]*: \d+\/(\d+)/.exec(stderr);
  const tcpdump = /(\d+) packets? dropped by kernel/.exec(stderr);
  return Number(dumpcap?.[1] ?? tcpdump?.[1] ?? 0);
}

function shellWord(word: string): string {
  return /^[\w./+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
