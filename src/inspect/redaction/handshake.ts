import { HANDSHAKE_TYPE, isGrease, signatureName, suiteName } from '../../tls/names';
import { Allowed } from './allowed';
import { redactCertificate, redactDer } from './certificates';
import { redactExtensions } from './extensions';
import type { Names } from './names';
import type { Randoms } from './randoms';
import { TlsReader } from './tls-reader';

const HEADER = 4;
const RANDOM = 32;
const NAMED_CURVE = 3;
const COMPRESSED_CERTIFICATE = 25;
/** The header of a message that does not end in what is there. */
export const UNFINISHED = [0xff, 0, 0xff, 0xff];
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(HANDSHAKE_TYPE));

/** Writes the handshake messages that follow each other in `bytes` anew: types, lengths and known numbers stay, and nothing else. */
export function redactHandshake(bytes: Uint8Array, names: Names, randoms: Randoms): void {
  const out = new Allowed(bytes, names);
  for (let at = 0; at + HEADER <= out.length; ) {
    const { source } = out;
    const end = at + HEADER + ((source[at + 1] << 16) | (source[at + 2] << 8) | source[at + 3]);
    // What is no message, or not whole, is not known to have a type and a length either.
    if (end <= out.length || KNOWN_TYPES.has(source[at])) out.keep(at, at + HEADER);
    else out.bytes.set(UNFINISHED, at);
    redactMessage(source[at], new TlsReader(out, at + HEADER, Math.min(end, out.length)), randoms);
    at = end;
  }
}

function redactMessage(type: number, reader: TlsReader, randoms: Randoms): void {
  switch (type) {
    case HANDSHAKE_TYPE.clientHello:
      reader.keep(2);
      random(reader, randoms);
      secret(reader.vector(1));
      reader.vector(2).numbers(isSuite);
      reader.vector(1).small(1);
      redactExtensions(reader, 'client');
      return;
    case HANDSHAKE_TYPE.serverHello:
      reader.keep(2);
      random(reader, randoms);
      secret(reader.vector(1));
      reader.keep(3);
      redactExtensions(reader, 'server');
      return;
    case HANDSHAKE_TYPE.encryptedExtensions:
      redactExtensions(reader, 'server');
      return;
    case HANDSHAKE_TYPE.certificate:
      certificates(reader);
      return;
    case HANDSHAKE_TYPE.certificateRequest:
      certificateRequest(reader);
      return;
    case HANDSHAKE_TYPE.certificateStatus:
      reader.keep(1);
      secret(reader.vector(3));
      return;
    case HANDSHAKE_TYPE.serverKeyExchange:
      serverKeyExchange(reader);
      return;
    case HANDSHAKE_TYPE.certificateVerify:
      new TlsReader(reader.out, reader.at, reader.at + 2).numbers(isSignature);
      reader.at += 2;
      secret(reader.vector(2));
      return;
    case HANDSHAKE_TYPE.newSessionTicket:
      newSessionTicket(reader);
      return;
    case HANDSHAKE_TYPE.keyUpdate:
      reader.small(1);
      return;
    case COMPRESSED_CERTIFICATE:
      reader.keep(2);
      reader.keep(3);
      secret(reader.vector(3));
      return;
    default:
      secret(reader);
  }
}

function secret(reader: TlsReader): void {
  reader.zeros(reader.left);
}

function random(reader: TlsReader, randoms: Randoms): void {
  const { out, at } = reader;
  if (reader.left >= RANDOM) out.bytes.set(randoms.instead(out.source.subarray(at, at + RANDOM)), at);
  reader.at += RANDOM;
}

/** Suites of IANA's registry; what has no name is a number in hexadecimal. */
function isSuite(value: number): boolean {
  return isGrease(value) || /^(TLS|SSL)_/.test(suiteName(value));
}

function isSignature(value: number): boolean {
  return isGrease(value) || /[a-z]{3}/.test(signatureName(value));
}

/** TLS 1.3 has a context in front and extensions behind each certificate (RFC 8446 section 4.4.2), RFC 5246 section 7.4.2 neither. */
function certificates(reader: TlsReader): void {
  const { source } = reader.out;
  const contextLength = source[reader.at] ?? 0;
  const listAt = reader.at + 1 + contextLength;
  const is13 = listAt + 3 <= reader.end && read24(source, listAt) === reader.end - listAt - 3;
  if (is13) secret(reader.vector(1));
  for (const list = reader.vector(3); list.left > 3; ) {
    const certificate = list.vector(3);
    redactCertificate(certificate.out, certificate.at, certificate.end);
    if (is13) redactExtensions(list, 'server', true);
  }
}

function certificateRequest(reader: TlsReader): void {
  const { source } = reader.out;
  const contextLength = source[reader.at] ?? 0;
  const extensionsAt = reader.at + 1 + contextLength;
  const extensionsLength = (source[extensionsAt] << 8) | source[extensionsAt + 1];
  if (extensionsAt + 2 + extensionsLength === reader.end) {
    secret(reader.vector(1));
    redactExtensions(reader, 'server');
    return;
  }
  // RFC 5246 section 7.4.4; before it there are no signature algorithms.
  reader.vector(1).small(66);
  const next = (source[reader.at] << 8) | source[reader.at + 1];
  if (reader.at + 2 + next !== reader.end) reader.vector(2).numbers(isSignature);
  for (const list = reader.vector(2); list.left > 2; ) {
    const name = list.vector(2);
    redactDer(name.out, name.at, name.end);
  }
}

function read24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

/** A named curve and a point (RFC 8422 section 5.4), then a signature; of other forms nothing stays. */
function serverKeyExchange(reader: TlsReader): void {
  if (reader.out.source[reader.at] !== NAMED_CURVE) {
    secret(reader);
    return;
  }
  reader.keep(3);
  secret(reader.vector(1));
  if (reader.left < 4) return;
  new TlsReader(reader.out, reader.at, reader.at + 2).numbers(isSignature);
  reader.at += 2;
  secret(reader.vector(2));
}

/** RFC 8446 section 4.6.1: lifetime, age, nonce, ticket, extensions; RFC 5077 section 3.3: lifetime, ticket. */
function newSessionTicket(reader: TlsReader): void {
  const { source } = reader.out;
  const short = (source[reader.at + 4] << 8) | source[reader.at + 5];
  reader.keep(4);
  if (reader.at + 2 + short === reader.end) {
    secret(reader.vector(2));
    return;
  }
  reader.zeros(4);
  secret(reader.vector(1));
  secret(reader.vector(2));
  redactExtensions(reader, 'server');
}
