/**
 * The server's half of every recorded MongoDB conversation, byte for byte, to our client: it must come to the same end as the real
 * driver did. For SCRAM it is given the driver's nonce, so that the recorded signature has to verify.
 */
import type { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../src/auth/base64';
import { utf8 } from '../../../src/base/bytes';
import { LAB_PASSWORD } from '../../../src/lab/accounts';
import { type Document, decodeBson } from '../../../src/mongodb/bson';
import { DriverConnection } from '../../../src/mongodb/client';
import type { Mechanism } from '../../../src/mongodb/mechanisms/mechanism';
import { bodyOf } from '../../../src/mongodb/message-reader';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire';
import { type Conversation, captures, conversationsOf } from './recorded';
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

/** Plays the server from the recording; gives the client and its last word. */
function replay({ trace, said }: Conversation, password: string) {
  const requests = said.filter((one) => one.from === 'client').map((one) => requestOf(one.bytes));
  const replies = said.filter((one) => one.from === 'server').map((one) => one.bytes);
  const nonce = nonceOf(requests.map((one) => one.command));
  const hello = requests[0]?.command ?? {};
  const { mechanism, user } = trace.auth;
  let sent = 0;
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
      if (reply) client.handleBytes(reply);
    }
  }
  return { end, sent, replies: replies.length, state: client.state };
}

/** The password that the recorded driver was given, by the name of the recording. */
const passwordOf = (name: string): string =>
  name.includes('wrong-password') ? 'not-the-password' : LAB_PASSWORD;

describe('our client and the recorded servers', () => {
  it('has recordings of both ends', () => {
    const all = captures.flatMap(conversationsOf);
    expect(new Set(all.map(({ trace }) => trace.outcome))).toEqual(
      new Set(['ready', 'failed', 'incomplete']),
    );
  });

  describe.each(captures)('%s', (name) => {
    it.each(conversationsOf(name).map((one) => [one.trace.id, one] as const))('%s', (_id, conversation) => {
      const { trace } = conversation;
      const result = replay(conversation, passwordOf(name));
      if (trace.outcome === 'ready') {
        expect(result).toMatchObject({ end: 'ready', state: 'READY', sent: result.replies });
      } else if (trace.outcome === 'failed') {
        expect(result).toMatchObject({ end: `server ${trace.error?.code}`, sent: result.replies });
      } else {
        // A driver's monitor leaves after hello; ours takes that hello and asks on.
        expect(result).toMatchObject({ end: undefined, state: 'COMMAND', sent: result.replies + 1 });
      }
    });

    it('ends otherwise with another password', () => {
      for (const conversation of conversationsOf(name)) {
        if (conversation.trace.outcome !== 'ready') continue;
        const { end } = replay(conversation, 'something else');
        // MONGODB-CR gives the client nothing to check the server by.
        const oneSided = conversation.trace.auth.mechanism === 'MONGODB-CR';
        expect(end).toBe(oneSided ? 'ready' : 'client SCRAM_BAD_SIGNATURE');
      }
    });
  });
});
