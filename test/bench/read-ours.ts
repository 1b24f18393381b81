/** A program of its own: our reader with nothing behind it. Prints the packets of the named file, as each `read-….ts` does. */
import { CaptureReader } from '../../src/capture/reader';
import { eachChunk } from './each-chunk';

async function main(file: string): Promise<void> {
  const reader = new CaptureReader({ handlePacket() {} });
  await eachChunk(file, (chunk) => reader.push(chunk));
  reader.finish();
  process.stdout.write(`${reader.packets}\n`);
}

void main(process.argv[2]);
