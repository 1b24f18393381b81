import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../src/base/mark';
import { StreamBuffer } from '../../../src/base/stream-buffer';

const LIMIT = 600;

function mark(frame: number): Mark {
  return { frame, seconds: frame, nanos: 0 };
}

/** The same in the plainest form: one entry for each unread byte. */
class PlainBuffer {
  offset = 0;
  overflowed = false;
  bytes: { readonly value: number; readonly frame: number }[] = [];

  append(bytes: Uint8Array, frame: number): void {
    for (const value of bytes) {
      if (this.bytes.length < LIMIT) this.bytes.push({ value, frame });
      else this.overflowed = true;
    }
  }

  consume(length: number): void {
    this.offset += this.bytes.splice(0, length).length;
  }

  skipGap(missing: number): void {
    this.consume(this.bytes.length);
    this.offset += missing;
  }

  frames(length: number): number[] {
    return [...new Set(this.bytes.slice(0, length).map((byte) => byte.frame))];
  }
}

const action = fc.oneof(
  fc.record({
    kind: fc.constantFrom('append' as const, 'lend' as const),
    bytes: fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 700, size: 'max' }) },
    ),
    /** What is read of it at once. */
    consumed: fc.integer({ min: 0, max: 50 }),
  }),
  fc.record({ kind: fc.constant('consume' as const), length: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ kind: fc.constant('gap' as const), length: fc.integer({ min: 0, max: 50 }) }),
);

describe('StreamBuffer', () => {
  it('holds what is unread and knows its frames, whether bytes were copied or lent', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const buffer = new StreamBuffer(LIMIT);
        const plain = new PlainBuffer();
        const check = () => {
          expect(buffer.offset).toBe(plain.offset);
          expect(buffer.overflowed).toBe(plain.overflowed);
          expect(buffer.length).toBe(plain.bytes.length);
          expect([...buffer.view()]).toEqual(plain.bytes.map((byte) => byte.value));
          for (const length of [1, 2, 30, LIMIT]) expect(buffer.frames(length)).toEqual(plain.frames(length));
          for (const index of [0, 1, 30]) expect(buffer.markAt(index)?.frame).toBe(plain.bytes[index]?.frame);
        };
        actions.forEach((act, i) => {
          if (act.kind === 'consume') {
            buffer.consume(act.length);
            plain.consume(act.length);
          } else if (act.kind === 'gap') {
            buffer.skipGap(act.length);
            plain.skipGap(act.length);
          } else {
            const bytes = act.bytes.slice();
            buffer[act.kind](bytes, mark(i + 1));
            plain.append(act.bytes, i + 1);
            check();
            buffer.consume(act.consumed);
            plain.consume(act.consumed);
            if (act.kind === 'lend') {
              check();
              buffer.keep();
            }
            // What a packet's buffer holds later must not matter.
            bytes.fill(0xee);
          }
          check();
        });
      }),
      { numRuns: 300 },
    );
  });

  it('shows lent bytes as they are and copies only what is left of them', () => {
    const buffer = new StreamBuffer();
    const bytes = Uint8Array.of(1, 2, 3, 4);
    buffer.lend(bytes, mark(1));
    expect(buffer.view()).toBe(bytes);
    buffer.consume(3);
    buffer.keep();
    bytes.fill(0);
    expect([...buffer.view()]).toEqual([4]);
  });
});
