import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { LIMITS } from '../../../src/postgres/constants';
import { frameStartup, frameTyped } from '../../../src/postgres/messages/frame';
import { parseBackend } from '../../../src/postgres/messages/message-backend';
import { buildBackend, buildFrontend } from '../../../src/postgres/messages/message-build';
import {
  type AuthContext,
  parseFrontend,
  parseStartupPacket,
} from '../../../src/postgres/messages/message-frontend';
import type { BackendMessage, FrontendMessage } from '../../../src/postgres/messages/message-types';
import type { Field } from '../../../src/trace/model';

const WIDE = { min: 4, max: 1 << 20 };
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'));
const word = text.filter((value) => value !== '');
const bytes = fc.uint8Array({ maxLength: 60 });
const int32 = fc.integer();
const int16 = fc.integer({ min: -32768, max: 32767 });
const version = fc.record({ major: fc.constant(3), minor: fc.nat(9999) });
const fields = fc.array(fc.tuple(fc.constantFrom('S', 'V', 'C', 'M', 'D', 'H', 'R', 'x'), text), {
  maxLength: 8,
});

const startup: fc.Arbitrary<FrontendMessage> = fc.oneof(
  fc.record({
    name: fc.constant('StartupMessage' as const),
    version,
    parameters: fc.array(fc.tuple(word, text), { maxLength: 8 }),
  }),
  fc.constantFrom<FrontendMessage>({ name: 'SSLRequest' }, { name: 'GSSENCRequest' }),
  fc.record({
    name: fc.constant('CancelRequest' as const),
    processId: int32,
    secretKey: fc.uint8Array({ minLength: 1, maxLength: 256 }),
  }),
);

const typed: readonly (readonly [AuthContext, fc.Arbitrary<FrontendMessage>])[] = [
  ['password', fc.record({ name: fc.constant('PasswordMessage' as const), password: text })],
  [
    'sasl-initial',
    fc.record({
      name: fc.constant('SASLInitialResponse' as const),
      mechanism: text,
      response: fc.option(bytes, { nil: null }),
    }),
  ],
  ['sasl', fc.record({ name: fc.constant('SASLResponse' as const), data: bytes })],
  ['gss', fc.record({ name: fc.constant('GSSResponse' as const), data: bytes })],
  ['password', fc.record({ name: fc.constant('Query' as const), sql: text })],
  ['password', fc.constant<FrontendMessage>({ name: 'Terminate' })],
  [
    'password',
    fc.record({
      name: fc.constant('Other' as const),
      type: fc.constant('P'),
      title: fc.constant('Parse'),
      body: bytes,
    }),
  ],
];

const column = fc.record({
  name: text,
  tableOid: int32,
  attribute: int16,
  typeOid: int32,
  typeSize: int16,
  typeModifier: int32,
  format: int16,
});

const backend: fc.Arbitrary<BackendMessage> = fc.oneof(
  fc.constantFrom<BackendMessage>(
    { name: 'AuthenticationOk' },
    { name: 'AuthenticationKerberosV5' },
    { name: 'AuthenticationCleartextPassword' },
    { name: 'AuthenticationGSS' },
    { name: 'AuthenticationSSPI' },
    { name: 'EmptyQueryResponse' },
  ),
  fc.record({
    name: fc.constant('AuthenticationMD5Password' as const),
    salt: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
  fc.record({ name: fc.constant('AuthenticationGSSContinue' as const), data: bytes }),
  fc.record({
    name: fc.constant('AuthenticationSASL' as const),
    mechanisms: fc.array(word, { maxLength: 4 }),
  }),
  fc.record({ name: fc.constant('AuthenticationSASLContinue' as const), data: bytes }),
  fc.record({ name: fc.constant('AuthenticationSASLFinal' as const), data: bytes }),
  fc.record({
    name: fc.constant('AuthenticationUnknown' as const),
    code: fc.constantFrom(1, 4, 6, 13, -1),
    data: bytes,
  }),
  fc.record({
    name: fc.constant('NegotiateProtocolVersion' as const),
    version,
    options: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({ name: fc.constant('ErrorResponse' as const), fields }),
  fc.record({ name: fc.constant('NoticeResponse' as const), fields }),
  fc.record({ name: fc.constant('ParameterStatus' as const), parameter: text, value: text }),
  fc.record({
    name: fc.constant('BackendKeyData' as const),
    processId: int32,
    secretKey: fc.uint8Array({ maxLength: 256 }),
  }),
  fc.record({
    name: fc.constant('ReadyForQuery' as const),
    status: fc.constantFrom('I' as const, 'T' as const, 'E' as const),
  }),
  fc.record({ name: fc.constant('RowDescription' as const), columns: fc.array(column, { maxLength: 4 }) }),
  fc.record({
    name: fc.constant('DataRow' as const),
    values: fc.array(fc.option(bytes, { nil: null }), { maxLength: 4 }),
  }),
  fc.record({ name: fc.constant('CommandComplete' as const), tag: text }),
  fc.record({
    name: fc.constant('Other' as const),
    type: fc.constant('A'),
    title: fc.constant('NotificationResponse'),
    body: bytes,
  }),
);

/** Each field lies inside the message, and its own fields inside it. */
function checkPlaces(list: readonly Field[], from: number, to: number): void {
  for (const field of list) {
    const { offset = from, length = 0 } = field;
    expect(offset, field.name).toBeGreaterThanOrEqual(from);
    expect(offset + length, field.name).toBeLessThanOrEqual(to);
    if (field.fields) checkPlaces(field.fields, offset, offset + length);
  }
}

describe('messages', () => {
  it('parses what it built: packets without a type byte', () => {
    fc.assert(
      fc.property(startup, bytes, (message, trailing) => {
        const built = buildFrontend(message);
        expect(frameStartup(concat(built, trailing))).toEqual({ kind: 'frame', length: built.length });
        for (let cut = 0; cut < built.length; cut++) {
          expect(frameStartup(built.subarray(0, cut)).kind).toBe('more');
        }
        const decoded = parseStartupPacket(built);
        expect(decoded.value).toEqual(message);
        expect(decoded.issues).toEqual([]);
        checkPlaces(decoded.fields, 0, built.length);
      }),
      { numRuns: 60 },
    );
  });

  it.each(typed)('parses what it built: %s', (context, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, bytes, (message, trailing) => {
        const built = buildFrontend(message);
        expect(frameTyped(concat(built, trailing), WIDE)).toEqual({ kind: 'frame', length: built.length });
        const decoded = parseFrontend(built, context);
        expect(decoded.value).toEqual(message);
        checkPlaces(decoded.fields, 0, built.length);
      }),
      { numRuns: 60 },
    );
  });

  it('parses what it built: messages of the server', () => {
    fc.assert(
      fc.property(backend, bytes, (message, trailing) => {
        const built = buildBackend(message);
        expect(frameTyped(concat(built, trailing), WIDE)).toEqual({ kind: 'frame', length: built.length });
        for (let cut = 0; cut < built.length; cut++) {
          expect(frameTyped(built.subarray(0, cut), WIDE).kind).toBe('more');
        }
        const decoded = parseBackend(built);
        expect(decoded.value).toEqual(message);
        expect(decoded.issues).toEqual([]);
        checkPlaces(decoded.fields, 0, built.length);
      }),
      { numRuns: 300 },
    );
  });

  it('masks passwords, salts, tokens and cancel keys', () => {
    const secrets = (list: readonly Field[]): string[] =>
      list.filter((field) => field.secret).map((field) => field.name);
    const sent: FrontendMessage = { name: 'PasswordMessage', password: 'x' };
    expect(secrets(parseFrontend(buildFrontend(sent), 'password').fields)).toEqual(['password']);
    const first = utf8Bytes('n,,n=,r=abcdef');
    const initial: FrontendMessage = {
      name: 'SASLInitialResponse',
      mechanism: 'SCRAM-SHA-256',
      response: first,
    };
    const { fields: parts } = parseFrontend(buildFrontend(initial), 'sasl-initial');
    expect(secrets(parts)).toEqual(['initial response']);
    expect(secrets(parts.find((field) => field.fields)?.fields ?? [])).toEqual(['nonce (r)']);
    const cancel: FrontendMessage = {
      name: 'CancelRequest',
      processId: 1,
      secretKey: Uint8Array.of(1, 2, 3, 4),
    };
    expect(secrets(parseStartupPacket(buildFrontend(cancel)).fields)).toEqual(['secret key']);
    const key: BackendMessage = {
      name: 'BackendKeyData',
      processId: 1,
      secretKey: Uint8Array.of(1, 2, 3, 4),
    };
    expect(secrets(parseBackend(buildBackend(key)).fields)).toEqual(['secret key']);
    const salt: BackendMessage = { name: 'AuthenticationMD5Password', salt: Uint8Array.of(1, 2, 3, 4) };
    expect(secrets(parseBackend(buildBackend(salt)).fields)).toEqual(['salt']);
  });

  it.each([
    ['3', 3],
    ['7', 7],
    ['10,005', 10_005],
    ['a negative number', -1],
  ])('refuses a startup packet whose length word says %s', (_, length) => {
    const packet = Uint8Array.of(
      length >>> 24,
      (length >>> 16) & 255,
      (length >>> 8) & 255,
      length & 255,
      0,
      3,
      0,
      0,
    );
    expect(frameStartup(packet).kind).toBe('bad');
  });

  it('takes the longest and shortest startup packet the backend takes', () => {
    for (const body of [LIMITS.startupBody.min, LIMITS.startupBody.max]) {
      const packet = new Uint8Array(body + 4);
      new DataView(packet.buffer).setInt32(0, body + 4);
      expect(frameStartup(packet)).toEqual({ kind: 'frame', length: body + 4 });
    }
  });

  it.each<[string, Uint8Array]>([
    ['no terminator', Uint8Array.of(0, 0, 0, 15, 0, 3, 0, 0, 0x75, 0, 0x61, 0, 0x62, 0, 0x63)],
    ['a name without a value', Uint8Array.of(0, 0, 0, 11, 0, 3, 0, 0, 0x75, 0, 0)],
    ['bytes after the terminator', Uint8Array.of(0, 0, 0, 11, 0, 3, 0, 0, 0, 0, 0)],
  ])('reports a StartupMessage with %s, and shows what was understood', (_, packet) => {
    const decoded = parseStartupPacket(packet);
    expect(decoded.value).toBeNull();
    expect(decoded.issues).toHaveLength(1);
    expect(decoded.fields.length).toBeGreaterThanOrEqual(2);
  });

  it.each<[string, Uint8Array]>([
    ['SASLInitialResponse with a length past its end', Uint8Array.of(0x70, 0, 0, 0, 10, 0x41, 0, 0, 0, 0, 9)],
    [
      'SASLInitialResponse with a negative length',
      Uint8Array.of(0x70, 0, 0, 0, 10, 0x41, 0, 255, 255, 255, 0),
    ],
  ])('reports %s', (_, frame) => {
    expect(parseFrontend(frame, 'sasl-initial').value).toBeNull();
  });

  it.each<[string, number[]]>([
    ['an authentication request without its code', [0x52, 0, 0, 0, 6, 0, 0]],
    ['a salt of two bytes', [0x52, 0, 0, 0, 10, 0, 0, 0, 5, 1, 2]],
    ['an error without a terminator', [0x45, 0, 0, 0, 7, 0x53, 0x58, 0]],
    ['more options announced than sent', [0x76, 0, 0, 0, 12, 0, 3, 0, 0, 0, 0, 0, 9]],
    ['a negative number of columns', [0x54, 0, 0, 0, 7, 255, 255, 1]],
    ['an unknown transaction status', [0x5a, 0, 0, 0, 5, 0x58]],
  ])('reports %s', (_, frame) => {
    const decoded = parseBackend(Uint8Array.from(frame));
    expect(decoded.value).toBeNull();
    expect(decoded.issues).toHaveLength(1);
  });
});
