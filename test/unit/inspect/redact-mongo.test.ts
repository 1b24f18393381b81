import { describe, expect, it } from 'vitest';
import { redactMongo } from '../../../src/inspect/redaction/mongodb';
import { Names } from '../../../src/inspect/redaction/names';
import { pack } from '../../../src/mongodb/wire/compression';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';

function redacted(bytes: Uint8Array, fromServer = false): Uint8Array {
  const copy = bytes.slice();
  redactMongo(copy, new Names(), fromServer);
  return copy;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('redactMongo', () => {
  it('keeps what a message is and how long, and takes names and payloads out', () => {
    const bytes = buildMsg(7, 0, {
      find: 'customers',
      filter: { city: 'somewhere', payload: 'x' },
      $db: 'shop',
      lsid: { id: 5 },
    });
    const after = redacted(bytes);
    expect(after.length).toBe(bytes.length);
    for (const word of ['customers', 'somewhere', 'shop']) expect(text(after)).not.toContain(word);
    const header = parseHeader(after);
    expect(header.kind).toBe('header');
    if (header.kind === 'header') expect(parseMessage(after, header.header).issues).toEqual([]);
    expect(text(after)).toContain('find');
  });

  it('keeps the databases that every MongoDB has, and mechanisms', () => {
    const bytes = buildMsg(7, 0, { saslStart: 1, mechanism: 'SCRAM-SHA-256', $db: 'admin' });
    expect(redacted(bytes)).toEqual(bytes);
  });

  it('replaces names in the sentences of errors', () => {
    const bytes = buildMsg(8, 7, { ok: 0, errmsg: 'Could not find user "somebody" for db "shop"', code: 11 });
    const after = text(redacted(bytes, true));
    expect(after).toContain('Could not find user "');
    expect(after).not.toMatch(/somebody|shop/);
  });

  it.each(['zlib', 'zstd', 'snappy'] as const)(
    'keeps a message packed with %s only if it tells nothing',
    (how) => {
      const ping = pack(buildMsg(7, 0, { ping: 1, $db: 'admin' }), how);
      expect(redacted(ping)).toEqual(ping);
      const find = pack(buildMsg(7, 0, { find: 'customers', $db: 'shop' }), how);
      expect(text(redacted(find))).not.toMatch(/customers|shop/);
      expect(redacted(find).subarray(0, 16)).toEqual(find.subarray(0, 16));
    },
  );
});
