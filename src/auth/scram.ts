/**
 * The messages of SCRAM (RFC 5802 section 7, RFC 7677) and their grammar. Parsing says what is there and what is wrong with
 * it; who may send what is decided in `scram-client` and `scram-server`.
 */
import { type ByteRange, utf8, utf8Between, utf8Bytes } from '../base/bytes';
import { type Decoded, type Issue, issue } from '../base/issue';
import { fromBase64, toBase64 } from './base64';

export type ScramHash = 'sha1' | 'sha256';

/** Bounds on what a peer may send. PostgreSQL takes at most 65,535 bytes per SASL message; no real one has 1,000. */
export const SCRAM_LIMITS = { message: 65_535, attributes: 64 } as const;

/** One `name=value` of a message. The range is that of the value, in bytes from the start of the message. */
export interface ScramAttribute extends ByteRange {
  readonly name: string;
  readonly value: string;
}

/** The first field of client-first: whether the client binds the exchange to its TLS channel. */
export type Gs2Flag = 'n' | 'y' | 'p';

export interface ScramClientFirst {
  readonly flag: Gs2Flag;
  /** Channel binding type after `p=`, else null. */
  readonly binding: string | null;
  readonly authzid: string | null;
  /** `n,,` and the like, the final comma included. */
  readonly gs2Header: ByteRange;
  /** client-first-message-bare, the first part of AuthMessage. */
  readonly bare: ByteRange;
  /** `=2C` and `=3D` already replaced. Empty when PostgreSQL's client sends none. */
  readonly user: string;
  readonly nonce: string;
  readonly attributes: readonly ScramAttribute[];
}

export interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** The server used `m=`, which RFC 5802 section 5.1 makes an error for everyone who does not know it. */
  readonly mandatoryExtension: boolean;
  readonly attributes: readonly ScramAttribute[];
}

export interface ScramClientFinal {
  /** The decoded `c=`: gs2-header, then the binding's data when the flag was `p`. */
  readonly channelBinding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  /** client-final-message-without-proof, the last part of AuthMessage. */
  readonly withoutProof: ByteRange;
  readonly attributes: readonly ScramAttribute[];
}

/** Either `v=` (the server's signature) or `e=` (its refusal). */
export interface ScramServerFinal {
  readonly signature: Uint8Array | null;
  readonly error: string | null;
  readonly attributes: readonly ScramAttribute[];
}

/** Reads `n,,n=user,r=nonce`. */
export function parseClientFirst(bytes: Uint8Array): Decoded<ScramClientFirst> {
  const issues: Issue[] = [];
  const parts = splitAttributes(bytes, issues);
  const first = parts[0];
  const flagText = first === undefined ? '' : sliceText(bytes, first);
  const flag: Gs2Flag = flagText.startsWith('p=') ? 'p' : flagText === 'y' ? 'y' : 'n';
  if (flag === 'n' && flagText !== 'n') {
    issues.push(issue('SCRAM_BAD_GS2_HEADER', `expected "n", "y" or "p=…" first, got ${quote(flagText)}`, 0));
  }
  const second = parts[1];
  const authzidText = second === undefined ? '' : sliceText(bytes, second);
  if (second === undefined || (authzidText !== '' && !authzidText.startsWith('a='))) {
    issues.push(issue('SCRAM_BAD_GS2_HEADER', 'expected an empty field or "a=…" after the first comma', 1));
  }
  const bareStart = parts[2]?.offset ?? bytes.length;
  const attributes = readAttributes(bytes, parts, 2, issues);
  if (attributes[0]?.name === 'm') {
    issues.push(issue('SCRAM_EXTENSION', 'the client requires an extension ("m=")', bareStart));
  }
  const user = unescapeName(attributeAt(attributes, 0, 'n', issues), issues);
  const nonce = attributeAt(attributes, 1, 'r', issues);
  checkNonce(nonce, issues);
  return {
    value: {
      flag,
      binding: flag === 'p' ? flagText.slice(2) : null,
      authzid: authzidText.startsWith('a=') ? unescapeName(authzidText.slice(2), issues) : null,
      gs2Header: { offset: 0, length: bareStart },
      bare: { offset: bareStart, length: bytes.length - bareStart },
      user,
      nonce,
      attributes,
    },
    issues,
  };
}

/** Reads `r=nonce,s=salt,i=iterations`. */
export function parseServerFirst(bytes: Uint8Array): Decoded<ScramServerFirst> {
  const issues: Issue[] = [];
  const all = readAttributes(bytes, splitAttributes(bytes, issues), 0, issues);
  const mandatoryExtension = all[0]?.name === 'm';
  const attributes = mandatoryExtension ? all.slice(1) : all;
  const nonce = attributeAt(attributes, 0, 'r', issues);
  checkNonce(nonce, issues);
  const salt = base64At(attributes, 1, 's', issues);
  if (salt.length === 0) issues.push(issue('SCRAM_BAD_SALT', 'the salt is empty'));
  const countText = attributeAt(attributes, 2, 'i', issues);
  const iterations = /^[0-9]{1,10}$/.test(countText) ? Number(countText) : 0;
  if (iterations < 1 || iterations > 0x7fff_ffff) {
    issues.push(
      issue('SCRAM_BAD_ITERATIONS', `expected a positive iteration count, got ${quote(countText)}`),
    );
  }
  return { value: { nonce, salt, iterations, mandatoryExtension, attributes: all }, issues };
}

/** Reads `c=binding,r=nonce,p=proof`. */
export function parseClientFinal(bytes: Uint8Array): Decoded<ScramClientFinal> {
  const issues: Issue[] = [];
  const parts = splitAttributes(bytes, issues);
  const attributes = readAttributes(bytes, parts, 0, issues);
  const channelBinding = base64At(attributes, 0, 'c', issues);
  const nonce = attributeAt(attributes, 1, 'r', issues);
  checkNonce(nonce, issues);
  const last = attributes.length - 1;
  const proof = base64At(attributes, Math.max(2, last), 'p', issues);
  const proofStart = last >= 2 ? attributes[last].offset - 2 : bytes.length + 1;
  return {
    value: {
      channelBinding,
      nonce,
      proof,
      withoutProof: { offset: 0, length: Math.max(0, proofStart - 1) },
      attributes,
    },
    issues,
  };
}

/** Reads `v=signature` or `e=error`. */
export function parseServerFinal(bytes: Uint8Array): Decoded<ScramServerFinal> {
  const issues: Issue[] = [];
  const attributes = readAttributes(bytes, splitAttributes(bytes, issues), 0, issues);
  const error = attributes[0]?.name === 'e' ? attributes[0].value : null;
  const signature = error === null ? base64At(attributes, 0, 'v', issues) : null;
  return { value: { signature, error, attributes }, issues };
}

/** @param gs2Header such as `n,,`; see `gs2HeaderOf` in `scram-client`. */
export function buildClientFirst(gs2Header: string, user: string, nonce: string): Uint8Array {
  return utf8Bytes(`${gs2Header}n=${escapeName(user)},r=${nonce}`);
}

export function buildServerFirst(nonce: string, salt: Uint8Array, iterations: number): Uint8Array {
  return utf8Bytes(`r=${nonce},s=${toBase64(salt)},i=${iterations}`);
}

/** client-final-message-without-proof; {@link appendProof} completes it. */
export function buildClientFinalWithoutProof(channelBinding: Uint8Array, nonce: string): Uint8Array {
  return utf8Bytes(`c=${toBase64(channelBinding)},r=${nonce}`);
}

export function appendProof(withoutProof: Uint8Array, proof: Uint8Array): Uint8Array {
  return utf8Bytes(`${utf8(withoutProof)},p=${toBase64(proof)}`);
}

export function buildServerFinal(signature: Uint8Array): Uint8Array {
  return utf8Bytes(`v=${toBase64(signature)}`);
}

/** The three messages that proof and signature are computed over, joined by commas (RFC 5802 section 3). */
export function authMessage(bare: Uint8Array, serverFirst: Uint8Array, withoutProof: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bare.length + serverFirst.length + withoutProof.length + 2);
  joined.set(bare, 0);
  joined[bare.length] = 0x2c;
  joined.set(serverFirst, bare.length + 1);
  joined[bare.length + 1 + serverFirst.length] = 0x2c;
  joined.set(withoutProof, bare.length + serverFirst.length + 2);
  return joined;
}

/** `,` and `=` in a saslname become `=2C` and `=3D`. */
function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

function unescapeName(name: string, issues: Issue[]): string {
  if (!name.includes('=')) return name;
  if (/=(?!2C|3D)/.test(name)) {
    issues.push(issue('SCRAM_BAD_NAME', 'a "=" in a name that is neither "=2C" nor "=3D"'));
  }
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/** Comma-separated parts as ranges; stops at {@link SCRAM_LIMITS}. */
function splitAttributes(bytes: Uint8Array, issues: Issue[]): ByteRange[] {
  const parts: ByteRange[] = [];
  const end = Math.min(bytes.length, SCRAM_LIMITS.message);
  if (end < bytes.length) {
    issues.push(issue('SCRAM_TOO_LONG', `a message of ${bytes.length} bytes; ${end} were read`, end));
  }
  let from = 0;
  for (let i = 0; i <= end; i++) {
    if (i < end && bytes[i] !== 0x2c) continue;
    if (parts.length === SCRAM_LIMITS.attributes) {
      issues.push(issue('SCRAM_TOO_MANY', `more than ${SCRAM_LIMITS.attributes} attributes`, from));
      break;
    }
    parts.push({ offset: from, length: i - from });
    from = i + 1;
  }
  return parts;
}

function readAttributes(
  bytes: Uint8Array,
  parts: readonly ByteRange[],
  first: number,
  issues: Issue[],
): ScramAttribute[] {
  const attributes: ScramAttribute[] = [];
  for (let i = first; i < parts.length; i++) {
    const part = parts[i];
    const name = bytes[part.offset] ?? 0;
    const letter = (name >= 0x41 && name <= 0x5a) || (name >= 0x61 && name <= 0x7a);
    if (part.length < 2 || !letter || bytes[part.offset + 1] !== 0x3d) {
      issues.push(
        issue(
          'SCRAM_BAD_ATTRIBUTE',
          `expected "letter=value", got ${quote(sliceText(bytes, part))}`,
          part.offset,
        ),
      );
      continue;
    }
    const offset = part.offset + 2;
    const value = utf8Between(bytes, offset, part.offset + part.length);
    attributes.push({ name: String.fromCharCode(name), value, offset, length: part.length - 2 });
  }
  return attributes;
}

/** SCRAM fixes the order of the attributes it defines; extensions may only follow. */
function attributeAt(
  attributes: readonly ScramAttribute[],
  index: number,
  name: string,
  issues: Issue[],
): string {
  const attribute = attributes[index];
  if (attribute?.name === name) return attribute.value;
  const got = attribute ? `"${attribute.name}="` : 'nothing';
  issues.push(issue('SCRAM_MISSING_ATTRIBUTE', `expected "${name}=" here, got ${got}`, attribute?.offset));
  return '';
}

function base64At(
  attributes: readonly ScramAttribute[],
  index: number,
  name: string,
  issues: Issue[],
): Uint8Array {
  const bytes = fromBase64(attributeAt(attributes, index, name, issues));
  if (bytes) return bytes;
  issues.push(issue('SCRAM_BAD_BASE64', `"${name}=" is not base64`, attributes[index]?.offset));
  return new Uint8Array(0);
}

/** A nonce is one or more printable ASCII characters without a comma. */
function checkNonce(nonce: string, issues: Issue[]): void {
  if (isPrintable(nonce)) return;
  issues.push(issue('SCRAM_BAD_NONCE', 'the nonce is empty or has an unprintable character'));
}

/** Not empty, and ASCII's visible characters alone, without the comma. */
function isPrintable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x21 || code > 0x7e || code === 0x2c) return false;
  }
  return text !== '';
}

function sliceText(bytes: Uint8Array, range: ByteRange): string {
  return utf8Between(bytes, range.offset, range.offset + range.length);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
