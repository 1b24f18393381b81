import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { PortRange } from '../contract/ports';
import type { NetworkInterface } from '../contract/values';
import { parseDumpcapList, parseTcpdumpList } from './interfaces';

export type ProgramName = 'dumpcap' | 'tcpdump';

/** A program that writes what crosses a network interface to its standard output, as a classic capture. */
export interface CaptureProgram {
  readonly name: ProgramName;
  /** Absolute. */
  readonly path: string;
}

/** What a program is asked to record. */
export interface RecordRequest {
  readonly interface: string;
  readonly ports: readonly PortRange[];
  /** The longest that it may run, seconds; a program that knows no such limit is ended from outside. */
  readonly seconds: number;
}

interface Dialect {
  /** Prints the interfaces and ends. */
  readonly listArguments: readonly string[];
  parseList(output: string): NetworkInterface[];
  /** Classic form, each packet at once, on standard output. */
  recordArguments(request: RecordRequest): string[];
}

/** How the two are spoken to (dumpcap(1), tcpdump(1)). */
export const DIALECTS: Readonly<Record<ProgramName, Dialect>> = {
  dumpcap: {
    listArguments: ['-D', '-M'],
    parseList: parseDumpcapList,
    recordArguments: ({ interface: name, ports, seconds }) => [
      ...['-i', name],
      ...['-f', captureFilter(ports)],
      // Classic pcap, the only form that pcap-parser reads; no packet counter on stderr.
      ...['-P', '-q', '-w', '-'],
      // Ends by itself even when nobody is left to end it.
      ...['-a', `duration:${Math.max(1, Math.ceil(seconds))}`],
    ],
  },
  tcpdump: {
    listArguments: ['-D'],
    parseList: parseTcpdumpList,
    recordArguments: ({ interface: name, ports }) => [
      ...['-i', name],
      // No names looked up, whole packets, given out as they come.
      ...['-n', '-s', '0', '--immediate-mode', '-U', '-w', '-'],
      // In KiB. A packet given out at once takes a slot of the largest size: of the 2 MiB that are the default there are a few dozen.
      ...['-B', '16384'],
      captureFilter(ports),
    ],
  },
};

/** The filter for these ports, in the language of pcap-filter(7). */
export function captureFilter(ports: readonly PortRange[]): string {
  return ports
    .map(({ first, last }) => (first === last ? `tcp port ${first}` : `tcp portrange ${first}-${last}`))
    .join(' or ');
}

/** Best first: dumpcap is made for this, and its package lets an ordinary user record. */
const PREFERENCE: readonly ProgramName[] = ['dumpcap', 'tcpdump'];

/** Where the programs are when the PATH does not say: an editor started from a desktop has a short one. */
const USUAL_FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  win32: ['C:\\Program Files\\Wireshark', 'C:\\Program Files (x86)\\Wireshark'],
  darwin: [
    '/usr/sbin',
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/opt/local/bin',
    '/Applications/Wireshark.app/Contents/MacOS',
  ],
};
const OTHER_FOLDERS = ['/usr/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

/** The capture programs of this machine, best first. One that is there and may not be run counts: that can be changed. */
export function findPrograms({ platform, env }: Surroundings = process): CaptureProgram[] {
  const folders = [
    // A relative folder of the PATH would run whatever the current folder holds.
    ...(env.PATH ?? env.Path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
    ...(USUAL_FOLDERS[platform] ?? OTHER_FOLDERS),
  ];
  return PREFERENCE.flatMap((name) => {
    const file = platform === 'win32' ? `${name}.exe` : name;
    const found = folders.map((folder) => path.join(folder, file)).find(exists);
    return found === undefined ? [] : [{ name, path: found }];
  });
}

function exists(file: string): boolean {
  try {
    accessSync(file, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}
