import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import type { Trace } from '../../../src/trace/model';

const folder = join(__dirname, '../../fixtures');
/** The recorded MongoDB captures, by file name. */
export const captures = readdirSync(folder).filter((name) => name.startsWith('mongo'));

export interface Said {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
}

export interface Conversation {
  readonly trace: Trace;
  readonly said: readonly Said[];
}

/** Every conversation of a capture with the bytes of its messages, those inside TLS decrypted. */
export function conversationsOf(name: string): Conversation[] {
  const file = readFileSync(join(folder, name));
  const read = (keepDataOf?: ReadonlySet<number>) => {
    const inspector = new Inspector({ keepDataOf });
    const reader = new CaptureReader(inspector);
    reader.push(file);
    reader.finish();
    return { inspector, traces: inspector.finish() };
  };
  const keys = new Set(read().inspector.keys.values());
  const { inspector, traces } = read(keys);
  return traces.map((trace) => {
    const data = inspector.data.get(inspector.keys.get(trace.id) ?? -1) ?? [];
    const said = trace.steps.flatMap(({ layer, from, index }): Said[] => {
      const bytes = data[index];
      return layer === 'mongodb' && bytes && from !== 'local' ? [{ from, bytes }] : [];
    });
    return { trace, said };
  });
}
