import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import type { Field, Step } from '../../../src/trace/model';
import {
  MASK,
  maskBytes,
  redactCapture,
  redactOutline,
  redactStep,
  redactTrace,
  secretRanges,
} from '../../../src/trace/redact';
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

describe('secrets by their shape', () => {
  const secret = 'hunter2hunter2';
  const words = `postgresql://u:${secret}@h/d`;

  it('are hidden wherever a trace has words of somebody else', () => {
    const trace = traceOf({
      verdict: `The server says "${words}".`,
      error: { from: 'server', code: '28P01', message: words },
      auth: { mechanism: null, user: words, database: `password=${secret}`, outcome: 'failed' },
      findings: [
        { code: 'PG_X', severity: 'info', message: words, frames: [1], help: `PGPASSWORD=${secret} psql` },
      ],
      steps: [
        stepOf({
          summary: `application_name=${words}`,
          fields: [
            { name: 'application_name', value: words, offset: 4, length: words.length },
            { name: words, value: 'x' },
            { name: 'password', value: secret },
          ],
        }),
      ],
    });
    const shown = redactTrace(trace);
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(shown.verdict).toBe(`The server says "postgresql://u:${MASK}@h/d".`);
    expect(JSON.stringify(redactOutline({ ...trace, steps: [] }))).not.toContain(secret);
  });

  it('leave a trace without any as it is', () => {
    const trace = traceOf({ verdict: 'User "u" on database "d" is connected.' });
    expect(redactOutline(trace)).toBe(trace);
  });

  it('are hidden in what a capture says about itself', () => {
    const capture = {
      file: 'x.pcapng',
      format: 'pcapng' as const,
      packets: 1,
      bytes: 1,
      linkTypes: [1],
      issues: [],
      notes: [`Comment of the capture: CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`, `pwd=${secret}`],
    };
    const shown = JSON.stringify(redactCapture(capture));
    expect(shown).not.toMatch(/abab|cdcd|hunter2/);
    expect(shown).toContain('CLIENT_RANDOM');
  });

  it('are zeros in the bytes, also where no field shows them', () => {
    const sql = `P\0\0\0\0s\0ALTER ROLE u PASSWORD '${secret}'\0`;
    const bytes = utf8Bytes(sql);
    const step = stepOf({ layer: 'postgres', message: 'Parse', bytes: bytes.length });
    const shown = maskBytes(step, bytes);
    expect(utf8(shown.bytes)).not.toContain(secret);
    expect(utf8(shown.bytes)).toContain('ALTER ROLE u PASSWORD');
    expect(shown.masked).toHaveLength(1);
  });
});
