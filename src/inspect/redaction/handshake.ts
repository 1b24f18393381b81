import { utf8Bytes } from '../../base/bytes';
import { parseClientHello } from '../../tls/hello';
import { HANDSHAKE_TYPE } from '../../tls/names';
import type { Names } from './names';

const HEADER = 4;

/** ASN.1 strings (X.680 table 1), and a DNS name, a mail address and a URI of a GeneralName (RFC 5280 section 4.2.1.6). */
const STRING_TAGS = new Set([0x0c, 0x13, 0x14, 0x16, 0x1a, 0x1b, 0x1c, 0x1e, 0x81, 0x82, 0x86]);
const OCTET_STRING = 0x04;
const CONSTRUCTED = 0x20;
const MAX_DEPTH = 24;
/** An extension's value is an octet string that holds another structure; these begin one. */
const SEQUENCE = 0x30;

/** Takes the names out of the handshake messages that follow each other in `bytes`: of the server asked for, and of certificates. */
export function redactHandshake(bytes: Uint8Array, names: Names): void {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const end = at + HEADER + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
    const message = bytes.subarray(at, Math.min(end, bytes.length));
    switch (message[0]) {
      case HANDSHAKE_TYPE.clientHello:
        redactServerName(message, names);
        break;
      case HANDSHAKE_TYPE.certificate:
      case HANDSHAKE_TYPE.certificateRequest:
      case CERTIFICATE_STATUS:
        redactStructures(message, names);
        break;
    }
    at = end;
  }
}

/** RFC 6066 section 8: it holds the names of the authority. */
const CERTIFICATE_STATUS = 22;

function redactServerName(message: Uint8Array, names: Names): void {
  const { sni } = parseClientHello(message).value;
  if (sni === null) return;
  const name = utf8Bytes(sni);
  for (let at = 0; at + name.length <= message.length; at++) {
    if (name.every((byte, i) => message[at + i] === byte)) names.mask(message, at, at + name.length);
  }
}

/** Certificates and distinguished names are DER, wherever the message has them: a sequence that fits is looked into. */
function redactStructures(message: Uint8Array, names: Names): void {
  for (let at = HEADER; at < message.length; ) {
    const whole = message[at] === SEQUENCE ? elementAt(message, at, message.length) : undefined;
    if (whole !== undefined && whole.end - at > 8) {
      redactElement(message, at, message.length, names, 0);
      at = whole.end;
    } else {
      at++;
    }
  }
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** A DER element with a definite length (X.690 section 8.1) that ends by `limit`. */
function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  if (at + 2 > limit) return undefined;
  let length = bytes[at + 1];
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3 || start + count > limit) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = (length << 8) | bytes[start++];
  }
  return start + length > limit ? undefined : { tag: bytes[at], start, end: start + length };
}

function redactElement(bytes: Uint8Array, at: number, limit: number, names: Names, depth: number): number {
  const element = elementAt(bytes, at, limit);
  if (element === undefined || depth > MAX_DEPTH) return limit;
  const { tag, start, end } = element;
  if (STRING_TAGS.has(tag)) {
    names.mask(bytes, start, end);
  } else if ((tag & CONSTRUCTED) !== 0 || (tag === OCTET_STRING && bytes[start] === SEQUENCE)) {
    for (let inner = start; inner < end; ) inner = redactElement(bytes, inner, end, names, depth + 1);
  }
  return end;
}
