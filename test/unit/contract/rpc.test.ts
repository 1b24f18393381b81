import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Direction, Envelope } from '../../../src/contract/envelope';
import { Peer, RpcError } from '../../../src/contract/rpc';

const served = {
  requests: {
    double: { params: v.object({ value: v.number() }), result: v.object({ value: v.number() }) },
    never: { params: v.object({}), result: v.object({}) },
    lie: { params: v.object({}), result: v.object({ value: v.number() }) },
    fail: { params: v.object({}), result: v.object({}) },
  },
  notifications: { said: v.object({ text: v.string() }) },
} satisfies Direction;
const nothing = {
  requests: {},
  notifications: { told: v.object({ count: v.number() }) },
} satisfies Direction;

const timer = (milliseconds: number, run: () => void) => {
  const handle = setTimeout(run, milliseconds);
  return () => clearTimeout(handle);
};

/** Two ends, joined through structured clones as a real channel does. */
function pair() {
  const bad: string[] = [];
  const said: string[] = [];
  const contexts: { cancelled: boolean }[] = [];
  const client: Peer<typeof nothing, typeof served> = new Peer(nothing, served, {
    post: (message) => queueMicrotask(() => server.receive(structuredClone(message))),
    timer,
    timeoutMs: 1000,
    onBadMessage: (reason) => bad.push(reason),
  });
  const server: Peer<typeof served, typeof nothing> = new Peer(served, nothing, {
    post: (message) => queueMicrotask(() => client.receive(structuredClone(message))),
    timer,
    onBadMessage: (reason) => bad.push(reason),
  });
  server.onRequest('double', ({ value }) => ({ value: value * 2 }));
  server.onRequest('never', (_params, context) => {
    contexts.push(context);
    return new Promise(() => {});
  });
  server.onRequest('lie', () => ({ value: 'many' }) as unknown as { value: number });
  server.onRequest('fail', () => {
    throw new RpcError('NO_LUCK', 'not today');
  });
  server.onNotification('said', ({ text }) => said.push(text));
  return { client, server, bad, said, contexts };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount(), 'a timer was left behind').toBe(0);
  vi.useRealTimers();
});

describe('Peer', () => {
  it('answers requests, several at once and in any order', async () => {
    const { client } = pair();
    const answers = await Promise.all([1, 2, 3].map((value) => client.request('double', { value })));
    expect(answers).toEqual([{ value: 2 }, { value: 4 }, { value: 6 }]);
  });

  it('rejects what takes too long, and tells the other side to stop', async () => {
    const { client, contexts } = pair();
    const asked = client.request('never', {}, { timeoutMs: 50 });
    const outcome = expect(asked).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('never'),
    });
    await vi.advanceTimersByTimeAsync(50);
    await outcome;
    expect(contexts[0].cancelled).toBe(true);
  });

  it('rejects when it is cancelled, before and after asking', async () => {
    const { client, contexts } = pair();
    const abort = new AbortController();
    const asked = client.request('never', {}, { signal: abort.signal });
    await Promise.resolve();
    await Promise.resolve();
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await Promise.resolve();
    expect(contexts[0].cancelled).toBe(true);
    await expect(client.request('never', {}, { signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('rejects everything that is open when it is disposed, and what is asked later', async () => {
    const { client } = pair();
    const asked = [client.request('never', {}), client.request('never', {})];
    client.dispose();
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(client.request('double', { value: 1 })).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('rejects when the channel throws', async () => {
    const peer = new Peer(nothing, served, {
      post: () => {
        throw new Error('closed');
      },
      timer,
    });
    await expect(peer.request('double', { value: 1 })).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it("passes the other side's error on, with its code", async () => {
    const { client } = pair();
    await expect(client.request('fail', {})).rejects.toMatchObject({ code: 'NO_LUCK', message: 'not today' });
  });

  it('refuses an answer that is not in the agreed form', async () => {
    const { client, bad } = pair();
    await expect(client.request('lie', {})).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    expect(bad).toEqual([expect.stringContaining('value')]);
  });

  it('refuses a request whose values are wrong, and methods that it does not serve', async () => {
    const posted: Envelope[] = [];
    const server = new Peer(served, nothing, { post: (message) => posted.push(message), timer });
    server.onRequest('double', ({ value }) => ({ value }));
    for (const method of ['double', 'constructor', 'toString', '__proto__', 'nowhere']) {
      server.receive({ kind: 'request', id: posted.length, method, params: { value: 'x' } });
    }
    await Promise.resolve();
    expect(posted.map((message) => (message.kind === 'error' ? message.code : message.kind))).toEqual([
      'BAD_MESSAGE',
      'UNKNOWN_METHOD',
      'UNKNOWN_METHOD',
      'UNKNOWN_METHOD',
      'UNKNOWN_METHOD',
    ]);
  });

  it('does not let a flood of requests through', async () => {
    const { client, server } = pair();
    const asked = Array.from({ length: 300 }, () => client.request('never', {}).catch((error) => error.code));
    await vi.advanceTimersByTimeAsync(1000);
    const codes = await Promise.all(asked);
    expect(codes.filter((code) => code === 'BUSY')).toHaveLength(300 - 256);
    expect(codes.filter((code) => code === 'TIMEOUT')).toHaveLength(256);
    server.dispose();
  });

  it('takes good notifications and drops bad ones', async () => {
    const { client, server, said, bad } = pair();
    client.notify('said', { text: 'hello' });
    await Promise.resolve();
    server.receive({ kind: 'notification', method: 'said', params: { text: 7 } });
    server.receive({ kind: 'notification', method: 'hasOwnProperty', params: {} });
    expect(said).toEqual(['hello']);
    expect(bad).toHaveLength(2);
  });

  it('survives anything that comes through the channel', () => {
    const { server } = pair();
    const envelope = fc.record({
      kind: fc.constantFrom('request', 'cancel', 'result', 'error', 'notification', 'other'),
      id: fc.oneof(fc.integer(), fc.double(), fc.string()),
      method: fc.oneof(fc.constantFrom('double', 'said', 'fail', '__proto__'), fc.string()),
      params: fc.anything(),
      result: fc.anything(),
      code: fc.string(),
      message: fc.string(),
    });
    fc.assert(
      fc.property(fc.oneof(envelope, fc.anything()), (message) => {
        server.receive(message);
      }),
    );
    server.dispose();
  });
});
