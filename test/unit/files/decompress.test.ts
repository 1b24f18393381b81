/** What happens to compressed captures, the same for every kind of compression. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { readCapture } from '../../../src/files/read-capture';

const fixtures = join(__dirname, '../../fixtures');
const bytesOf = (...name: string[]) => new Uint8Array(readFileSync(join(fixtures, ...name)));
const plain = bytesOf('pg18-tls-scram-keys.pcapng');
const stored = (name: string) => bytesOf('compressed', name);

const KINDS: readonly [string, Uint8Array][] = [
  ['gz', new Uint8Array(gzipSync(plain))],
  ['zst', stored('streamed.pcapng.zst')],
  ['lz4', stored('linked.pcapng.lz4')],
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-compressed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(extension: string, bytes: Uint8Array) {
  const path = join(folder, `capture.pcapng.${extension}`);
  writeFileSync(path, bytes);
  const { document, damaged } = await readCapture(path, { name: 'capture' });
  return { document, damaged, codes: document.capture.issues.map(({ code }) => code) };
}

describe.each(KINDS)('a capture compressed as %s', (extension, bytes) => {
  it('gives what the capture itself gives', async () => {
    const whole = await read(extension, bytes);
    const { document } = await readCapture(join(fixtures, 'pg18-tls-scram-keys.pcapng'), { name: 'capture' });
    expect(whole).toMatchObject({ damaged: false, codes: [] });
    expect(whole.document).toEqual(document);
  });

  it('in several pieces, one behind the other, is one capture', async () => {
    const whole = await read(extension, concat(bytes, bytes));
    expect(whole).toMatchObject({ damaged: false, codes: [] });
    expect(whole.document.capture.bytes).toBe(2 * plain.length);
  });

  it('that is cut says so and gives what came before', async () => {
    const { damaged, codes, document } = await read(extension, concat(bytes, bytes.slice(0, -9)));
    expect(damaged).toBe(true);
    expect(codes).toContain('COMPRESSION_DAMAGED');
    expect(document.traces.length).toBeGreaterThanOrEqual(1);
    expect(document.traces[0].outcome).toBe('ready');
  });

  it('is unpacked no further than its limit, which is said, and what came before is shown', async () => {
    const path = join(folder, `limited.pcapng.${extension}`);
    writeFileSync(path, concat(bytes, bytes, bytes));
    const most = (plain.length + 100) / 1e6;
    const { document, damaged } = await readCapture(path, { unpackedMegabytes: most });
    expect(damaged).toBe(true);
    expect(document.capture.bytes).toBe(plain.length + 100);
    expect(document.traces[0].outcome).toBe('ready');
    expect(document.capture.issues).toContainEqual({
      code: 'UNPACKED_LIMIT',
      message: expect.stringMatching(/more than [\d.]+ MB.*unpackedMegabytes or --unpacked-limit/),
    });
    const { document: all } = await readCapture(path, { unpackedMegabytes: (3 * plain.length) / 1e6 });
    expect(all.capture.issues).toEqual([]);
  });

  it('that is damaged from its beginning is refused in words', async () => {
    const reading = read(extension, concat(bytes.subarray(0, 4), new Uint8Array(40).fill(0xff)));
    await expect(reading).rejects.toThrow('damaged or cut where it begins');
  });

  it('that is damaged says so and gives what came before', async () => {
    // zlib gives what it has made when half a megabyte is full: what is lost is never more.
    const many = new Uint8Array(Buffer.concat(Array.from({ length: 300 }, () => bytes)));
    many.fill(0xff, many.length - bytes.length + 60, many.length - bytes.length + 200);
    const { damaged, codes, document } = await read(extension, many);
    expect(damaged).toBe(true);
    expect(codes).toContain('COMPRESSION_DAMAGED');
    expect(document.capture.bytes).toBeGreaterThanOrEqual(299 * plain.length - (1 << 19));
    expect(document.traces[0].outcome).toBe('ready');
  });
});

it('a few bytes that unpack to very many are given up as soon as reading is cancelled', async () => {
  // Blocks of one byte repeated (RFC 8878 section 3.1.1.2.2): 4 bytes make 128 KB, here 64 GB in all.
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38);
  const block = Uint8Array.of(0x02, 0x00, 0x10, 0);
  const blocks = new Uint8Array(4 * (1 << 19));
  for (let at = 0; at < blocks.length; at += 4) blocks.set(block, at);
  const start = plain.subarray(0, 28);
  const raw = Uint8Array.of(...[0, 1, 2].map((byte) => ((start.length << 3) >> (8 * byte)) & 0xff));
  const path = join(folder, 'bomb.pcapng.zst');
  writeFileSync(path, concat(header, raw, start, blocks));
  const cancel = new AbortController();
  let pieces = 0;
  const onProgress = () => {
    // As a message of the editor's does, it comes with a turn of the event loop.
    if (pieces++ === 0) setImmediate(() => cancel.abort(new Error('cancelled')));
  };
  await expect(readCapture(path, { signal: cancel.signal, onProgress })).rejects.toThrow('cancelled');
  expect(pieces).toBeLessThan(1_000);
});
