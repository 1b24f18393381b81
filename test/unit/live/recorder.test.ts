import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { ConnectionRecorder, RECORDING_LIMITS } from '../../../src/live/recorder';

const SERVER = { address: '127.0.0.1', port: 5432 };
const CLIENT = { address: '127.0.0.1', port: 50000 };
const recorderOf = (keeps?: boolean) => new ConnectionRecorder('lab', 'postgres', SERVER, CLIENT, keeps);

describe('ConnectionRecorder', () => {
  it('keeps what happened in order, and gives recordings that later events do not change', () => {
    const recorder = recorderOf();
    recorder.connect();
    recorder.accept();
    recorder.bytes('client', utf8Bytes('one'));
    const early = recorder.recording();
    recorder.bytes('server', utf8Bytes('two'));
    recorder.close('server', 'fin');
    recorder.close('server', 'rst');
    expect(early.events.map((event) => event.kind)).toEqual(['connect', 'accept', 'bytes']);
    expect(recorder.recording().events.map((event) => event.kind)).toEqual([
      'connect',
      'accept',
      'bytes',
      'bytes',
      'close',
    ]);
  });

  it('writes key log lines one to a line, whether they ended with one or not', () => {
    const recorder = recorderOf();
    recorder.secret(utf8Bytes('CLIENT_RANDOM 00 11'));
    recorder.secret(utf8Bytes('EXPORTER_SECRET 00 22\n'));
    expect(recorder.keyLog).toBe('CLIENT_RANDOM 00 11\nEXPORTER_SECRET 00 22\n');
    expect(recorder.recording().keyLog).toBe(recorder.keyLog);
  });

  it('describes a later event when it is read, once, and at the time when it happened', () => {
    const recorder = recorderOf();
    let described = 0;
    recorder.localLater(() => {
      described++;
      const error = { from: 'client', code: 'X', message: 'refused' } as const;
      return { kind: 'certificate', message: 'Check certificate', summary: 'refused', error };
    });
    recorder.bytes('client', utf8Bytes('after'));
    const { events } = recorder.recording();
    expect(described).toBe(0);
    expect(events[0].time).toBeLessThanOrEqual(events[1].time);
    expect(recorder.hasLocalError()).toBe(true);
    expect(events[0]).toMatchObject({ kind: 'local', event: { summary: 'refused' } });
    expect(described).toBe(1);
  });

  it('keeps no more than its limits, and says so', () => {
    const recorder = recorderOf();
    recorder.bytes('client', new Uint8Array(RECORDING_LIMITS.bytes - 1));
    recorder.bytes('client', new Uint8Array(10));
    recorder.bytes('client', new Uint8Array(10));
    const { events } = recorder.recording();
    expect(events.map((event) => (event.kind === 'bytes' ? event.bytes.length : event.kind))).toEqual([
      RECORDING_LIMITS.bytes - 1,
      1,
      'local',
    ]);
    for (let i = 0; i < 10; i++) recorder.secret(new Uint8Array(RECORDING_LIMITS.keyLog / 8).fill(0x61));
    expect(recorder.keyLog.split('\n')).toHaveLength(9);
  });

  it('keeps nothing when nobody will ask, secrets least of all', () => {
    const recorder = recorderOf(false);
    recorder.connect();
    recorder.bytes('client', utf8Bytes('one'));
    recorder.secret(utf8Bytes('CLIENT_RANDOM 00 11'));
    recorder.local({ kind: 'note', message: 'm', summary: 's' });
    expect(recorder.recording()).toMatchObject({ events: [], keyLog: '' });
    expect(recorder.firstBytes('client')).toHaveLength(0);
  });
});
