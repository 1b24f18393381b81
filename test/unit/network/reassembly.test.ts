import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../../src/network/segment';
import { StreamLog } from './stream-log';

const limits = { bytes: 10, segments: 3, tail: 16 };

describe('TcpStream', () => {
  it('tells open, bytes and close in order', () => {
    const log = new StreamLog().segment(99, SYN).segment(100, ACK, 'abc').segment(103, FIN, 'd');
    expect(log.told).toEqual([
      ['open', 1],
      ['bytes', 'abc', 2],
      ['bytes', 'd', 3],
      ['close', 'fin', 3],
    ]);
  });

  it('counts offsets and sequence numbers across the wrap', () => {
    const log = new StreamLog()
      .segment(0xfffffffd, SYN)
      .segment(0xfffffffe, ACK, 'abcd')
      .segment(2, ACK, 'ef');
    expect(log.content).toBe('abcdef');
    expect(log.stream.offset).toBe(6);
  });

  it('begins with the first segment seen when the handshake is missing', () => {
    const log = new StreamLog().segment(5000, ACK, 'abc').segment(5003, ACK, 'd');
    expect(log.told).toEqual([
      ['bytes', 'abc', 1],
      ['bytes', 'd', 2],
    ]);
  });

  it('takes data on a SYN', () => {
    expect(new StreamLog().segment(9, SYN, 'abc').segment(13, ACK, 'd').content).toBe('abcd');
  });

  it('opens late when the SYN was recorded after the data', () => {
    const log = new StreamLog().segment(10, ACK, 'abc').segment(9, SYN);
    expect(log.told).toEqual([
      ['bytes', 'abc', 1],
      ['open', 2],
    ]);
  });

  it('ignores copies of what it has: SYN, data and keep-alive probes', () => {
    const log = new StreamLog()
      .segment(9, SYN)
      .segment(9, SYN)
      .segment(10, ACK, 'abc')
      .segment(10, ACK, 'abc')
      .segment(12, ACK, 'x') // a probe: the last byte's place with any content
      .segment(12, ACK)
      .segment(13, ACK, 'd');
    expect(log.told).toEqual([
      ['open', 1],
      ['bytes', 'abc', 3],
      ['bytes', 'd', 7],
    ]);
  });

  it('puts segments in order, each with its own frame', () => {
    const log = new StreamLog()
      .segment(9, SYN)
      .segment(16, ACK, 'gh')
      .segment(13, ACK, 'def')
      .segment(10, ACK, 'abc');
    expect(log.told).toEqual([
      ['open', 1],
      ['bytes', 'abc', 4],
      ['bytes', 'def', 3],
      ['bytes', 'gh', 2],
    ]);
  });

  it('takes the new part of an overlapping segment', () => {
    const log = new StreamLog()
      .segment(10, ACK, 'abc')
      .segment(11, ACK, 'bcdef')
      .segment(8, ACK, 'xxabcdefg');
    expect(log.content).toBe('abcdefg');
    expect(log.told).toContainEqual(['bytes', 'def', 2]);
  });

  it('takes the first copy and tells a difference: after delivery', () => {
    const log = new StreamLog().segment(10, ACK, 'abcdef').segment(12, ACK, 'cXYf');
    expect(log.told).toEqual([
      ['bytes', 'abcdef', 1],
      ['conflict', 3, 2],
    ]);
  });

  it('takes the first copy and tells a difference: while waiting', () => {
    const log = new StreamLog()
      .segment(10, ACK, 'ab')
      .segment(14, ACK, 'ef')
      .segment(13, ACK, 'dEFg')
      .segment(12, ACK, 'c');
    expect(log.content).toBe('abcdefg');
    expect(log.told).toContainEqual(['conflict', 4, 3]);
  });

  it('waits with a gap until the peer has confirmed it and later bytes are there', () => {
    const log = new StreamLog().segment(10, ACK, 'abc').segment(16, ACK, 'ghi');
    expect(log.content).toBe('abc');
    log.acknowledge(19);
    expect(log.content).toBe('abc###ghi');
    expect(log.told[1]).toEqual(['gap', 3, 3]);
  });

  it('does not give up at an acknowledgment recorded before its data', () => {
    const log = new StreamLog().segment(10, ACK, 'abc').acknowledge(16).segment(13, ACK, 'def');
    expect(log.content).toBe('abcdef');
  });

  it('gives up when the peer goes on with data of its own', () => {
    const log = new StreamLog().segment(10, ACK, 'abc').acknowledge(16, true).segment(16, ACK, 'ghi');
    expect(log.content).toBe('abc###ghi');
  });

  it('gives up a hole that was confirmed as soon as later bytes come', () => {
    const log = new StreamLog()
      .segment(10, ACK, 'abc')
      .acknowledge(16)
      .segment(17, ACK, 'h')
      .segment(16, ACK, 'g');
    expect(log.content).toBe('abc###gh');
  });

  it('reports what the snap length cut', () => {
    const log = new StreamLog().segment(10, ACK, 'abc', 5).segment(18, ACK, 'de', 1).finish();
    expect(log.content).toBe('abc#####de#');
  });

  it('waits for what comes before a cut segment', () => {
    const log = new StreamLog()
      .segment(10, ACK, 'a')
      .segment(13, ACK, 'de', 2)
      .segment(11, ACK, 'bc')
      .finish();
    expect(log.content).toBe('abcde##');
  });

  it('holds back no more than its bounds', () => {
    const many = new StreamLog(limits).segment(9, SYN);
    for (let i = 0; i < 4; i++) many.segment(20 + 2 * i, ACK, 'x');
    expect(many.content).toBe('##########x');
    const large = new StreamLog(limits).segment(9, SYN).segment(12, ACK, 'x'.repeat(11));
    expect(large.content).toBe(`##${'x'.repeat(11)}`);
    expect(large.stream.buffered).toBe(0);
  });

  it('delivers what waits at the end, with the gaps', () => {
    const log = new StreamLog().segment(9, SYN).segment(13, ACK, 'd').segment(17, FIN, 'h').finish();
    expect(log.content).toBe('###d###h');
    expect(log.told.at(-1)).toEqual(['close', 'fin', 3]);
  });

  it('reports at the end what the peer confirmed and nobody saw', () => {
    expect(new StreamLog().segment(10, ACK, 'abc').acknowledge(20).finish().content).toBe('abc#######');
  });

  it('does not count the FIN as a byte', () => {
    const log = new StreamLog().segment(10, ACK, 'abc').segment(13, FIN).acknowledge(14, true).finish();
    expect(log.content).toBe('abc');
  });

  it('closes after all bytes when the FIN comes early', () => {
    const log = new StreamLog()
      .segment(9, SYN)
      .segment(13, FIN | ACK, 'd')
      .segment(10, ACK, 'abc');
    expect(log.told.slice(1)).toEqual([
      ['bytes', 'abc', 3],
      ['bytes', 'd', 2],
      ['close', 'fin', 2],
    ]);
  });

  it('drops what claims to lie behind the end', () => {
    const log = new StreamLog().segment(10, ACK, 'ab').segment(14, ACK, 'x').segment(12, FIN, 'c');
    expect(log.finish().content).toBe('abc');
    expect(log.stream.buffered).toBe(0);
  });

  it('closes at a reset, once, after what waits', () => {
    const log = new StreamLog()
      .segment(10, ACK, 'a')
      .segment(12, ACK, 'c')
      .segment(13, RST)
      .segment(13, RST)
      .finish();
    expect(log.told.slice(1)).toEqual([
      ['gap', 1, 3],
      ['bytes', 'c', 2],
      ['close', 'rst', 3],
    ]);
  });

  it('closes at a refusal', () => {
    expect(new StreamLog().segment(0, RST | ACK).told).toEqual([['close', 'rst', 1]]);
  });

  it('ignores data that no window could hold, and acknowledgments of it', () => {
    const log = new StreamLog()
      .segment(9, SYN)
      .segment(10 + 2 ** 30 + 1, ACK, 'x')
      .acknowledge(2 ** 30 + 50, true);
    expect(log.segment(10, ACK, 'abc').finish().content).toBe('abc');
  });

  it('ignores a SYN of another connection', () => {
    const log = new StreamLog().segment(9, SYN).segment(10, ACK, 'abc').segment(70_000, SYN);
    expect(log.stream.isOtherStart(70_000)).toBe(true);
    expect(log.stream.isOtherStart(9)).toBe(false);
    expect(log.segment(13, ACK, 'd').content).toBe('abcd');
  });
});
