import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../src/auth/base64';
import { parsePostgresVerifier } from '../../src/auth/postgres-verifier';
import {
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
  SCRAM_LIMITS,
} from '../../src/auth/scram';
import { ScramClient } from '../../src/auth/scram-client';
import { scramFields } from '../../src/auth/scram-fields';
import { checkRecorded } from '../../src/auth/scram-keys';
import { ScramServer } from '../../src/auth/scram-server';
import { utf8Bytes } from '../../src/base/bytes';
import { guarded } from '../support/guard';

const PARSERS = { parseClientFirst, parseServerFirst, parseClientFinal, parseServerFinal };

/** Bytes that look like SCRAM now and then: raw ones never get past the first comma. */
const message = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'n',
          'y',
          'p=',
          'n=',
          'r=abc',
          's=QQ==',
          'i=4096',
          'c=biws',
          'v=AAAA',
          'e=x',
          '',
          'm=',
          '=',
        ),
        fc.string(),
      ),
      { maxLength: 80 },
    )
    .map((parts) => utf8Bytes(parts.join(','))),
);

describe('SCRAM parsers', () => {
  it.each(Object.entries(PARSERS))('%s takes anything and stays inside it', (_name, parse) => {
    fc.assert(
      fc.property(message, (bytes) => {
        const { value } = guarded('auth', bytes.length, () => {
          const parsed = parse(bytes);
          scramFields(parsed.value);
          return parsed;
        });
        for (const { offset, length } of value.attributes) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(bytes.length);
        }
        expect(value.attributes.length).toBeLessThanOrEqual(SCRAM_LIMITS.attributes);
      }),
    );
  });

  it('are bounded in time and in what they keep', () => {
    const long = new Uint8Array(20_000_000).fill(0x2c);
    for (const parse of Object.values(PARSERS)) {
      expect(guarded('auth', long.length, () => parse(long)).issues.length).toBeLessThan(200);
    }
  });
});

describe('machines fed with anything', () => {
  it('never throw, and never accept', () => {
    fc.assert(
      fc.property(message, message, (first, second) => {
        guarded('auth', first.length + second.length, () => {
          const client = new ScramClient({ hash: 'sha256', user: 'u', nonce: 'abc' });
          client.clientFirst();
          client.handleServerFirst(first);
          client.finish(new Uint8Array(32));
          expect(client.handleServerFinal(second)).not.toBeNull();
          const server = new ScramServer({ hash: 'sha256', nonce: 'x' });
          server.handleClientFirst(first);
          expect(server.handleClientFinal(second).ok).toBe(false);
          const recorded = {
            hash: 'sha256',
            clientFirst: first,
            serverFirst: second,
            clientFinal: second,
          } as const;
          expect(checkRecorded(recorded, new Uint8Array(32)).proof).toBe(false);
        });
      }),
    );
  });

  it('text forms never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        guarded('auth', text.length, () => {
          fromBase64(text);
          parsePostgresVerifier(text);
          parsePostgresVerifier(`SCRAM-SHA-256$${text}`);
        });
      }),
    );
  });
});
