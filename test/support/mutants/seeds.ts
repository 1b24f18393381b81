/** What mutations begin with: every recording of the fixtures, as its IP packets and TLS secrets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '../../../src/base/bytes';
import { isLz4, Lz4Unpacker } from '../../../src/capture/compression/lz4';
import { isZstd, ZstdUnpacker } from '../../../src/capture/compression/zstd';
import { CaptureReader } from '../../../src/capture/reader';
import { ipOffset } from '../../../src/network/link';

export interface SeedPacket {
  readonly seconds: number;
  readonly nanos: number;
  /** From the IP header on. */
  readonly ip: Uint8Array;
}

export interface Seed {
  readonly name: string;
  /** The file as it is. */
  readonly file: Uint8Array;
  readonly packets: readonly SeedPacket[];
  /** Text of the key log in it; empty if there is none. */
  readonly secrets: Uint8Array;
}

const folder = join(__dirname, '../../fixtures');

export const SEEDS: readonly Seed[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.pcapng(\.lz4|\.zst)?$/.test(name))
  .sort()
  .map((name) => readSeed(name));

function readSeed(name: string): Seed {
  const file = new Uint8Array(readFileSync(join(folder, name)));
  const packets: SeedPacket[] = [];
  const secrets: Uint8Array[] = [];
  const reader = new CaptureReader({
    handlePacket(view) {
      const ip = view.buffer.slice(ipOffset(view), view.end);
      packets.push({ seconds: view.seconds, nanos: view.nanos, ip });
    },
    handleSecrets: (text) => secrets.push(text.slice()),
  });
  const unpacker = isZstd(file) ? new ZstdUnpacker() : isLz4(file) ? new Lz4Unpacker() : undefined;
  for (const piece of unpacker?.push(file) ?? [file]) reader.push(piece);
  reader.finish();
  return { name, file, packets, secrets: concat(...secrets) };
}
