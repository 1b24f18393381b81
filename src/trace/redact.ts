/**
 * Hides what is marked `secret` in a trace. Every edge that shows a trace goes through here first, unless the user asked for the
 * secrets themselves.
 */
import type { ByteRange } from '../base/bytes';
import { plainStep } from './lazy-step';
import type { Field, Step, Trace } from './model';

/** Stands for a secret value. Always the same, so that it does not tell the secret's length. */
export const MASK = '••••••';

/** A secret this short is no secret, and hiding it everywhere would spoil words that only look alike. */
const MIN_ECHO = 4;

/** A copy of `trace` with every secret value replaced by {@link MASK}. The trace itself is not changed. */
export function redactTrace(trace: Trace): Trace {
  return { ...trace, steps: trace.steps.map(redactStep) };
}

/**
 * A copy of `step` without its secrets. What lies inside a secret field is secret too, and a value that repeats a secret of the same
 * step (a whole SASL message that holds the proof, say) is hidden where it does.
 */
export function redactStep(step: Step): Step {
  const plain = plainStep(step);
  if (!hasSecret(plain.fields)) return plain;
  const secrets = [...secretValues(plain.fields)].sort((a, b) => b.length - a.length);
  return {
    ...plain,
    summary: hideEchoes(plain.summary, secrets),
    fields: redactFields(plain.fields, false, secrets),
  };
}

/** Ranges of the step's bytes that hold secrets, in order and without overlap, within `length` bytes. */
export function secretRanges(step: Step, length: number): ByteRange[] {
  const found: ByteRange[] = [];
  collectRanges(step.fields, length, found);
  found.sort((a, b) => a.offset - b.offset);
  const merged: { offset: number; length: number }[] = [];
  for (const range of found) {
    const last = merged[merged.length - 1];
    if (last && range.offset <= last.offset + last.length) {
      last.length = Math.max(last.length, range.offset + range.length - last.offset);
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
}

/** A copy of the step's bytes with its secrets as zeros, and where they were. */
export function maskBytes(step: Step, bytes: Uint8Array): { bytes: Uint8Array; masked: ByteRange[] } {
  const masked = secretRanges(step, bytes.length);
  const copy = bytes.slice();
  for (const range of masked) copy.fill(0, range.offset, range.offset + range.length);
  return { bytes: copy, masked };
}

/** The same array when nothing in it is hidden. */
function redactFields(fields: readonly Field[], inside: boolean, secrets: readonly string[]) {
  let changed = false;
  const shown = fields.map((field) => {
    const redacted = redactField(field, inside, secrets);
    changed ||= redacted !== field;
    return redacted;
  });
  return changed ? shown : fields;
}

function redactField(field: Field, inside: boolean, secrets: readonly string[]): Field {
  const hidden = inside || field.secret === true;
  const value = hidden ? (field.value === '' ? '' : MASK) : hideEchoes(field.value, secrets);
  const fields = field.fields && redactFields(field.fields, hidden, secrets);
  if (!hidden && value === field.value && fields === field.fields) return field;
  const shown = { ...field, value };
  if (fields) Object.assign(shown, { fields });
  if (hidden) Object.assign(shown, { secret: true });
  return shown;
}

function hideEchoes(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (shown.includes(secret)) shown = shown.split(secret).join(MASK);
  }
  return shown;
}

function secretValues(fields: readonly Field[], inside = false, found = new Set<string>()): Set<string> {
  for (const field of fields) {
    const hidden = inside || field.secret === true;
    if (hidden && field.value.length >= MIN_ECHO) found.add(field.value);
    if (field.fields) secretValues(field.fields, hidden, found);
  }
  return found;
}

function hasSecret(fields: readonly Field[]): boolean {
  return fields.some((field) => field.secret === true || (field.fields ? hasSecret(field.fields) : false));
}

/** A secret whose place is not known hides all bytes: better nothing than a password. */
function collectRanges(fields: readonly Field[], length: number, found: ByteRange[]): void {
  for (const field of fields) {
    if (field.secret === true) {
      const placed = field.offset !== undefined && field.length !== undefined && field.offset >= 0;
      const start = placed ? Math.min(field.offset as number, length) : 0;
      const end = placed ? Math.min(start + Math.max(0, field.length as number), length) : length;
      if (end > start) found.push({ offset: start, length: end - start });
    } else if (field.fields) {
      collectRanges(field.fields, length, found);
    }
  }
}
