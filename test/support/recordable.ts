import { onPath } from '../../scripts/toolchain/run.mjs';
import { RecordError } from '../../src/recorder/problems';
import type { CaptureProgram } from '../../src/recorder/program';
import { startRecording } from '../../src/recorder/recorder';
import { tool } from './toolchain';

/**
 * Whether this machine lets the tests record on loopback, and with what. dumpcap comes with tshark.
 *
 * @returns the programs that did record, or why none could.
 */
export async function recordable(): Promise<{ programs: CaptureProgram[] } | { skipped: string }> {
  await tool('tshark');
  await tool('tcpdump');
  const programs: CaptureProgram[] = [];
  const reasons: string[] = [];
  for (const name of ['dumpcap', 'tcpdump'] as const) {
    const path = onPath(name);
    if (path === undefined) {
      reasons.push(`${name} is not installed`);
      continue;
    }
    try {
      const recording = await startRecording(
        {
          interface: 'lo',
          ports: [{ first: 1, last: 1 }],
          file: null,
          limits: { bytes: 1 << 20, milliseconds: 10_000 },
          onTrace: () => {},
        },
        { programs: [{ name, path }] },
      );
      recording.stop();
      await recording.done;
      programs.push({ name, path });
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      reasons.push(error.message);
    }
  }
  return programs.length > 0
    ? { programs }
    : { skipped: `nothing can be recorded here: ${reasons.join('; ')}` };
}
