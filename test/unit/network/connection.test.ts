import { describe, expect, it } from 'vitest';
import { type ConnectionHandler, TcpConnection } from '../../../src/network/connection';
import { FlowTable } from '../../../src/network/flow-table';
import { SegmentView, SYN } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { ConversationBuilder } from './conversation-builder';
import { packetOf, viewOf } from './packets';
import { bytesOf, mark, text } from './stream-log';

const client = { address: '10.0.0.1', port: 50_312 };
const server = { address: '10.0.0.2', port: 5432 };

/** Feeds packets through decoder, flow table and one connection; frames count from 1. */
class Watcher implements ConnectionHandler {
  readonly told: string[] = [];
  readonly connection = new TcpConnection(this);
  readonly #table = new FlowTable();
  readonly #segment = new SegmentView();
  #frame = 0;

  feed(packets: readonly Uint8Array[]): this {
    for (const packet of packets) {
      expect(decodeSegment(viewOf(packet), this.#segment)).toBe(true);
      expect(this.#table.lookup(this.#segment)).toBe(0);
      this.connection.handleSegment(this.#table.direction, this.#segment, mark(++this.#frame));
    }
    return this;
  }

  onOpen = (direction: number, at: { frame: number }) => this.#tell(`${direction} open`, at);
  onBytes = (direction: number, bytes: Uint8Array, at: { frame: number }) =>
    this.#tell(`${direction} ${text(bytes)}`, at);
  onGap = (direction: number, length: number, at: { frame: number }) =>
    this.#tell(`${direction} gap ${length}`, at);
  onClose = (direction: number, how: string, at: { frame: number }) => this.#tell(`${direction} ${how}`, at);

  #tell(what: string, at: { frame: number }): void {
    this.told.push(`${what} @${at.frame}`);
  }
}

/** A short dialogue; the initial numbers are close to the wrap. */
function dialogue(maxPayload?: number) {
  const talk = new ConversationBuilder(
    client,
    server,
    { client: 0xfffffffe, server: 0xffffffff },
    maxPayload,
  );
  return {
    connect: talk.connect(),
    accept: talk.accept(),
    question: talk.data('client', bytesOf('question')),
    answer: talk.data('server', bytesOf('answer')),
    thanks: talk.data('client', bytesOf('thanks')),
    bye: [...talk.close('client', 'fin'), ...talk.close('server', 'fin'), ...talk.acknowledge('client')],
  };
}

describe('TcpConnection', () => {
  it('tells both directions of a whole dialogue', () => {
    const { connect, accept, question, answer, thanks, bye } = dialogue();
    const watcher = new Watcher().feed([...connect, ...accept, ...question, ...answer, ...thanks, ...bye]);
    expect(watcher.told).toEqual([
      '0 open @1',
      '1 open @2',
      '0 question @4',
      '1 answer @5',
      '0 thanks @6',
      '0 fin @7',
      '1 fin @8',
    ]);
  });

  it('tells a gap before the answer that confirms the missing bytes', () => {
    const { connect, accept, answer, thanks } = dialogue();
    const watcher = new Watcher().feed([...connect, ...accept, ...answer, ...thanks]);
    expect(watcher.told.slice(2)).toEqual(['0 gap 8 @4', '1 answer @4', '0 thanks @5']);
  });

  it('waits for a question recorded after its answer, in one part or several', () => {
    for (const maxPayload of [undefined, 3]) {
      const { connect, accept, question, answer, thanks } = dialogue(maxPayload);
      const watcher = new Watcher().feed([...connect, ...accept, ...answer, ...question, ...thanks]);
      const said = (direction: number) =>
        watcher.told
          .filter((entry) => entry.startsWith(`${direction} `))
          .map((entry) => entry.replace(/^\d (\w+) @.*/, '$1'))
          .join('');
      expect(said(0)).toBe('openquestionthanks');
      expect(said(1)).toBe('openanswer');
      const order = watcher.told.map((entry) => entry[0]).join('');
      expect(order).toMatch(/^010+1+0+$/);
    }
  });

  it('waits with a FIN for the bytes or the FIN that it confirms', () => {
    const told = (watcher: Watcher) => watcher.told.map((entry) => entry.replace(/ @.*/, ''));
    const talk = new ConversationBuilder(client, server, { client: 0xffffffff, server: 0xfffffff0 });
    const open = [...talk.connect(), ...talk.accept(), ...talk.data('client', bytesOf('question'))];
    const refusal = talk.data('server', bytesOf('refusal'));
    const early = new Watcher().feed([...open, ...talk.close('client', 'fin'), ...refusal]);
    early.feed(talk.close('server', 'fin'));
    expect(told(early).slice(3)).toEqual(['1 refusal', '0 fin', '1 fin']);
    const { connect, accept, question, answer, thanks, bye } = dialogue();
    const [clientFin, serverFin, last] = bye;
    const swapped = new Watcher().feed([...connect, ...accept, ...question, ...answer, ...thanks]);
    // The server's FIN confirms the client's, which was recorded behind it.
    swapped.feed([serverFin, clientFin, last]);
    expect(told(swapped).slice(5)).toEqual(['0 fin', '1 fin']);
  });

  it('tells a FIN whose confirmed bytes never come, at the end or as soon as too much is held', () => {
    const { connect, accept } = dialogue();
    const talk = new ConversationBuilder(client, server, { client: 0xffffffff, server: 0 });
    talk.data('client', bytesOf('lost'));
    const fin = talk.close('server', 'fin');
    const watcher = new Watcher().feed([...connect, ...accept, ...fin]);
    expect(watcher.told).toHaveLength(2);
    watcher.connection.finish(mark(99));
    expect(watcher.told.slice(2).map((entry) => entry.replace(/ @.*/, ''))).toEqual(['0 gap 4', '1 fin']);
    const often = new Watcher().feed([...connect, ...accept, ...Array.from({ length: 9 }, () => fin[0])]);
    expect(often.told).toContain('1 fin @4');
  });

  it('waits no longer than it takes to know better', () => {
    const { connect, accept } = dialogue();
    const talk = new ConversationBuilder(client, server, { client: 0xffffffff, server: 0 });
    talk.data('client', bytesOf('lost'));
    const answers = Array.from({ length: 30 }, (_, i) => talk.data('server', bytesOf(`${i},`))).flat();
    const watcher = new Watcher().feed([...connect, ...accept, ...answers.slice(0, 8)]);
    expect(watcher.told).toHaveLength(2);
    watcher.feed(answers.slice(8, 9));
    expect(watcher.told[2]).toBe('0 gap 4 @4');
    expect(watcher.told).toHaveLength(2 + 1 + 9);
    watcher.feed(answers.slice(9));
    expect(watcher.told).toHaveLength(2 + 1 + 30);
  });

  it('does not keep back what it holds at the end', () => {
    const { connect, accept, answer } = dialogue();
    const watcher = new Watcher().feed([...connect, ...accept, ...answer]);
    watcher.connection.finish(mark(99));
    expect(watcher.told.slice(2)).toEqual(['0 gap 8 @4', '1 answer @4']);
  });

  it('knows where a direction begins whose SYN was not captured', () => {
    const { connect, accept, question, answer, thanks } = dialogue(3);
    // No SYN+ACK, and the first part of the answer is lost: the client's ACK still says where it began.
    const watcher = new Watcher().feed([...connect, accept[1], ...question, ...answer.slice(1), ...thanks]);
    watcher.connection.finish(mark(99));
    const fromServer = watcher.told.filter((entry) => entry.startsWith('1'));
    expect(fromServer.map((entry) => entry.replace(/ @.*/, ''))).toEqual(['1 gap 3', '1 wer']);
  });

  it('begins in the middle of a connection', () => {
    const { question, answer } = dialogue();
    expect(new Watcher().feed([...question, ...answer]).told).toEqual(['0 question @1', '1 answer @2']);
  });

  it('tells a refusal', () => {
    const talk = new ConversationBuilder(client, server);
    expect(new Watcher().feed([...talk.connect(), ...talk.refuse()]).told).toEqual(['0 open @1', '1 rst @2']);
  });

  it('tells a new connection on the same ports from a repeated SYN', () => {
    const { connect, accept, question } = dialogue();
    const watcher = new Watcher().feed([...connect, ...accept, ...question]);
    const segment = new SegmentView();
    const syn = (sequence: number, flags = SYN) => {
      decodeSegment(viewOf(packetOf({ sequence, flags })), segment);
      return segment;
    };
    expect(watcher.connection.isReuse(0, syn(0xfffffffe))).toBe(false);
    expect(watcher.connection.isReuse(0, syn(77))).toBe(true);
    expect(watcher.connection.isReuse(1, syn(77, SYN | 0x10))).toBe(false);
    expect(new TcpConnection(watcher).isReuse(0, syn(77))).toBe(false);
  });
});
