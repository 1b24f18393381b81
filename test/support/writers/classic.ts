import { CaptureReader } from '../../../src/capture/reader';

/** The packets of a capture as a classic one, as dumpcap writes it. */
export function classic(bytes: Uint8Array): Buffer {
  const parts = [Buffer.alloc(24)];
  parts[0].writeUInt32LE(0xa1b2c3d4, 0);
  parts[0].writeUInt32LE(0x00040002, 4);
  parts[0].writeUInt32LE(262_144, 16);
  parts[0].writeUInt32LE(1, 20);
  const reader = new CaptureReader({
    handlePacket: ({ buffer, start, end, seconds, nanos }) => {
      const head = Buffer.alloc(16);
      for (const [i, word] of [seconds, Math.floor(nanos / 1000), end - start, end - start].entries())
        head.writeUInt32LE(word, 4 * i);
      parts.push(head, Buffer.from(buffer.subarray(start, end)));
    },
    handleSecrets: () => {},
    handleIssue: () => {},
  });
  reader.push(bytes);
  reader.finish();
  return Buffer.concat(parts);
}
