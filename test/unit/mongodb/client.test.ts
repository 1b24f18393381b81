import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../src/auth/base64';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import type { Effect } from '../../../src/base/machine';
import { DriverConnection } from '../../../src/mongodb/client/client';
import type { DriverOptions } from '../../../src/mongodb/client/client-options';
import type { Document } from '../../../src/mongodb/wire/bson';
import { walkBson } from '../../../src/mongodb/wire/bson-span';
import { BsonView } from '../../../src/mongodb/wire/bson-value';
import { Opcode } from '../../../src/mongodb/wire/opcodes';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg, buildReply } from '../../../src/mongodb/wire/wire-build';
import { derive, seededRandom } from './support';

const HELLO = { ismaster: true, minWireVersion: 0, maxWireVersion: 21, ok: 1 };

/** A client whose server is the test: `ask` gives what it sent, `reply` answers it. */
class Scripted {
  readonly client: DriverConnection;
  readonly effects: Effect[] = [];
  requestId = 0;

  constructor(options: Partial<DriverOptions> = {}, nonce?: string) {
    const fixed = nonce === undefined ? undefined : fromBase64(nonce);
    this.client = new DriverConnection({
      user: 'user',
      password: 'pencil',
      authSource: 'test',
      speculative: false,
      random: fixed ? () => fixed : seededRandom('client'),
      ...options,
    });
    this.client.handleConnected();
  }

  /** The command that the client sent last. */
  ask(): BsonView & { readonly opcode: number } {
    let command: (BsonView & { readonly opcode: number }) | undefined;
    for (let effect = this.client.pollEffect(); effect; effect = this.client.pollEffect()) {
      this.effects.push(effect);
      if (effect.type === 'derive') this.client.handleDerived(effect.id, derive(effect));
      if (effect.type !== 'write') continue;
      const result = parseHeader(effect.bytes);
      if (result.kind !== 'header') throw new Error('no header');
      const { value } = parseMessage(effect.bytes, result.header);
      if (value.kind !== 'query' && value.kind !== 'msg') throw new Error(value.kind);
      this.requestId = value.header.requestId;
      const view = BsonView.of(effect.bytes, value.document);
      command = Object.assign(view, { opcode: value.header.opcode });
    }
    if (!command) throw new Error(`nothing was asked: ${JSON.stringify(this.error)}`);
    return command;
  }

  reply(document: Document): void {
    this.client.handleBytes(buildMsg(100, this.requestId, document));
  }

  get error(): Extract<Effect, { type: 'fail' }>['error'] | undefined {
    for (let effect = this.client.pollEffect(); effect; effect = this.client.pollEffect())
      this.effects.push(effect);
    return this.effects.find((effect) => effect.type === 'fail')?.error;
  }

  get ready(): boolean {
    void this.error;
    return this.effects.some((effect) => effect.type === 'ready');
  }
}

function sasl(payload: string, more: Document = {}): Document {
  return { conversationId: 1, done: false, payload: new Binary(utf8Bytes(payload)), ok: 1, ...more };
}

/** The conversations that the driver authentication specification prints for user "user" and password "pencil". */
const SPECIFIED = {
  'SCRAM-SHA-1': {
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    challenge:
      'r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000',
    final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,p=MC2T8BvbmWRckDw8oWl5IVghwCY=',
    signature: 'v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0=',
  },
  'SCRAM-SHA-256': {
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    final:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
} as const;

describe('the conversations of the specification', () => {
  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const)('%s', (mechanism) => {
    const vector = SPECIFIED[mechanism];
    const script = new Scripted({ mechanism }, vector.nonce);
    expect(script.ask().opcode).toBe(Opcode.QUERY);
    script.reply(HELLO);
    const start = script.ask();
    expect(start.opcode).toBe(Opcode.MSG);
    expect(start.string('$db')).toBe('test');
    expect(utf8(start.binary('payload') ?? new Uint8Array())).toBe(vector.first);
    script.reply(sasl(vector.challenge));
    const proof = script.ask();
    expect(utf8(proof.binary('payload') ?? new Uint8Array())).toBe(vector.final);
    expect(proof.number('conversationId')).toBe(1);
    // Without skipEmptyExchange the server wants one more, empty message.
    script.reply(sasl(vector.signature));
    expect(script.ask().binary('payload')).toHaveLength(0);
    script.reply(sasl('', { done: true }));
    expect(script.ask().firstName).toBe('ping');
    script.reply({ ok: 1 });
    expect(script.ready).toBe(true);
  });

  it('MONGODB-CR', () => {
    const script = new Scripted({ mechanism: 'MONGODB-CR' });
    script.ask();
    script.reply({ ...HELLO, maxWireVersion: 2 });
    expect(script.ask()).toMatchObject({ firstName: 'getnonce', opcode: Opcode.QUERY });
    script.reply({ nonce: '2375531c32080ae8', ok: 1 });
    const command = script.ask();
    expect(command.string('user')).toBe('user');
    expect(command.string('nonce')).toBe('2375531c32080ae8');
    expect(command.string('key')).toBe('21742f26431831d5cfca035a08c5bdf6');
  });
});

describe('a driver that is lied to', () => {
  const vector = SPECIFIED['SCRAM-SHA-256'];

  function challenged(): Scripted {
    const script = new Scripted({ mechanism: 'SCRAM-SHA-256' }, vector.nonce);
    script.ask();
    script.reply(HELLO);
    script.ask();
    return script;
  }

  it.each([
    ['few iterations', vector.challenge.replace('i=4096', 'i=4095'), 'SCRAM_BAD_ITERATIONS'],
    ['endless iterations', vector.challenge.replace('i=4096', 'i=2000000000'), 'SCRAM_BAD_ITERATIONS'],
    ['a foreign nonce', vector.challenge.replace('r=rOpr', 'r=XXXX'), 'SCRAM_NONCE_MISMATCH'],
    ['its own nonce only', `r=${vector.nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, 'SCRAM_NONCE_MISMATCH'],
    ['nonsense', 'hello', 'SCRAM_MALFORMED'],
  ])('refuses %s', (_name, challenge, code) => {
    const script = challenged();
    script.reply(sasl(challenge));
    expect(script.error?.code).toBe(code);
    expect(script.client.state).toBe('FAILED');
    expect(script.effects.at(-1)).toEqual({ type: 'close' });
  });

  it('refuses a wrong signature', () => {
    const script = challenged();
    script.reply(sasl(vector.challenge));
    script.ask();
    script.reply(sasl(`v=${'A'.repeat(43)}=`, { done: true }));
    expect(script.error).toMatchObject({ from: 'client', code: 'SCRAM_BAD_SIGNATURE' });
  });

  it('refuses a success without a signature', () => {
    const script = challenged();
    script.reply(sasl('', { done: true }));
    expect(script.error?.code).toBe('MONGO_SASL_SKIPPED');
  });

  it('refuses another conversation', () => {
    const script = challenged();
    script.reply(sasl(vector.challenge));
    script.ask();
    script.reply(sasl(vector.signature, { conversationId: 2 }));
    expect(script.error?.code).toBe('MONGO_CONVERSATION_ID');
  });

  it('does not go on for ever', () => {
    const script = challenged();
    script.reply(sasl(vector.challenge));
    script.ask();
    script.reply(sasl(vector.signature));
    script.ask();
    script.reply(sasl(''));
    expect(script.error?.code).toBe('MONGO_SASL_NOT_DONE');
  });

  it('refuses an answer to another request', () => {
    const script = challenged();
    script.client.handleBytes(buildMsg(1, 999, { ok: 1 }));
    expect(script.error).toMatchObject({ code: 'MONGO_RESPONSE_TO', got: 'responseTo 999' });
  });

  it.each([
    ['HTTP', utf8Bytes('HTTP/1.1 400 Bad Request\r\n\r\n'), 'MONGO_BAD_LENGTH'],
    ['an unknown opcode', buildMessage(77, 1, 1, new Uint8Array(4)), 'MONGO_BAD_OPCODE'],
    [
      'a huge message',
      buildMessage(Opcode.REPLY, 1, 1, new Uint8Array(2 << 20)).subarray(0, 100),
      'MONGO_TOO_LONG',
    ],
    [
      'a compressed answer that is damaged',
      buildMessage(Opcode.COMPRESSED, 1, 1, new Uint8Array(20)),
      'MONGO_COMPRESSED',
    ],
  ])('refuses %s', (_name, bytes, code) => {
    const script = new Scripted();
    script.ask();
    script.client.handleBytes(bytes);
    expect(script.error?.code).toBe(code);
  });

  it('reports a failed query in the words of the server', () => {
    const script = new Scripted();
    script.ask();
    script.client.handleBytes(buildReply(1, 1, { $err: 'not today', code: 13 }, 2));
    expect(script.error).toMatchObject({ from: 'server', code: '13' });
    expect(script.error?.message).toContain('not today');
  });

  it('names the step that ran out of time, or in which the server went', () => {
    const late = new Scripted();
    late.ask();
    const timer = late.effects.find((effect) => effect.type === 'timer');
    late.client.handleTimer(timer?.id ?? '');
    expect(late.error).toMatchObject({ code: 'MONGO_TIMEOUT' });
    expect(late.error?.message).toContain('isMaster');

    const gone = new Scripted({ mechanism: 'MONGODB-CR' });
    gone.ask();
    gone.reply(HELLO);
    gone.ask();
    gone.client.handleClosed();
    expect(gone.error?.message).toContain('before it answered getnonce');
  });

  it('takes its answers byte by byte, and leaves surplus alone', () => {
    const script = new Scripted({ user: undefined });
    script.ask();
    for (const byte of buildReply(5, script.requestId, HELLO)) script.client.handleBytes(Uint8Array.of(byte));
    script.ask();
    script.client.handleBytes(
      new Uint8Array([...buildMsg(6, script.requestId, { ok: 1 }), ...buildMsg(7, 0, { ok: 1 })]),
    );
    expect(script.ready).toBe(true);
    expect(script.error).toBeUndefined();
  });
});

describe('replicaSet', () => {
  it.each([
    ['the set of that name', { setName: 'rs0', secondary: true, ismaster: false }, undefined],
    ['another set', { setName: 'rs1' }, /a member of the replica set rs1, .* replicaSet=rs0\. Correct/],
    ['no set', {}, /no member of a replica set, .* replicaSet=rs0\. Leave/],
  ])('%s', (_name, more, refusal) => {
    const script = new Scripted({ user: undefined, replicaSet: 'rs0' });
    script.ask();
    script.reply({ ...HELLO, ...more });
    if (refusal === undefined) {
      expect(script.ask().firstName).toBe('listDatabases');
      expect(script.client.members).toEqual([]);
    } else {
      expect(script.error).toMatchObject({ from: 'client', code: 'MONGO_REPLICA_SET', expected: 'rs0' });
      expect(script.error?.message).toMatch(refusal);
    }
  });
});

it('the members of a set are those that the server names, however many', () => {
  const script = new Scripted({ user: undefined });
  script.ask();
  const hosts = Array.from({ length: 60 }, (_, at) => `db${at}:27017`);
  script.reply({ ...HELLO, setName: 'rs0', hosts: hosts.slice(0, 2), passives: hosts.slice(2) });
  expect(script.client.members).toEqual(hosts.slice(0, 50));
});

describe('what a driver sends first', () => {
  it('describes itself, asks for mechanisms and speculates', () => {
    const hello = new Scripted({ speculative: true, appName: 'shop' }).ask();
    expect(hello.document('client')?.document('application')?.string('name')).toBe('shop');
    expect(hello.string('saslSupportedMechs')).toBe('test.user');
    const inner = hello.document('speculativeAuthenticate');
    expect(inner?.string('mechanism')).toBe('SCRAM-SHA-256');
    expect(inner?.string('db')).toBe('test');
  });

  it('authenticates with X.509 on $external', () => {
    const hello = new Scripted({ mechanism: 'MONGODB-X509', user: undefined, speculative: true }).ask();
    expect(hello.document('speculativeAuthenticate')?.string('db')).toBe('$external');
    expect(hello.has('saslSupportedMechs')).toBe(false);
    expect(walkBson(hello.bytes, 16 + 4 + 'admin.$cmd'.length + 1 + 8).issues).toEqual([]);
  });
});
