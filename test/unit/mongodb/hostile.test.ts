/**
 * Peers that mean harm, against our client, our server and the observer: each is an error or a finding that names the byte, none a
 * crash, a hang or a large allocation.
 */
import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { Effect } from '../../../src/base/machine';
import { DriverConnection } from '../../../src/mongodb/client/client';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import { RemoteClient } from '../../../src/mongodb/server/remote-client';
import { encodeBson } from '../../../src/mongodb/wire/bson';
import { Opcode } from '../../../src/mongodb/wire/opcodes';
import { parseHeader } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg } from '../../../src/mongodb/wire/wire-build';
import { guarded } from '../../support/guard';
import { Watcher } from './observe';
import { answer, derive, makeLab, runPair, seededRandom } from './support';

/** Documents inside documents, each the only element `a` of the one around it. */
function nested(levels: number): Uint8Array {
  let inner = Uint8Array.of(5, 0, 0, 0, 0);
  for (let level = 0; level < levels; level++) {
    const length = inner.length + 8;
    const head = new DataView(new ArrayBuffer(7));
    head.setInt32(0, length, true);
    inner = concat(
      new Uint8Array(head.buffer.slice(0, 4)),
      Uint8Array.of(3, 0x61, 0),
      inner,
      Uint8Array.of(0),
    ) as never;
  }
  return inner;
}

/** OP_MSG with this body section, whatever it is. */
const msg = (body: Uint8Array): Uint8Array =>
  buildMessage(Opcode.MSG, 1, 1, concat(new Uint8Array(4), Uint8Array.of(0), body));

function withLength(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const changed = bytes.slice();
  new DataView(changed.buffer).setInt32(at, length, true);
  return changed;
}

const HELLO = buildMsg(1, 1, { hello: 1, ok: 1, maxWireVersion: 21, $db: 'admin' });
const compressed = (size: number): Uint8Array => {
  const body = new DataView(new ArrayBuffer(9));
  body.setInt32(0, Opcode.MSG, true);
  body.setInt32(4, size, true);
  body.setUint8(8, 2);
  return buildMessage(Opcode.COMPRESSED, 1, 1, concat(new Uint8Array(body.buffer), utf8Bytes('x')));
};

/** Name, bytes, and at which byte of the message what is wrong is seen. */
const PEERS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['BSON nested 1,000 deep', msg(nested(1_000)), /Nested deeper than 200 levels.*byte \d+ of/],
  ['a message of 2 GB', withLength(HELLO, 0, 0x7fff_ffff), /claims 2147483647 bytes.*byte 0 of/],
  ['a message shorter than its header', withLength(HELLO, 0, 3), /claims 3 bytes.*byte 0 of/],
  ['a negative length', withLength(HELLO, 0, -1), /claims -1 bytes.*byte 0 of/],
  ['a document longer than its message', withLength(HELLO, 21, 1_000_000), /1000000 bytes.*byte 21 of/],
  ['a document of two bytes', withLength(HELLO, 21, 2), /byte 21 of/],
  ['a string that runs over', msg(withLength(encodeBson({ a: 'b' }), 7, 0x7fff_fff0)), /byte \d+ of/],
  ['an unknown element type', msg(Uint8Array.of(8, 0, 0, 0, 0x55, 0x61, 0, 0)), /byte \d+ of/],
  ['an unknown operation', withLength(HELLO, 12, 4_711), /4711 is not an operation.*byte 12 of/],
  ['OP_COMPRESSED of 2 GB', compressed(0x7fff_ffff), /claims 2147483647 bytes.*byte 20 of/],
  ['OP_COMPRESSED that is damaged', compressed(100), /damaged or not 100 bytes.*byte 25 of/],
  ['OP_MSG without a body', buildMessage(Opcode.MSG, 1, 1, new Uint8Array(4)), /no body section.*byte 20 of/],
  ['required flags nobody knows', withLength(HELLO, 16, 0x80), /0x80.*byte 16 of/],
];

/** Held to what every hostile input is, and holds at most 16 MB. */
function bounded<T>(work: () => T): T {
  const before = process.memoryUsage().arrayBuffers;
  const result = guarded('MongoDB', 0, work);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  return result;
}

function client(): { readonly machine: DriverConnection; readonly error: () => string } {
  const machine = new DriverConnection({ user: 'u', password: 'p', random: seededRandom('client') });
  machine.handleConnected();
  const effects: Effect[] = [];
  return {
    machine,
    error: () => {
      for (let effect = machine.pollEffect(); effect; effect = machine.pollEffect()) {
        if (effect.type === 'derive') machine.handleDerived(effect.id, derive(effect));
        effects.push(effect);
      }
      return effects.flatMap((effect) => (effect.type === 'fail' ? [effect.error.message] : [])).join();
    },
  };
}

describe.each(PEERS)('%s', (_name, bytes, words) => {
  it('ends our client', () => {
    const { machine, error } = client();
    bounded(() => machine.handleBytes(bytes));
    expect(error()).toMatch(words);
    expect(machine.state).toBe('FAILED');
  });

  it('ends a connection of our server, or is refused', async () => {
    const lab = await makeLab([]);
    const server = new MongosConnection(lab.service, { remote: '127.0.0.1:1' });
    server.handleConnected();
    bounded(() => server.handleBytes(bytes));
    let said = lab.log.join('\n');
    for (let effect = server.pollEffect(); effect; effect = server.pollEffect()) {
      if (effect.type === 'write') said += Buffer.from(effect.bytes).toString('latin1');
      answer(lab, server, effect);
    }
    expect(said).toMatch(words);
  });

  it.each(['client', 'server'] as const)('is a finding, from the %s', (from) => {
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    watcher.feed({ kind: 'open', from: 'server' });
    bounded(() => watcher.bytes(from, bytes));
    const { findings, diagnosis } = watcher.finish();
    // Where nothing of the server was a message, that is the cause itself.
    if (from === 'server' && diagnosis.code === 'MONGO_NOT_MONGODB') return;
    const found = findings.find(({ code }) => code === 'MG_MALFORMED');
    expect(found?.message).toMatch(words);
    expect(found?.frames.length).toBeGreaterThan(0);
  });
});

describe('without an end', () => {
  it('a server that never ends the SASL conversation is left', () => {
    const { machine, error } = client();
    let conversation = 0;
    for (let turn = 0; turn < 1_000 && machine.state !== 'FAILED'; turn++) {
      const id = turn + 1;
      const payload = new Binary(utf8Bytes(`r=abc,s=QUJD,i=4096,x=${conversation++}`));
      machine.handleBytes(
        buildMsg(1, id, {
          ok: 1,
          ismaster: true,
          maxWireVersion: 21,
          conversationId: 1,
          done: false,
          payload,
        }),
      );
      error();
    }
    expect(machine.state).toBe('FAILED');
    expect(conversation).toBeLessThan(5);
  });

  it('a server that proves itself and still does not end it is left, at the byte that says so', async () => {
    const user = { user: 'app_user', db: 'admin', password: 'correct horse' };
    const lab = await makeLab([user]);
    let empty = 0;
    const { error, ready } = runPair(
      lab,
      { user: user.user, password: user.password },
      {
        // Whatever would end the conversation, it is said not to.
        tamper: (bytes) => {
          const changed = bytes.slice();
          const done = Buffer.from(changed).indexOf('\x08done\0', 'latin1');
          if (done >= 0) changed[done + 6] = 0;
          const header = parseHeader(bytes);
          if (done >= 0 || header.kind !== 'header' || !Buffer.from(bytes).includes('No SASL session'))
            return changed;
          empty++;
          const payload = new Binary(new Uint8Array(0));
          return buildMsg(1, header.header.responseTo, { ok: 1, conversationId: 1, done: false, payload });
        },
      },
    );
    expect([ready, empty, error?.code]).toEqual([false, 1, 'MONGO_SASL_NOT_DONE']);
    expect(error?.message).toMatch(/does not end the SASL conversation \(byte \d+ of the message\)$/);
  });

  it('a client that continues for ever is refused each time and holds nothing', async () => {
    const lab = await makeLab([]);
    const server = new MongosConnection(lab.service, { remote: '127.0.0.1:1' });
    server.handleConnected();
    let refused = 0;
    for (let turn = 0; turn < 2_000; turn++) {
      const payload = new Binary(new Uint8Array(100));
      server.handleBytes(buildMsg(turn, 0, { saslContinue: 1, conversationId: 1, payload, $db: 'admin' }));
      for (let effect = server.pollEffect(); effect; effect = server.pollEffect()) {
        if (effect.type === 'write') refused++;
      }
    }
    expect(refused).toBe(2_000);
    expect(lab.service.users.cachedUsers).toBe(0);
  });

  it('an observer of a conversation that never ends stops at a bound', () => {
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    for (let turn = 0; turn < 5_000; turn++) {
      const payload = new Binary(new Uint8Array(10));
      watcher.bytes(
        'client',
        buildMsg(turn, 0, { saslContinue: 1, conversationId: 1, payload, $db: 'admin' }),
      );
    }
    expect(watcher.finish().steps.length).toBeLessThan(500);
  });
});

describe('a reply to another request', () => {
  it('ends our client, which says which', () => {
    const { machine, error } = client();
    machine.handleBytes(buildMsg(9, 4_711, { ok: 1 }));
    expect(error()).toMatch(/message 9 answers request 4711, which was not asked \(byte 8 of the message\)/);
  });

  it('ends mongos’ connection to mongod, and what was asked is told why', () => {
    const remote = new RemoteClient({
      user: 'u',
      password: 'p',
      random: seededRandom('client'),
      connectTimeoutMs: 0,
    });
    const answers: unknown[] = [];
    remote.ask({ database: 'admin', command: { ping: 1 } }, (result) => answers.push(result));
    remote.handleConnected();
    while (remote.pollEffect());
    remote.handleBytes(buildMsg(9, 4_711, { ok: 1 }));
    while (remote.pollEffect());
    expect(JSON.stringify(answers)).toMatch(/request 4711.*byte 8 of the message/);
  });

  it('is a finding', () => {
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    watcher.bytes('client', HELLO);
    watcher.bytes('server', buildMsg(9, 4_711, { ok: 1 }));
    expect(watcher.finish().findings).toContainEqual(
      expect.objectContaining({ code: 'MG_RESPONSE_TO', message: expect.stringMatching(/4711.*byte 8 of/) }),
    );
  });
});

it('the first header is where a reader looks', () => {
  expect(parseHeader(HELLO).kind).toBe('header');
});
