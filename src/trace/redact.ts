/**
 * Hides what is marked `secret` in a trace, and what has the shape of a secret in the words of peers. Every edge that shows a trace goes
 * through here first, unless the user asked for the secrets themselves.
 */
import type { ByteRange } from '../base/bytes';
import { MASK, maskShapes, secretSpans } from '../base/secret-shapes';
import { plainStep } from './lazy-step';
import type { CaptureSummary, CauseSummary, Field, Step, Trace, TraceDocument, TraceError } from './model';

export { MASK };

/** Names of values that are secret wherever they stand, such as a password sent as a parameter of the session. */
const SECRET_NAME = /^(?:pg|ssl)?(?:pass(?:word|wd|phrase)?|pwd|secret|token)$/i;

/** A secret this short is no secret, and hiding it everywhere would spoil words that only look alike. */
const MIN_ECHO = 4;

/** A copy of `trace` with every secret value replaced by {@link MASK}. The trace itself is not changed. */
export function redactTrace(trace: Trace): Trace {
  return { ...redactOutline(trace), steps: trace.steps.map(redactStep) };
}

/** A trace without the secrets in its own words: verdict, error, names, findings. Its steps are as they were. The same trace without any. */
export function redactOutline(trace: Trace): Trace {
  const { diagnosis, verdict, error, auth, tls, findings } = trace;
  const words = { diagnosis, verdict, error, auth, tls, findings };
  return anyShape(words) ? { ...trace, ...masked(words) } : trace;
}

/** The same for what shows no more of a trace than its verdict, names and codes: most have nothing to hide there. */
export function redactLine(trace: Trace): Trace {
  const { verdict, diagnosis, auth, tls } = trace;
  const shown = [verdict, diagnosis.what, auth.user, auth.database, tls?.sni ?? null];
  return shown.some((text) => text !== null && secretSpans(text).length > 0) ? redactOutline(trace) : trace;
}

/** What a file says about itself without its secrets: a comment may hold a line of a key log. */
export function redactCapture(capture: CaptureSummary): CaptureSummary {
  return masked(capture);
}

/** The causes of a capture without secrets in the users' names and the words of peers. */
export function redactSummary(summary: readonly CauseSummary[]): readonly CauseSummary[] {
  return masked(summary);
}

/** An error without secrets in the words of whoever said it. */
export function redactError(error: TraceError): TraceError {
  return masked(error);
}

/** A document without the secrets of its capture, causes and traces. */
export function redactDocument(document: TraceDocument): TraceDocument {
  const capture = document.capture && redactCapture(document.capture);
  const summary = document.summary && { summary: redactSummary(document.summary) };
  return { ...document, capture, ...summary, traces: document.traces.map(redactTrace) };
}

/** Most traces have none: nothing is made for them. */
function anyShape(value: unknown): boolean {
  if (typeof value === 'string') return secretSpans(value).length > 0;
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (anyShape(value[key as keyof typeof value])) return true;
  return false;
}

/** A copy of a value with every text in it masked by shape; the same value where nothing is. Its depth is that of the trace's form. */
function masked<T>(value: T): T {
  if (typeof value === 'string') return maskShapes(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, inner]) => {
    const shown: unknown = masked(inner);
    changed ||= shown !== inner;
    return [key, shown] as const;
  });
  if (!changed) return value;
  return (Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)) as T;
}

/**
 * A copy of `step` without its secrets. What lies inside a secret field is secret too, and a value that repeats a secret of the same
 * step (a whole SASL message that holds the proof, say) is hidden where it does.
 */
export function redactStep(step: Step): Step {
  const plain = plainStep(step);
  const summary = maskShapes(plain.summary);
  if (!hasSecret(plain.fields)) return summary === plain.summary ? plain : { ...plain, summary };
  const secrets = [...secretValues(plain.fields)].sort((a, b) => b.length - a.length);
  return {
    ...plain,
    summary: hideEchoes(summary, secrets),
    fields: redactFields(plain.fields, false, secrets),
  };
}

/** Marked, by its name, or by the shape of its value. */
function isSecret(field: Field): boolean {
  return field.secret === true || SECRET_NAME.test(field.name) || secretSpans(field.value).length > 0;
}

/** Ranges of the step's bytes that hold secrets, in order and without overlap, those in values that no field shows included. */
export function secretRanges(step: Step, bytes: Uint8Array): ByteRange[] {
  const found: ByteRange[] = [];
  collectRanges(step.fields, bytes.length, found);
  // What TLS carries may look like anything, and a handshake's bytes are no text.
  if (step.layer === 'postgres' || step.layer === 'mongodb') {
    for (const { start, end } of secretSpans(latin1(bytes)))
      found.push({ offset: start, length: end - start });
  }
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
  const masked = secretRanges(step, bytes);
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
  const hidden = inside || field.secret === true || SECRET_NAME.test(field.name);
  const name = maskShapes(field.name);
  const value = hidden ? (field.value === '' ? '' : MASK) : hideEchoes(maskShapes(field.value), secrets);
  const fields = field.fields && redactFields(field.fields, hidden, secrets);
  if (!hidden && name === field.name && value === field.value && fields === field.fields) return field;
  const shown = { ...field, name, value };
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
    const hidden = inside || field.secret === true || SECRET_NAME.test(field.name);
    if (hidden && field.value.length >= MIN_ECHO) found.add(field.value);
    if (field.fields) secretValues(field.fields, hidden, found);
  }
  return found;
}

function hasSecret(fields: readonly Field[]): boolean {
  return fields.some(
    (field) =>
      isSecret(field) ||
      maskShapes(field.name) !== field.name ||
      (field.fields ? hasSecret(field.fields) : false),
  );
}

/** Each byte as one character: a place in the text is a place in the bytes. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  return parts.join('');
}

/** A secret whose place is not known hides all bytes: better nothing than a password. */
function collectRanges(fields: readonly Field[], length: number, found: ByteRange[]): void {
  for (const field of fields) {
    if (isSecret(field)) {
      const placed = field.offset !== undefined && field.length !== undefined && field.offset >= 0;
      const start = placed ? Math.min(field.offset as number, length) : 0;
      const end = placed ? Math.min(start + Math.max(0, field.length as number), length) : length;
      if (end > start) found.push({ offset: start, length: end - start });
    } else if (field.fields) {
      collectRanges(field.fields, length, found);
    }
  }
}
