// Run by `npm run bench`. Arguments: the checkout's folder, then the number of packets; or `read READER FILE` for a child.

import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { type BenchCapture, type CaptureKind, makeCapture } from './make-capture';
import { bareScan, ourReader, pcapParser, type Reader } from './readers';
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

const READERS: Readonly<Record<string, Reader>> = {
  scan: bareScan,
  reader: ourReader,
  'pcap-parser': pcapParser,
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

interface Contestant {
  readonly name: string;
  readonly run: () => Promise<ProcessRun>;
  /** Lines that it must have printed, if that is known. */
  readonly lines?: number;
}

/** Runs two programs in turn and prints the median of each, and the median of the ratios of the pairs. */
async function compare(ours: Contestant, theirs: Contestant, rounds: number, packets: number): Promise<void> {
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
  const wall = times(median(pairs.map(([a, b]) => b.seconds / a.seconds)));
  const cpu = times(median(pairs.map(([a, b]) => b.cpu / a.cpu)));
  console.log(
    `  → ${wall} by the clock, ${cpu} by processor time (${rounds === 1 ? 'one pair' : `median of ${rounds} pairs`})`,
  );
}

/** How much faster the first was than the second. */
function times(ratio: number): string {
  return ratio >= 1 ? `${ratio.toFixed(1)} × as fast` : `${(1 / ratio).toFixed(1)} × as slow`;
}

function check(contestant: Contestant, run: ProcessRun): void {
  if (contestant.lines === undefined || contestant.lines === run.lines) return;
  throw new Error(`${contestant.name} printed ${run.lines} lines instead of ${contestant.lines}`);
}

/** Lines besides those of the traces. */
const EXTRA_LINES: Readonly<Record<CliFormat, number>> = { list: 1, json: 2 };

const cli = (root: string, { file, handshakes }: BenchCapture, format: CliFormat): Contestant => ({
  name: `handshake-inspector decode --format ${format}`,
  run: () => runCli(root, file, format),
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

async function main(root: string, packets: number): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} processors. Whole processes, from start to exit.`);
  const tshark = hasTshark();
  if (!tshark) console.log('tshark is not on the PATH: comparisons with it are left out.');
  for (const kind of ['mixed', 'handshakes'] as const) {
    const capture = makeCapture(root, kind, packets);
    describe(kind, capture);
    const { file } = capture;
    if (tshark) {
      // A line for a connection beside a line for a packet; and every step in full beside every packet in full.
      await compare(cli(root, capture, 'list'), tsharkAs(file, 'list'), 3, packets);
      await compare(cli(root, capture, 'json'), tsharkAs(file, 'list'), 1, packets);
      const small = makeCapture(root, kind, Math.max(10_000, packets / 10));
      console.log(`  of ${small.packets} packets, everything there is to say:`);
      await compare(cli(root, small, 'json'), tsharkAs(small.file, 'json'), 3, small.packets);
    }
    if (kind === 'handshakes') continue;
    const scan = { name: 'bare scan of record headers', run: () => runReader('scan', file), lines: 1 };
    await compare(cli(root, capture, 'list'), scan, ROUNDS, packets);
    const reader = { name: 'our reader alone', run: () => runReader('reader', file), lines: 1 };
    const library = { name: 'pcap-parser (npm)', run: () => runReader('pcap-parser', file), lines: 1 };
    await compare(reader, library, ROUNDS, packets);
    await scale(root, packets);
  }
}

/** Time and memory as the capture grows. */
async function scale(root: string, packets: number): Promise<void> {
  console.log('\nmixed, growing, --format list:');
  for (const count of [packets / 10, packets, packets * 10]) {
    const contestant = cli(root, makeCapture(root, 'mixed', count), 'list');
    const run = await contestant.run();
    check(contestant, run);
    const peak = run.peakMb === null ? '' : `, peak ${run.peakMb.toFixed(0)} MB`;
    console.log(
      `  ${String(count).padStart(9)} packets ${run.seconds.toFixed(2).padStart(7)} s ${run.cpu.toFixed(2).padStart(7)} s CPU${peak}`,
    );
  }
}

const [first, second, third] = process.argv.slice(2);
if (first === 'read') console.log(await READERS[second](third));
else await main(first, Number(second));
