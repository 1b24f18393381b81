/** Captures of other origin: each is read, and read the same however it is cut into chunks. */
import { describe, expect, it } from 'vitest';
import { frameBytes } from '../../src/capture/frame-bytes';
import { cut, readChunks } from '../unit/capture/capture-files';
import {
  readSharedCapture,
  sharedCaptures,
  sharedCapturesPresent,
  withoutSharedCaptures,
} from './shared-files';

describe('captures of other origin', () => {
  it.skipIf(!sharedCapturesPresent)(`are there${withoutSharedCaptures}`, () => {
    expect(sharedCaptures().length).toBeGreaterThan(80);
  });

  it.each(sharedCaptures())('%s', (name) => {
    const file = readSharedCapture(name);
    const whole = readChunks([file]);
    expect(whole.notACapture).toBe(false);
    expect(readChunks(cut(file, [1]))).toEqual(whole);
    expect(readChunks(cut(file, [1000, 7, 333]))).toEqual(whole);
    for (const packet of whole.packets) {
      const found = frameBytes(file.subarray(0, 8), file.subarray(packet.fileOffset)) as Uint8Array;
      // Only the reader knows the snap length that cut a simple packet: up to three bytes of padding may follow.
      expect(found.length - packet.bytes.length).toBeLessThanOrEqual(3);
      expect(found.subarray(0, packet.bytes.length)).toEqual(packet.bytes);
    }
  });
});
