/** A program of its own: only the record headers of a classic little-endian file, without looking at anything else. The floor. */
import { eachChunk } from './each-chunk';

async function main(file: string): Promise<void> {
  let packets = 0;
  let skip = 24;
  // A header that lies across two chunks.
  const held = new Uint8Array(16);
  let holding = 0;
  await eachChunk(file, (chunk) => {
    let at = skip;
    if (holding > 0) {
      held.set(chunk.subarray(0, 16 - holding), holding);
      at = 16 - holding + (held[8] | (held[9] << 8) | (held[10] << 16));
      packets++;
      holding = 0;
    }
    while (at + 16 <= chunk.length) {
      at += 16 + (chunk[at + 8] | (chunk[at + 9] << 8) | (chunk[at + 10] << 16));
      packets++;
    }
    if (at < chunk.length) {
      holding = chunk.length - at;
      held.set(chunk.subarray(at));
      skip = 0;
    } else {
      skip = at - chunk.length;
    }
  });
  process.stdout.write(`${packets}\n`);
}

void main(process.argv[2]);
