/**
 * The server's half of every recorded MongoDB conversation, byte for byte, to our client: it must come to the same end as the real
 * driver did. For SCRAM it is given the driver's nonce, so that the recorded signature has to verify.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../src/auth/base64';
import { utf8 } from '../../../src/base/bytes';
import { readCapture } from '../../../src/files/read-capture';
import { LAB_PASSWORD } from '../../../src/lab/accounts';
import { DriverConnection } from '../../../src/mongodb/client/client';
import type { Mechanism } from '../../../src/mongodb/mechanisms/mechanism';
import { type Document, decodeBson } from '../../../src/mongodb/wire/bson';
import { bodyOf } from '../../../src/mongodb/wire/message-reader';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { type Conversation, captures, conversationsOf, packedCaptures } from './recorded';
import { derive } from './support';

function requestOf(bytes: Uint8Array): { readonly id: number; readonly command: Document } {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error('not a message');
  const body = bodyOf(parseMessage(bytes, result.header).value);
  const command = body ? decodeBson(bytes.subarray(body.offset, body.offset + body.length)).value : {};
  return { id: result.header.requestId, command };
}

/** The nonce of client-first-message, wherever it was sent. */
function nonceOf(requests: readonly Document[]): Uint8Array | undefined {
  for (const command of requests) {
    const { payload } = (command.speculativeAuthenticate ?? command) as { payload?: Binary };
    const nonce = payload && /r=(.*)/.exec(utf8(payload.value()))?.[1];
    if (nonce) return fromBase64(nonce);
  }
  return undefined;
}

const HANDSHAKE_REPLY = /^(hello|isMaster|getnonce|authenticate|saslStart|saslContinue) reply$/;

/** Messages up to the answer to the first command: our client sends one and stops. */
function handshakeLength(trace: Conversation['trace']): number {
  const messages = trace.steps.filter(({ layer }) => layer === 'mongodb');
  const first = messages.findIndex(
    ({ from, message }) => from === 'server' && !HANDSHAKE_REPLY.test(message),
  );
  return first < 0 ? messages.length : first + 1;
}

/** Plays the server from the recording, `chunk` bytes at a time; gives the client and its last word. */
function replay({ trace, said: all }: Conversation, password: string, chunk = Number.POSITIVE_INFINITY) {
  const said = all.slice(0, handshakeLength(trace));
  const requests = said.filter((one) => one.from === 'client').map((one) => requestOf(one.bytes));
  const replies = said.filter((one) => one.from === 'server').map((one) => one.bytes);
  const nonce = nonceOf(requests.map((one) => one.command));
  const hello = requests[0]?.command ?? {};
  const { mechanism, user } = trace.auth;
  let sent = 0;
  let delivered = 0;
  const client = new DriverConnection({
    ...(user ? { user, password } : {}),
    mechanism: hello.saslSupportedMechs || !mechanism ? undefined : (mechanism as Mechanism),
    speculative: hello.speculativeAuthenticate !== undefined,
    tls: trace.tls !== null,
    random: (length) => nonce?.slice(0, length) ?? new Uint8Array(length),
    nextRequestId: () => requests[sent]?.id ?? 0,
  });
  let end: string | undefined;
  client.handleConnected();
  for (let effect = client.pollEffect(); effect; effect = client.pollEffect()) {
    if (effect.type === 'startTls')
      client.handleTls({ ok: true, alpn: null, version: 'TLSv1.3', peerCertificate: null });
    if (effect.type === 'derive') client.handleDerived(effect.id, derive(effect));
    if (effect.type === 'ready') end = 'ready';
    if (effect.type === 'fail') end = `${effect.error.from} ${effect.error.code}`;
    if (effect.type === 'write') {
      const reply = replies[sent++];
      for (let at = 0; reply && at < reply.length; at += chunk) {
        client.handleBytes(reply.subarray(at, Math.min(reply.length, at + chunk)));
        delivered += Math.min(chunk, reply.length - at);
      }
    }
  }
  return { end, sent, replies: replies.length, delivered, state: client.state };
}

/** The password that the recorded driver was given, by the name of the recording. */
const passwordOf = (name: string): string =>
  name.includes('wrong-password') ? 'not-the-password' : LAB_PASSWORD;

/** Bytes of MongoDB messages that the server sent, as the trace counts them: not only those whose bytes were kept. */
function recordedBytes({ trace }: Conversation): number {
  const messages = trace.steps.filter(({ layer }) => layer === 'mongodb').slice(0, handshakeLength(trace));
  const steps = messages.filter(({ from }) => from === 'server');
  return steps.reduce((sum, { bytes }) => sum + bytes, 0);
}

function expectSameEnd({ trace }: Conversation, result: ReturnType<typeof replay>): void {
  if (trace.outcome === 'ready') {
    expect(result).toMatchObject({ end: 'ready', state: 'READY', sent: result.replies });
  } else if (trace.outcome === 'failed') {
    expect(result).toMatchObject({ end: `server ${trace.error?.code}`, sent: result.replies });
  } else {
    // A driver's monitor leaves after hello; ours takes that hello and asks on.
    expect(result).toMatchObject({ end: undefined, state: 'COMMAND', sent: result.replies + 1 });
  }
}

/** Conversations that came to their end here, as `capture id`. */
const replayed = new Set<string>();

describe('our client and the recorded servers', () => {
  it('has recordings of both ends', () => {
    const all = captures.flatMap(conversationsOf);
    expect(new Set(all.map(({ trace }) => trace.outcome))).toEqual(
      new Set(['ready', 'failed', 'incomplete']),
    );
  });

  describe.each(captures)('%s', (name) => {
    it.each(conversationsOf(name).map((one) => [one.trace.id, one] as const))('%s', (id, conversation) => {
      for (const chunk of [Number.POSITIVE_INFINITY, 1]) {
        const result = replay(conversation, passwordOf(name), chunk);
        expectSameEnd(conversation, result);
        // All that the server said in the recording went to the client, and nothing else.
        expect(result.delivered).toBe(recordedBytes(conversation));
      }
      replayed.add(`${name} ${id}`);
    });

    it('ends otherwise with another password', () => {
      for (const conversation of conversationsOf(name)) {
        if (conversation.trace.outcome !== 'ready') continue;
        const { end } = replay(conversation, 'something else');
        // MONGODB-CR gives the client nothing to check the server by, and a certificate needs no password.
        const oneSided = !conversation.trace.auth.mechanism?.startsWith('SCRAM-');
        expect(end).toBe(oneSided ? 'ready' : 'client SCRAM_BAD_SIGNATURE');
      }
    });
  });

  // Last, when all of them had their turn.
  it('leave out no MongoDB conversation of any fixture', async () => {
    const all = captures.flatMap((name) => conversationsOf(name).map(({ trace }) => `${name} ${trace.id}`));
    expect([...replayed].sort()).toEqual(all.sort());
    const told = readFileSync(path.join(__dirname, '../../fixtures/INDEX.tsv'), 'utf8').match(/^mongo\S+/gm);
    expect(captures).toEqual(expect.arrayContaining(told ?? []));
    for (const file of packedCaptures) {
      const { document } = await readCapture(file);
      expect(document.traces.filter(({ protocol }) => protocol === 'mongodb')).toEqual([]);
    }
    for (const name of captures) {
      for (const { trace, said } of conversationsOf(name)) {
        // One that cannot be opened cannot be replayed: it would pass unseen.
        expect([trace.outcome, said.some(({ from }) => from === 'server')]).not.toContain('encrypted');
        expect(said.some(({ from }) => from === 'server')).toBe(true);
      }
    }
  });
});
