// Run by `npm run bench`. Arguments: the checkout's folder, then the number of packets.
import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { makeCapture } from './make-capture';
import { fromFile, fromMemory, READERS, type Reader, type Source } from './readers';
import { type ProcessResult, runCli, runTshark } from './whole-process';

const ROUNDS = 3;
/** A larger capture is not tried from memory. */
const MAX_IN_MEMORY = 1.5e9;

/** Best of some rounds, seconds: the least disturbed one. */
async function best(read: Reader, source: Source, packets: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const found = await read(source);
    least = Math.min(least, (performance.now() - start) / 1000);
    if (found !== packets) throw new Error(`found ${found} packets instead of ${packets}`);
  }
  return least;
}

function line(name: string, seconds: number, packets: number, bytes: number): string {
  const rate = (packets / seconds / 1e6).toFixed(2).padStart(7);
  const throughput = Math.round(bytes / seconds / 1e6)
    .toString()
    .padStart(6);
  return `  ${name.padEnd(36)}${seconds.toFixed(3).padStart(8)} s${rate} M packets/s${throughput} MB/s`;
}

async function main(root: string, packets: number): Promise<void> {
  const capture = makeCapture(packets);
  const bytes = statSync(capture.file).size;
  const megabytes = Math.round(bytes / 1e6);
  console.log(
    `${packets} packets, ${megabytes} MB, ${capture.logins} PostgreSQL logins; Node ${process.version}`,
  );
  if (bytes <= MAX_IN_MEMORY) await compare('From memory', fromMemory(capture.file), packets, bytes);
  await compare('From the file', fromFile(capture.file), packets, bytes);
  console.log('\nWhole process, once each:');
  const cli = runCli(root, capture.file);
  const tshark = runTshark(capture.file);
  for (const result of [cli, tshark]) report(result, packets, bytes);
  if ('seconds' in cli && 'seconds' in tshark) {
    const traces = (JSON.parse(cli.output) as { traces: unknown[] }).traces.length;
    if (traces !== capture.logins) throw new Error(`decoded ${traces} logins instead of ${capture.logins}`);
    console.log(
      `  ours: ${(tshark.seconds / cli.seconds).toFixed(1)} × tshark; all ${traces} logins decoded`,
    );
  }
}

async function compare(title: string, source: Source, packets: number, bytes: number): Promise<void> {
  console.log(`\n${title}, best of ${ROUNDS}:`);
  const seconds = new Map<string, number>();
  for (const { name, read } of READERS) {
    const least = await best(read, source, packets);
    seconds.set(name, least);
    console.log(line(name, least, packets, bytes));
  }
  const library = seconds.get('pcap-parser (npm)') ?? Number.NaN;
  for (const [name, least] of seconds) {
    if (name.startsWith('our')) console.log(`  ${name}: ${(library / least).toFixed(1)} × pcap-parser`);
  }
}

function report(result: ProcessResult, packets: number, bytes: number): void {
  if ('seconds' in result) console.log(line(result.name, result.seconds, packets, bytes));
  else console.log(`  ${result.name}: skipped, ${result.skipped}`);
}

const [root, packets] = process.argv.slice(2);
await main(root, Number(packets));
