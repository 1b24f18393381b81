// Run by `npm run bench`. Arguments: the checkout's folder, and how many connections, a million unless said.

import { DECODE_FORMATS, type DecodeFormat } from '../../src/cli/formats';
import type { BenchCapture } from './make-capture';
import { makeLogins, makeSyns } from './make-flood';
import { show, verdict } from './report';
import { runCli } from './whole-process';

/** Most memory of a whole process, MB, for the numbers that the targets are for. */
const TARGETS = { syns: 300, logins: 250 } as const;

/** How much memory the command line takes for a capture that is made to fill it. Not in turns: memory is not the machine's mood. */
async function measure(
  root: string,
  title: string,
  capture: BenchCapture,
  formats: readonly DecodeFormat[],
  target: number,
): Promise<boolean> {
  console.log(`\n${title}:`);
  let met = true;
  for (const format of formats) {
    const { peakMb, seconds, lines } = await runCli(root, capture.file, format);
    if (peakMb === null) {
      console.log('  /usr/bin/time is not there to tell the memory of a process: left out.');
      return true;
    }
    // A finding is a line of SARIF, and these have none; of the others each trace has one at least.
    if (format !== 'sarif' && lines < capture.handshakes)
      throw new Error(`${format} printed ${lines} lines of ${capture.handshakes} connections`);
    met &&= peakMb <= target;
    show(
      `--format ${format}`,
      `${peakMb.toFixed(0).padStart(5)} MB ${seconds.toFixed(1).padStart(6)} s ${verdict(peakMb, { atMost: target })}`,
    );
  }
  return met;
}

const [root, count] = process.argv.slice(2);
const syns = Number(count);
const logins = syns / 5;
const all = [
  await measure(
    root,
    `${syns} bare SYNs, peak memory of the process`,
    makeSyns(syns),
    DECODE_FORMATS,
    TARGETS.syns,
  ),
  await measure(
    root,
    `${logins} logins behind one that hangs`,
    makeLogins(root, logins),
    DECODE_FORMATS,
    TARGETS.logins,
  ),
];
process.exitCode = all.every((met) => met) ? 0 : 1;
