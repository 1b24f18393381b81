import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import type { Trace } from '../../../src/trace/model';

const folder = join(__dirname, '../../fixtures');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });

/** Captures that are compressed as files, with their whole path; none of them holds a MongoDB conversation of its own. */
export const packedCaptures = files
  .filter((name) => /\.(gz|zst|lz4)$/.test(name))
  .map((name) => join(folder, name));

/** Every recorded capture that holds a MongoDB conversation, by its path below the fixtures. Its name is not asked: its content is. */
export const captures = files
  .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
  .filter((name) => readTraces(name).traces.some(({ protocol }) => protocol === 'mongodb'))
  .sort();

export interface Said {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
}

export interface Conversation {
  readonly trace: Trace;
  readonly said: readonly Said[];
}

function readTraces(name: string, keepDataOf?: ReadonlySet<number>) {
  const inspector = new Inspector({ keepDataOf });
  const reader = new CaptureReader(inspector);
  reader.push(readFileSync(join(folder, name)));
  reader.finish();
  return { inspector, traces: inspector.finish() };
}

/** Every MongoDB conversation of a capture with the bytes of its messages, those inside TLS decrypted. */
export function conversationsOf(name: string): Conversation[] {
  const keys = new Set(readTraces(name).inspector.keys.values());
  const { inspector, traces } = readTraces(name, keys);
  return traces.flatMap((trace): Conversation[] => {
    if (trace.protocol !== 'mongodb') return [];
    const data = inspector.data.get(inspector.keys.get(trace.id) ?? -1) ?? [];
    const said = trace.steps.flatMap(({ layer, from, index }): Said[] => {
      const bytes = data[index];
      return layer === 'mongodb' && bytes && from !== 'local' ? [{ from, bytes }] : [];
    });
    return [{ trace, said }];
  });
}
