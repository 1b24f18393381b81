/** hello that waits, and replies that follow each other: what drivers' monitors live on. */
import { Long, ObjectId } from 'bson';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../../src/mongodb/wire/bson';
import { MsgFlag } from '../../../src/mongodb/wire/opcodes';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';
import { Watcher } from './observe';
import { Peer } from './peer';
import { makeLab } from './support';

interface Sent {
  readonly requestId: number;
  readonly responseTo: number;
  readonly moreToCome: boolean;
}

function sent(peer: Peer): Sent[] {
  return peer.written.map((bytes) => {
    const result = parseHeader(bytes);
    if (result.kind !== 'header') throw new Error(result.kind);
    const { value } = parseMessage(bytes, result.header);
    const flags = value.kind === 'msg' ? value.flags : 0;
    const { requestId, responseTo } = result.header;
    return { requestId, responseTo, moreToCome: (flags & MsgFlag.MORE_TO_COME) !== 0 };
  });
}

async function monitor(options = {}) {
  const lab = await makeLab([], options);
  const peer = new Peer(lab);
  const first = peer.run({ hello: 1 });
  peer.holdTimers = true;
  /** Only what is sent and answered from here on. */
  peer.written.length = 0;
  peer.replies.length = 0;
  const ask = (more: Document, exhaust = false): Document | undefined => {
    const command = { hello: 1, topologyVersion: first.topologyVersion, maxAwaitTimeMS: 10_000, ...more };
    const flags = exhaust ? MsgFlag.EXHAUST_ALLOWED : 0;
    return peer.send(buildMsg(77, 0, { ...command, $db: 'admin' }, { flags }));
  };
  return { lab, peer, first, ask };
}

const VERSION = { processId: expect.any(ObjectId), counter: 0 };

describe('a hello with topologyVersion', () => {
  it('is offered from wire version 9 on', async () => {
    expect((await monitor()).first.topologyVersion).toEqual(VERSION);
    expect((await monitor({ maxWireVersion: 8 })).first).not.toHaveProperty('topologyVersion');
  });

  it('waits for the time it is given, and is answered once', async () => {
    const { peer, ask } = await monitor();
    expect(ask({})).toBeUndefined();
    expect(peer.server.state).toBe('awaitHelloResponse');
    expect(peer.timers).toEqual([10_000]);
    peer.wake();
    expect(peer.replies).toMatchObject([{ ok: 1, topologyVersion: VERSION }]);
    expect(sent(peer)).toEqual([{ requestId: 2, responseTo: 77, moreToCome: false }]);
    expect(peer.server.state).toBe('RECEIVE_LOOP');
    expect(peer.run({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('of another process, or of an older topology, is answered at once', async () => {
    const { ask } = await monitor();
    expect(
      ask({ topologyVersion: { processId: new ObjectId(), counter: Long.fromNumber(7) } }),
    ).toMatchObject({
      ok: 1,
    });
  });

  const version = (counter: number) => (first: Document) => ({
    topologyVersion: { ...(first.topologyVersion as Document), counter: Long.fromNumber(counter) },
  });
  it.each([
    ['without maxAwaitTimeMS', () => ({ maxAwaitTimeMS: undefined }), 51_760],
    ['maxAwaitTimeMS alone', () => ({ topologyVersion: undefined }), 51_760],
    ['a negative counter', version(-1), 51_758],
    ['a counter from the future', version(1), 51_761],
    ['a negative wait', () => ({ maxAwaitTimeMS: -1 }), 51_759],
    ['a version that is no document', () => ({ topologyVersion: 'x' }), 14],
    ['a wait that is no number', () => ({ maxAwaitTimeMS: 'x' }), 14],
    ['a process that is no ObjectId', () => ({ topologyVersion: { processId: 1, counter: 0 } }), 14],
  ])('%s is refused', async (_name, more, code) => {
    const { ask, first, peer } = await monitor();
    expect(ask(more(first))).toMatchObject({ ok: 0, code });
    expect(ask(more(first), true)).toMatchObject({ ok: 0, code });
    expect(sent(peer).map(({ moreToCome }) => moreToCome)).toEqual([false, false]);
  });

  it('exhaust alone is refused', async () => {
    const { ask } = await monitor();
    const more = { topologyVersion: undefined, maxAwaitTimeMS: undefined };
    expect(ask(more, true)).toMatchObject({ code: 51_763 });
  });
});

describe('a hello with exhaustAllowed', () => {
  it('is answered again and again, each reply to the one before it', async () => {
    const { peer, ask } = await monitor();
    ask({}, true);
    for (let turn = 0; turn < 3; turn++) peer.wake();
    expect(sent(peer)).toEqual([
      { requestId: 2, responseTo: 77, moreToCome: true },
      { requestId: 3, responseTo: 2, moreToCome: true },
      { requestId: 4, responseTo: 3, moreToCome: true },
    ]);
    expect(peer.timers).toEqual(Array(4).fill(10_000));
    expect(peer.server.state).toBe('awaitHelloResponse');
  });

  it('learns the version once, and then waits', async () => {
    const { peer, ask } = await monitor();
    ask({ topologyVersion: { processId: new ObjectId(), counter: Long.fromNumber(7) } }, true);
    expect(sent(peer)).toEqual([{ requestId: 2, responseTo: 77, moreToCome: true }]);
    expect(peer.sleeping).toHaveLength(1);
  });

  it('never has less than half a second between its replies', async () => {
    const { peer, ask } = await monitor();
    ask({ maxAwaitTimeMS: 0 }, true);
    peer.wake();
    expect(peer.timers).toEqual([500, 500]);
  });

  it('reads no request meanwhile, however much is sent', async () => {
    const { peer, ask, lab } = await monitor();
    ask({}, true);
    const before = process.memoryUsage().arrayBuffers;
    const ping = buildMsg(78, 0, { ping: 1, filler: 'x'.repeat(100_000), $db: 'admin' });
    for (let turn = 0; turn < 200; turn++) peer.send(ping);
    expect(peer.replies).toHaveLength(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    peer.server.handleClosed();
    expect(lab.service.topology.waiting).toBe(0);
  });

  it('ends with its client', async () => {
    const { peer, ask, lab } = await monitor();
    ask({}, true);
    expect(lab.service.topology.waiting).toBe(1);
    peer.server.handleClosed();
    expect(lab.service.topology.waiting).toBe(0);
    peer.wake();
    expect(peer.replies).toHaveLength(0);
    expect(lab.service.connections).toBe(0);
  });

  it('ends when the server shuts down: an error, and nothing more to come', async () => {
    const { peer, ask, lab } = await monitor();
    ask({}, true);
    const other = new Peer(lab);
    lab.service.topology.enterQuiesceMode();
    expect(peer.replies).toMatchObject([{ ok: 0, code: 91, codeName: 'ShutdownInProgress' }]);
    expect(sent(peer)[0].moreToCome).toBe(false);
    expect(other.run({ hello: 1 })).toMatchObject({ code: 91 });
    expect(lab.service.topology.waiting).toBe(0);
  });

  it('is seen by an observer, flags, states and words', async () => {
    const { peer, first, ask } = await monitor();
    ask({}, true);
    peer.wake();
    peer.wake();
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    watcher.feed({ kind: 'open', from: 'server' });
    const hello = { hello: 1, topologyVersion: first.topologyVersion, maxAwaitTimeMS: 10_000, $db: 'admin' };
    watcher.bytes('client', buildMsg(77, 0, hello, { flags: MsgFlag.EXHAUST_ALLOWED }));
    for (const bytes of peer.written) watcher.bytes('server', bytes);
    watcher.feed({ kind: 'close', from: 'client' });
    const trace = watcher.finish();
    expect(trace.findings).toEqual([]);
    const steps = trace.steps.slice(2);
    expect(steps.map(({ message, clientState, serverState }) => [message, clientState, serverState])).toEqual(
      [
        ['hello', 'MONITORING', 'awaitHelloResponse'],
        ['hello reply', 'MONITORING', 'awaitHelloResponse'],
        ['hello reply', 'MONITORING', 'awaitHelloResponse'],
        ['FIN', 'CLOSED', 'CLOSED'],
      ],
    );
    expect(steps[0].summary).toContain('waits up to 10000 ms for a change');
    expect(steps[1].summary).toContain('more to come');
    expect(JSON.stringify(steps[0].fields)).toContain('exhaustAllowed');
    expect(JSON.stringify(steps[1].fields)).toContain('moreToCome');
  });
});
