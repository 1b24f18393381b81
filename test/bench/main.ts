// Run by `npm run bench`. Arguments: the checkout's folder, the number of packets, another Node to time the list with or nothing, and the
// programs made of the three `read-….ts`.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { type BenchCapture, type CaptureKind, makeCapture } from './make-capture';
import { median, verdict } from './report';
import {
  type CliFormat,
  hasTshark,
  loadAverage,
  type ProcessRun,
  runCli,
  runReader,
  runTshark,
} from './whole-process';

/** Pairs of runs, one after the other, so that what else the machine does meets both. */
const ROUNDS = 5;

/** Size of the capture that the targets are for. In a smaller one it is the start of the processes that is measured. */
const TARGET_PACKETS = 1_000_000;

/** How many times as fast as tshark the list should be. */
const TSHARK_TARGET: Readonly<Record<CaptureKind, number>> = { mixed: 25, handshakes: 10 };

interface Contestant {
  readonly name: string;
  readonly run: () => Promise<ProcessRun>;
  /** Lines that it must have printed, if that is known. */
  readonly lines?: number;
}

/**
 * Runs two programs in turn and prints the median of each, and the median of the ratios of the pairs.
 *
 * @param target how many times as fast as the other our program should be; below 1 it may be slower.
 */
async function compare(
  ours: Contestant,
  theirs: Contestant,
  rounds: number,
  packets: number,
  target?: number,
): Promise<void> {
  const pairs: [ProcessRun, ProcessRun][] = [];
  for (let round = 0; round < rounds; round++) {
    const pair: [ProcessRun, ProcessRun] = [await ours.run(), await theirs.run()];
    check(ours, pair[0]);
    check(theirs, pair[1]);
    pairs.push(pair);
  }
  [ours, theirs].forEach(({ name }, i) => {
    const runs = pairs.map((pair) => pair[i]);
    const seconds = median(runs.map((run) => run.seconds));
    const peak =
      runs[0].peakMb === null
        ? ''
        : `${Math.max(...runs.map((run) => run.peakMb ?? 0))
            .toFixed(0)
            .padStart(6)} MB`;
    const cpu = median(runs.map((run) => run.cpu)).toFixed(2);
    console.log(
      `  ${name.padEnd(42)}${seconds.toFixed(2).padStart(8)} s ${cpu.padStart(8)} s CPU ${(packets / seconds / 1e6).toFixed(2).padStart(6)} M packets/s${peak}`,
    );
  });
  const ratio = median(pairs.map(([a, b]) => b.seconds / a.seconds));
  const cpu = times(median(pairs.map(([a, b]) => b.cpu / a.cpu)));
  const judged = target === undefined ? '' : ` ${judge(ratio, target)}`;
  console.log(
    `  → ${times(ratio)} by the clock, ${cpu} by processor time (${rounds === 1 ? 'one pair' : `median of ${rounds} pairs`})${judged}`,
  );
}

/** How much faster the first was than the second. */
function times(ratio: number): string {
  return ratio >= 1 ? `${ratio.toFixed(1)} × as fast` : `${(1 / ratio).toFixed(1)} × as slow`;
}

function judge(ratio: number, target: number): string {
  return target >= 1 ? verdict(ratio, { atLeast: target }) : verdict(1 / ratio, { atMost: 1 / target });
}

function check(contestant: Contestant, run: ProcessRun): void {
  if (contestant.lines === undefined) return;
  const more = run.lines - contestant.lines;
  if (more >= 0 && more <= MOST_CAUSES) return;
  throw new Error(`${contestant.name} printed ${run.lines} lines instead of ${contestant.lines}`);
}

/** Lines of a summary at most: a row for each cause at a server, and the notes. */
const MOST_CAUSES = 100;

/** Lines besides those of the traces. */
const EXTRA_LINES: Readonly<Record<CliFormat, number>> = { list: 1, json: 2 };

const cli = (
  root: string,
  { file, handshakes }: BenchCapture,
  format: CliFormat,
  node?: string,
): Contestant => ({
  name: `handshake-inspector decode --format ${format}`,
  run: () => runCli(root, file, format, node),
  lines: handshakes + EXTRA_LINES[format],
});

const tsharkAs = (file: string, format: CliFormat): Contestant => ({
  name: `tshark -Y 'pgsql || mongo'${format === 'json' ? ' -T json' : ''}`,
  run: () => runTshark(file, format),
});

function describe(kind: CaptureKind, { file, packets, handshakes }: BenchCapture): void {
  const megabytes = Math.round(statSync(file).size / 1e6);
  console.log(
    `\n${kind}: ${packets} packets, ${megabytes} MB, ${handshakes} recorded conversations; load ${loadAverage()}`,
  );
}

function versionOf(node: string): string {
  return `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`;
}

interface ReaderPrograms {
  readonly ours: string;
  readonly headers: string;
  readonly library: string;
}

async function main(root: string, packets: number, older: string, programs: ReaderPrograms): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} processors. Whole processes, from start to exit.`);
  if (packets < TARGET_PACKETS) console.log(`The targets are those for ${TARGET_PACKETS} packets.`);
  const tshark = hasTshark();
  if (!tshark) console.log('tshark is not on the PATH: comparisons with it are left out.');
  for (const kind of ['mixed', 'handshakes'] as const) {
    const capture = makeCapture(root, kind, packets);
    describe(kind, capture);
    const { file } = capture;
    if (tshark) {
      // A line for a connection beside a line for a packet; and every step in full beside every packet in full.
      await compare(cli(root, capture, 'list'), tsharkAs(file, 'list'), ROUNDS, packets, TSHARK_TARGET[kind]);
      if (older !== '') {
        console.log(`  the same on ${versionOf(older)}:`);
        await compare(cli(root, capture, 'list', older), tsharkAs(file, 'list'), 3, packets);
      }
      await compare(cli(root, capture, 'json'), tsharkAs(file, 'list'), 1, packets);
      const small = makeCapture(root, kind, Math.max(10_000, packets / 10));
      console.log(`  of ${small.packets} packets, everything there is to say:`);
      await compare(cli(root, small, 'json'), tsharkAs(small.file, 'json'), 3, small.packets);
    }
    if (kind === 'handshakes') continue;
    const reading = (name: string, program: string): Contestant => ({
      name,
      run: () => runReader(program, file),
      lines: 1,
    });
    const scan = reading('bare scan of record headers', programs.headers);
    await compare(cli(root, capture, 'list'), scan, ROUNDS, packets, 1 / 4);
    const library = reading('pcap-parser (npm)', programs.library);
    await compare(reading('our reader alone', programs.ours), library, ROUNDS, packets, 8);
    await scale(root, packets);
  }
}

/** Time and memory as the capture grows. */
async function scale(root: string, packets: number): Promise<void> {
  console.log('\nmixed, growing, --format list:');
  const runs: ProcessRun[] = [];
  for (const count of [packets / 10, packets, packets * 10]) {
    const contestant = cli(root, makeCapture(root, 'mixed', count), 'list');
    // The first run brings the file into memory where there is room: the disk is not what is measured.
    await contestant.run();
    const run = await contestant.run();
    check(contestant, run);
    runs.push(run);
    const peak = run.peakMb === null ? '' : `, peak ${run.peakMb.toFixed(0)} MB`;
    console.log(
      `  ${String(count).padStart(9)} packets ${run.seconds.toFixed(2).padStart(7)} s ${run.cpu.toFixed(2).padStart(7)} s CPU${peak}`,
    );
  }
  const [, middle, largest] = runs;
  const time = largest.seconds / middle.seconds;
  // The start of the process makes it less than ten; what is above is noise or worse.
  console.log(`  → ten times the packets: ${time.toFixed(1)} × the time ${verdict(time, { atMost: 11 })}`);
  if (middle.peakMb === null || largest.peakMb === null) return;
  const memory = largest.peakMb / middle.peakMb;
  console.log(
    `    ${memory.toFixed(2)} × the memory ${verdict(memory, { atMost: 1.3 })}; ` +
      `${largest.peakMb.toFixed(0)} MB ${verdict(largest.peakMb, { atMost: 300 })}`,
  );
}

const [root, packets, older, ours, headers, library] = process.argv.slice(2);
await main(root, Number(packets), older, { ours, headers, library });
