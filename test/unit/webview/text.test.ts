import { describe, expect, test } from 'vitest';
import {
  breakWords,
  clockTime,
  formatBytes,
  formatMillis,
  plural,
  splitState,
} from '../../../src/webview/model/text';

/** The unit does not leave its number. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  test.each([
    [0, '0.00 ms'],
    [0.412, '0.41 ms'],
    [12.34, '12.3 ms'],
    [123.4, '123 ms'],
    [1_204, '1.20 s'],
    [45_678, '45.7 s'],
    [90_000, '1.5 min'],
    [Number.NaN, '–'],
  ])('%d milliseconds are %s', (millis, text) => {
    expect(plain(formatMillis(millis))).toBe(text);
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [96_000_000, '96 MB'],
    [5e15, '5000 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });

  test('units stay beside their numbers', () => {
    expect(formatMillis(5)).toContain('\u00a0');
    expect(formatBytes(5)).toContain('\u00a0');
  });

  test('plural', () => {
    expect(plural(1, 'handshake')).toBe('1 handshake');
    expect(plural(5_000, 'handshake')).toBe('5,000 handshakes');
  });
});

describe('names', () => {
  test('the time of day has milliseconds', () => {
    expect(clockTime('2026-01-01T12:34:56.123456789Z')).toBe('12:34:56.123');
    expect(clockTime('2026-01-01T12:34:56Z')).toBe('12:34:56');
    expect(clockTime('not a time')).toBe('not a time');
  });

  test('the common prefix of a state is told apart', () => {
    expect(splitState('CONNECTION_SSL_STARTUP')).toEqual({ prefix: 'CONNECTION_', rest: 'SSL_STARTUP' });
    expect(splitState('CONNECTION_')).toEqual({ prefix: '', rest: 'CONNECTION_' });
    expect(splitState('ServerLoop')).toEqual({ prefix: '', rest: 'ServerLoop' });
  });

  test('long names break where their words meet, and nothing is lost', () => {
    expect(breakWords('ProcessStartupPacket')).toEqual(['Process', 'Startup', 'Packet']);
    expect(breakWords('AWAITING_RESPONSE')).toEqual(['AWAITING_', 'RESPONSE']);
    expect(breakWords('S')).toEqual(['S']);
    expect(breakWords('a\u202eb').join('')).not.toContain('\u202e');
  });
});
