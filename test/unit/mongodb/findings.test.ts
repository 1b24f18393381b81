import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { MONGODB_SEVERITIES } from '../../../src/diagnosis/severities/mongodb';
import type { FindingCode } from '../../../src/mongodb/diagnose/findings';
import { MsgFlag, Opcode } from '../../../src/mongodb/wire/opcodes';
import { buildMessage, buildMsg } from '../../../src/mongodb/wire/wire-build';
import { ask, type Line, messageId, sasl, say, tell } from './story';

const HELLO = [ask({ hello: 1 }), say({ isWritablePrimary: true })] as const;
const START = { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: sasl('n,,n=app_user,r=abcdef') };
const CHALLENGE = { conversationId: 1, done: false, payload: sasl('r=abcdefgh,s=QUJD,i=15000') };
const PROOF = { saslContinue: 1, conversationId: 1, payload: sasl('c=biws,r=abcdefgh,p=QUJD') };

/** Conversations, made when the test runs so that the ids follow on, and what must be found in them. */
const STORIES: readonly {
  readonly name: string;
  readonly code: FindingCode;
  readonly lines: () => Line[];
}[] = [
  {
    name: 'MONGODB-CR',
    code: 'MG_CR',
    lines: () => [
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      ask({ authenticate: 1, user: 'u', nonce: 'ab', key: 'k' }),
      say({}),
    ],
  },
  {
    name: 'a proof without TLS',
    code: 'MG_CREDENTIALS_WITHOUT_TLS',
    lines: () => [ask(START), say(CHALLENGE), ask(PROOF)],
  },
  {
    name: 'PLAIN without TLS',
    code: 'MG_PLAIN_IN_THE_CLEAR',
    lines: () => [
      ask({ saslStart: 1, mechanism: 'PLAIN', payload: sasl('\0u\0p') }),
      say({ conversationId: 1, done: true, payload: sasl('') }),
    ],
  },
  {
    name: 'few iterations',
    code: 'MG_LOW_ITERATIONS',
    lines: () => [ask(START), say({ ...CHALLENGE, payload: sasl('r=abcdefgh,s=QUJD,i=100') })],
  },
  {
    name: 'success without a signature',
    code: 'MG_SERVER_SIGNATURE_MISSING',
    lines: () => [
      ask(START),
      say(CHALLENGE),
      ask(PROOF),
      say({ conversationId: 1, done: true, payload: sasl('') }),
    ],
  },
  {
    name: 'a nonce that does not continue',
    code: 'MG_NONCE_MISMATCH',
    lines: () => [ask(START), say({ ...CHALLENGE, payload: sasl('r=other,s=QUJD,i=15000') })],
  },
  {
    name: 'a nonce used twice',
    code: 'MG_NONCE_REUSED',
    lines: () => [
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      ask({ authenticate: 1, user: 'u', nonce: 'ab', key: 'k' }),
      say({ ok: 0, code: 18 }),
      ask({ authenticate: 1, user: 'u', nonce: 'ab', key: 'k' }),
    ],
  },
  {
    name: 'a nonce of the server that adds nothing',
    code: 'MG_NONCE_MISMATCH',
    lines: () => [ask(START), say({ ...CHALLENGE, payload: sasl('r=abcdef,s=QUJD,i=15000') })],
  },
  {
    name: 'a SCRAM nonce used twice',
    code: 'MG_SCRAM_NONCE_REUSED',
    lines: () => [ask(START), say(CHALLENGE), ask(PROOF), say({ ok: 0, code: 18 }), ask(START)],
  },
  {
    name: 'a mixed up conversation',
    code: 'MG_CONVERSATION_ID',
    lines: () => [ask(START), say(CHALLENGE), ask({ ...PROOF, conversationId: 7 })],
  },
  {
    name: 'an answer to nobody',
    code: 'MG_RESPONSE_TO',
    lines: () => [...HELLO, ['server', buildMsg(1, 4711, { ok: 1 })]],
  },
  {
    name: 'compression',
    code: 'MG_COMPRESSED_UNREAD',
    lines: () => [
      [
        'client',
        buildMessage(Opcode.COMPRESSED, messageId(), 0, Uint8Array.of(0xdd, 7, 0, 0, 9, 0, 0, 0, 1, 0)),
      ],
    ],
  },
  { name: 'damage', code: 'MG_MALFORMED', lines: () => [['client', utf8Bytes('this is no message at all')]] },
  {
    name: 'a retired opcode',
    code: 'MG_RETIRED_OPCODE',
    lines: () => [['client', buildMessage(Opcode.INSERT, messageId(), 0, new Uint8Array(20))]],
  },
  {
    name: 'a second login asked for',
    code: 'MG_REAUTHENTICATION',
    lines: () => [ask({ find: 'c' }), say({}), ask({ find: 'c' }), say({ ok: 0, code: 391 })],
  },
];

describe('findings', () => {
  it.each(STORIES)('$name: $code', ({ code, lines }) => {
    const trace = tell(lines()).finish();
    const finding = trace.findings.find((found) => found.code === code);
    expect(finding).toBeDefined();
    expect(finding?.message).not.toContain('%');
    expect(finding?.frames.length).toBeGreaterThan(0);
    expect(finding?.severity).toBe(MONGODB_SEVERITIES[code]);
  });

  it('are all told by a story', () => {
    const elsewhere = ['MG_CAPTURE_STARTS_LATE', 'MG_GAP', 'MG_CLIENT_CERTIFICATE'];
    const told = new Set<string>([...STORIES.map((story) => story.code), ...elsewhere]);
    expect(Object.keys(MONGODB_SEVERITIES).filter((code) => !told.has(code))).toEqual([]);
  });

  it('say that a capture starts late', () => {
    const trace = tell([ask({ find: 'c' }), say({ cursor: {} })], true).finish();
    expect(trace.findings.map((finding) => finding.code)).toEqual(['MG_CAPTURE_STARTS_LATE']);
    expect(trace.auth.mechanism).toBeNull();
    expect(trace.outcome).toBe('ready');
  });

  it('take a nonce whose speculation was not answered for unused', () => {
    const speculation = { hello: 1, speculativeAuthenticate: { ...START, db: 'admin' } };
    const trace = tell([
      ask(speculation),
      say({ isWritablePrimary: true }),
      ask(START),
      say(CHALLENGE),
    ]).finish();
    expect(trace.findings).toEqual([]);
  });

  it('have nothing to say about a quiet conversation', () => {
    expect(tell([...HELLO, ask({ ping: 1 }), say({})]).finish().findings).toEqual([]);
  });
});

describe('replies that come by themselves', () => {
  it('belong to the hello that allowed them', () => {
    const watcher = tell([
      [
        'client',
        buildMsg(1, 0, { hello: 1, topologyVersion: {}, $db: 'admin' }, { flags: MsgFlag.EXHAUST_ALLOWED }),
      ],
      ['server', buildMsg(10, 1, { isWritablePrimary: true, ok: 1 }, { flags: MsgFlag.MORE_TO_COME })],
      ['server', buildMsg(11, 10, { isWritablePrimary: true, ok: 1 }, { flags: MsgFlag.MORE_TO_COME })],
    ]);
    const trace = watcher.finish();
    expect(trace.steps.map((step) => step.message)).toEqual([
      'SYN',
      'SYN+ACK',
      'hello',
      'hello reply',
      'hello reply',
    ]);
    expect(trace.findings).toEqual([]);
  });

  it('and a long message costs only its beginning', () => {
    const big = buildMsg(1, 0, { insert: 'c', filler: 'x'.repeat(300_000), $db: 'app' });
    const watcher = tell([
      ['client', big],
      ['server', buildMsg(9, 1, { ok: 1 })],
    ]);
    const trace = watcher.finish();
    expect(trace.steps.slice(2).map((step) => [step.message, step.bytes])).toEqual([
      ['insert', big.length],
      ['insert reply', expect.any(Number)],
    ]);
    expect(watcher.observer.trace.data[2]?.length).toBeLessThan(10_000);
  });
});
