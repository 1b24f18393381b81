import type { Field, Step } from '../../trace/model';
import type { Names } from './names';
import { blank, blankHex, blankScram } from './secrets';

/** Parameters of a start-up message whose values tell nothing of who or what. */
const HARMLESS = new Set([
  'length',
  'protocol version',
  'terminator',
  'client_encoding',
  'datestyle',
  'timezone',
  'extra_float_digits',
  'replication',
]);

/** Parameters that a server reports (GUC_REPORT) and that name nobody and nothing; the values of others are replaced. */
const HARMLESS_REPORTED = new Set([
  'client_encoding',
  'DateStyle',
  'default_transaction_read_only',
  'in_hot_standby',
  'integer_datetimes',
  'IntervalStyle',
  'is_superuser',
  'scram_iterations',
  'server_encoding',
  'server_version',
  'standard_conforming_strings',
  'TimeZone',
]);

/** Fields of ErrorResponse and NoticeResponse that are sentences, and those that stay; the others are names of things. */
const SENTENCES = new Set(['Message', 'Detail', 'Hint', 'Where']);
const STAYING = new Set([
  'type',
  'length',
  'terminator',
  'Severity',
  'Severity (not localized)',
  'SQLSTATE',
  'Position',
  'File',
  'Line',
  'Routine',
]);

/** Messages whose fields say all that is in them; the body of any other is blanked. */
const KNOWN =
  /^(SSLRequest|GSSENCRequest|SSLResponse.*|GSSResponse [GN]|GSSENCResponse.*|CancelRequest|Authentication.*|NegotiateProtocolVersion|BackendKeyData|ReadyForQuery)$/;

const HEADER = 5;

/** Takes the secrets and names out of the bytes of one message, given its step. */
export function redactPostgres(step: Step, bytes: Uint8Array, names: Names): void {
  const { message } = step;
  const leaves = step.fields.filter((field) => field.offset !== undefined && field.length !== undefined);
  if (message === 'StartupMessage') {
    for (const field of leaves) if (!HARMLESS.has(field.name.toLowerCase())) maskString(field, bytes, names);
  } else if (message === 'ParameterStatus') {
    const parameter = leaves.find((field) => field.name === 'parameter')?.value ?? '';
    const value = leaves.find((field) => field.name === 'value');
    if (value && !HARMLESS_REPORTED.has(parameter)) maskString(value, bytes, names);
  } else if (message === 'ErrorResponse' || message === 'NoticeResponse') {
    for (const field of leaves) redactErrorField(field, bytes, names);
  } else if (!KNOWN.test(message) && !leaves.some((field) => field.secret)) {
    bytes.fill(0, Math.min(HEADER, bytes.length));
    return;
  }
  for (const field of leaves) if (field.secret) blankSecret(message, field, bytes, names);
}

/** A value with its NUL; one of parameters that repeat keeps its place. */
function maskString(field: Field, bytes: Uint8Array, names: Names): void {
  const [start, end] = rangeOf(field, bytes);
  names.mask(bytes, start, bytes[end - 1] === 0 ? end - 1 : end);
}

function redactErrorField(field: Field, bytes: Uint8Array, names: Names): void {
  const [start, end] = rangeOf(field, bytes);
  if (SENTENCES.has(field.name)) names.maskSentence(bytes, start, end);
  else if (!STAYING.has(field.name)) names.mask(bytes, start, bytes[end - 1] === 0 ? end - 1 : end);
}

function blankSecret(message: string, field: Field, bytes: Uint8Array, names: Names): void {
  const [start, end] = rangeOf(field, bytes);
  if (message === 'PasswordMessage') blankHex(bytes, start, end);
  else if (field.fields && field.fields.length > 0) blankScram(bytes, start, end, names);
  else if (message.includes('SASL')) blankScram(bytes, start, end, names);
  else if (message.startsWith('Authentication') || /^(BackendKeyData|CancelRequest)$/.test(message)) {
    bytes.fill(0, start, end);
  } else blank(bytes, start, end);
}

function rangeOf({ offset = 0, length = 0 }: Field, bytes: Uint8Array): [number, number] {
  const start = Math.min(Math.max(0, offset), bytes.length);
  return [start, Math.min(start + Math.max(0, length), bytes.length)];
}
