/** A user that does not exist, beside one whose password is wrong: the same answers, and the same work behind them. No clock is asked. */
import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../../src/auth/base64';
import { mongoCrKey } from '../../../src/auth/mongodb-cr';
import { utf8Bytes } from '../../../src/base/bytes';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import type { Document } from '../../../src/mongodb/wire/bson';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';
import { documentOf } from './peer';
import { answer, type Lab, makeLab } from './support';

const KNOWN = { user: 'app_user', db: 'admin', password: 'correct horse' };
const NAMES = ['app_user', 'some_one'];

/** A client, and what its messages make the server do. */
class Client {
  readonly #server: MongosConnection;
  /** By message: the answer, and every effect but the notes, by kind and size. */
  readonly seen: unknown[] = [];
  #nonce = '';
  #id = 0;

  constructor(
    private readonly lab: Lab,
    private readonly user: string,
  ) {
    this.#server = new MongosConnection(lab.service, { remote: '127.0.0.1:1' });
    this.#server.handleConnected();
    this.#drain();
  }

  #drain(): { readonly work: unknown[]; readonly reply: Document | undefined } {
    const work: unknown[] = [];
    let reply: Document | undefined;
    for (let effect = this.#server.pollEffect(); effect; effect = this.#server.pollEffect()) {
      if (effect.type === 'write') reply = documentOf(effect.bytes);
      if (effect.type === 'derive')
        work.push(`derive ${effect.hash} ${effect.iterations} ${effect.password.length}`);
      else if (effect.type === 'timer') work.push(`sleep ${effect.milliseconds}`);
      else if (effect.type !== 'note') work.push(effect.type);
      answer(this.lab, this.#server, effect);
    }
    return { work, reply };
  }

  run(command: Document): Document {
    this.#server.handleBytes(buildMsg(++this.#id, 0, { ...command, $db: 'admin' }));
    const { work, reply } = this.#drain();
    this.seen.push({ work, reply: this.#shape(reply ?? {}) });
    return reply ?? {};
  }

  /** Nonces, salts and times are not compared, their lengths are. */
  #shape(reply: Document): unknown {
    const inner = reply.speculativeAuthenticate as Document | undefined;
    const payload = (inner ?? reply).payload as Binary | undefined;
    const text = payload?.toString('utf8');
    this.#nonce = /r=([^,]*)/.exec(text ?? '')?.[1] ?? String(reply.nonce ?? this.#nonce);
    const { localTime: _time, topologyVersion: _version, connectionId: _id, nonce: _nonce, ...rest } = reply;
    const masked = text
      ?.replace(/r=[^,]*/, `r=${this.#nonce.length}`)
      .replace(/s=[^,]*/, (salt) => `s=${salt.length}`);
    return JSON.stringify({
      ...rest,
      payload: masked,
      speculativeAuthenticate: inner && { ...inner, payload: masked },
    });
  }

  start(mechanism: string): Document {
    const payload = new Binary(utf8Bytes(`n,,n=${this.user},r=abcdefgh`));
    return { saslStart: 1, mechanism, payload };
  }

  hello(mechanism?: string): void {
    const speculativeAuthenticate = mechanism && { ...this.start(mechanism), db: 'admin' };
    this.run({ hello: 1, saslSupportedMechs: `admin.${this.user}`, speculativeAuthenticate });
  }

  proof(mechanism: string): void {
    const zeros = toBase64(new Uint8Array(mechanism === 'SCRAM-SHA-1' ? 20 : 32));
    const payload = new Binary(utf8Bytes(`c=biws,r=${this.#nonce},p=${zeros}`));
    this.run({ saslContinue: 1, conversationId: 1, payload });
  }

  key(): void {
    this.run({ getnonce: 1 });
    const key = mongoCrKey(this.#nonce, this.user, '0'.repeat(32));
    this.run({ authenticate: 1, user: this.user, nonce: this.#nonce, key });
  }

  close(): void {
    this.#server.handleClosed();
    this.#drain();
  }
}

const SCRAM = ['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;
/** Schema 3 has digests, and so no SCRAM-SHA-256. */
const ROWS = [
  ...SCRAM.map((mechanism) => [5, mechanism] as const),
  [3, 'SCRAM-SHA-1'] as const,
  [2, 'SCRAM-SHA-1'] as const,
];

async function compare(schema: number, login: (client: Client) => void): Promise<unknown[][]> {
  const seen: unknown[][] = [];
  for (const user of NAMES) {
    const lab = await makeLab([KNOWN], {}, schema);
    // Also for the second time, when the schema version is known.
    for (let turn = 0; turn < 2; turn++) {
      const client = new Client(lab, user);
      login(client);
      client.close();
      seen.push(client.seen);
    }
    expect(lab.service.users.cachedUsers).toBe(0);
  }
  const [known, knownAgain, unknown, unknownAgain] = seen;
  expect(unknown).toEqual(known);
  expect(unknownAgain).toEqual(knownAgain);
  return seen;
}

describe('a user that does not exist', () => {
  it.each(ROWS)('schema %i, %s: hello, saslStart, a wrong proof', async (schema, mechanism) => {
    const [seen] = await compare(schema, (client) => {
      client.hello();
      client.run(client.start(mechanism));
      client.proof(mechanism);
    });
    expect(JSON.stringify(seen[0])).toContain('fetchUser');
    expect(JSON.stringify(seen[1])).toContain(schema === 5 ? 'fetchUser' : 'derive sha1 5000 32');
    expect(JSON.stringify(seen[2])).toContain('Authentication failed.');
  });

  it.each(ROWS)('schema %i, %s, begun inside hello', async (schema, mechanism) => {
    const [seen] = await compare(schema, (client) => {
      client.hello(mechanism);
      client.proof(mechanism);
    });
    expect(JSON.stringify(seen[0])).toMatch(/i=\d+/);
    expect(JSON.stringify(seen[0]).match(/fetchUser/g)).toHaveLength(1);
  });

  it.each([2, 3, 5])('schema %i, MONGODB-CR', async (schema) => {
    const [seen] = await compare(schema, (client) => client.key());
    expect(JSON.stringify(seen[1])).toContain('auth failed');
  });
});
