import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { parseBackend } from '../../../src/postgres/messages/message-backend';
import { silentName } from '../../../src/postgres/messages/silent';

const SILENT = ['ParameterStatus', 'BackendKeyData', 'NoticeResponse'];

function frame(type: string, body: Uint8Array): Uint8Array {
  const length = Uint8Array.of(0, 0, 0, body.length + 4);
  return concat(utf8Bytes(type), length, body);
}

describe('messages that say nothing to the connection', () => {
  it.each([
    ['S', 'TimeZone\0UTC\0', 'ParameterStatus'],
    ['S', '\0\0', 'ParameterStatus'],
    ['S', 'TimeZone\0UTC', undefined],
    ['S', 'TimeZone\0UTC\0\0', undefined],
    ['S', 'TimeZone\0', undefined],
    ['K', 'abcdefgh', 'BackendKeyData'],
    ['K', 'abc', undefined],
    ['N', 'SNOTICE\0\0', 'NoticeResponse'],
    ['N', '\0', 'NoticeResponse'],
    ['N', 'SNOTICE\0', undefined],
    ['N', 'SNOTICE\0\0x', undefined],
    ['E', 'SFATAL\0\0', undefined],
    ['Z', 'I', undefined],
  ])('%s %j is %s', (type, body, name) => {
    const bytes = concat(utf8Bytes('before'), frame(type, utf8Bytes(body)), utf8Bytes('behind'));
    expect(silentName(bytes, 6, bytes.length - 6)).toBe(name);
  });

  it('are those that the parser takes', () => {
    const byte = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 255 }));
    const body = fc.array(byte, { maxLength: 20 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.constantFrom('S', 'K', 'N', 'E', 'R', 'Z'), body, (type, content) => {
        const message = frame(type, content);
        const { value } = parseBackend(message);
        const name = value !== null && SILENT.includes(value.name) ? value.name : undefined;
        expect(silentName(message, 0, message.length)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });
});
