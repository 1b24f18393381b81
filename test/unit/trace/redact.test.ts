import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Field, Step } from '../../../src/trace/model';
import { MASK, maskBytes, redactStep, redactTrace, secretRanges } from '../../../src/trace/redact';
import { stepOf, traceOf } from '../../support/traces';

const password: Field = { name: 'password', value: 'correct horse', offset: 5, length: 13, secret: true };

describe('redactTrace', () => {
  it('hides secret values at any depth and leaves the trace alone', () => {
    const trace = traceOf({
      steps: [
        stepOf({
          fields: [
            { name: 'user', value: 'app_user' },
            {
              name: 'payload',
              value: 'n=app_user',
              fields: [{ name: 'body', value: '', fields: [password] }],
            },
          ],
        }),
      ],
    });
    const before = JSON.stringify(trace);
    const redacted = redactTrace(trace);
    expect(JSON.stringify(redacted)).not.toContain('correct horse');
    expect(redacted.steps[0].fields[0].value).toBe('app_user');
    expect(redacted.steps[0].fields[1].fields?.[0].fields?.[0].value).toBe(MASK);
    expect(JSON.stringify(trace)).toBe(before);
  });

  it('hides what lies inside a secret field even where it is not marked', () => {
    const step = stepOf({
      fields: [
        {
          name: 'response',
          value: 'c=,p=abcd1234',
          secret: true,
          fields: [{ name: 'proof', value: 'abcd1234' }],
        },
      ],
    });
    const [field] = redactStep(step).fields;
    expect(field.value).toBe(MASK);
    expect(field.fields?.[0]).toMatchObject({ value: MASK, secret: true });
  });

  it('hides a secret that another value or the summary of the step repeats', () => {
    const step = stepOf({
      summary: 'SASL response c=biws,r=N0nceN0nce,p=UHJvb2Y=',
      fields: [
        { name: 'message', value: 'c=biws,r=N0nceN0nce,p=UHJvb2Y=' },
        { name: 'nonce', value: 'N0nceN0nce', secret: true },
        { name: 'proof', value: 'UHJvb2Y=', secret: true },
      ],
    });
    const text = JSON.stringify(redactStep(step));
    expect(text).not.toContain('N0nce');
    expect(text).not.toContain('UHJvb2Y');
    expect(text).toContain('c=biws');
  });

  it('gives the same mask for every length and keeps an empty value empty', () => {
    const step = stepOf({
      fields: [
        { name: 'a', value: 'x', secret: true },
        { name: 'b', value: 'x'.repeat(100), secret: true },
        { name: 'c', value: '', secret: true },
      ],
    });
    expect(redactStep(step).fields.map((field) => field.value)).toEqual([MASK, MASK, '']);
  });

  it('returns the very step when nothing in it is secret', () => {
    const step = stepOf({ fields: [{ name: 'user', value: 'app_user' }] });
    expect(redactStep(step)).toBe(step);
  });
});

describe('maskBytes', () => {
  const bytes = new Uint8Array(32).fill(0x41);

  it('zeroes the secret range of a copy', () => {
    const step = stepOf({ fields: [password] });
    const { bytes: masked, masked: ranges } = maskBytes(step, bytes);
    expect(ranges).toEqual([{ offset: 5, length: 13 }]);
    expect([...masked]).toEqual([...bytes].map((byte, at) => (at >= 5 && at < 18 ? 0 : byte)));
    expect(bytes.every((byte) => byte === 0x41)).toBe(true);
  });

  it('hides everything when a secret has no place', () => {
    const step = stepOf({ fields: [{ name: 'proof', value: 'p', secret: true }] });
    expect(maskBytes(step, bytes).bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('joins ranges that overlap or touch', () => {
    const at = (offset: number, length: number): Field => ({
      name: 'x',
      value: 'x',
      offset,
      length,
      secret: true,
    });
    const step = stepOf({ fields: [at(10, 4), at(2, 3), at(12, 5), at(5, 1)] });
    expect(secretRanges(step, new Uint8Array(32))).toEqual([
      { offset: 2, length: 4 },
      { offset: 10, length: 7 },
    ]);
  });

  it('stays within the bytes and zeroes every byte of every secret, whatever the fields claim', () => {
    const field: fc.Arbitrary<Field> = fc.record({
      name: fc.constant('f'),
      value: fc.string(),
      offset: fc.option(fc.integer({ min: -10, max: 80 }), { nil: undefined }),
      length: fc.option(fc.integer({ min: -10, max: 80 }), { nil: undefined }),
      secret: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const step: Step = stepOf({ fields });
        const { bytes: masked, masked: ranges } = maskBytes(step, bytes);
        let end = -1;
        for (const range of ranges) {
          expect(range.offset).toBeGreaterThan(end);
          end = range.offset + range.length;
          expect(end).toBeLessThanOrEqual(bytes.length);
        }
        for (const { secret, offset, length } of fields) {
          if (!secret || offset === undefined || length === undefined || offset < 0) continue;
          expect(masked.subarray(offset, offset + Math.max(0, length)).every((byte) => byte === 0)).toBe(
            true,
          );
        }
      }),
    );
  });
});
