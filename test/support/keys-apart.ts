import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../src/capture/reader';
import { PCAP_VARIANTS, pcapFile } from '../unit/capture/capture-files';

/** A fixture as a classic capture, which carries no secrets, and its secrets as a key log. */
export function withKeysApart(name: string): { classic: Uint8Array; keys: Uint8Array } {
  return apart(readFileSync(join(import.meta.dirname, '../fixtures', name)));
}

/** The packets of a capture as a classic one. */
export function classicOf(capture: Uint8Array): Uint8Array {
  return apart(capture).classic;
}

function apart(capture: Uint8Array): { classic: Uint8Array; keys: Uint8Array } {
  const packets: { seconds: number; fraction: number; bytes: Uint8Array }[] = [];
  const keys: Uint8Array[] = [];
  const reader = new CaptureReader({
    handlePacket: ({ seconds, nanos, buffer, start, end }) =>
      packets.push({ seconds, fraction: Math.floor(nanos / 1000), bytes: buffer.slice(start, end) }),
    handleSecrets: (text) => keys.push(text.slice()),
  });
  reader.push(capture);
  reader.finish();
  return { classic: pcapFile(PCAP_VARIANTS[0], packets), keys: Buffer.concat(keys) };
}
