import { EXTENSION, groupName, isGrease, signatureName, VERSION } from '../../tls/names';
import { redactDer } from './certificates';
import { APPLICATION_PROTOCOLS } from './known-tls';
import type { TlsReader } from './tls-reader';

/** Extensions whose body is kept as far as it has known numbers, besides those of {@link EXTENSION}. */
const TYPE = {
  maxFragmentLength: 1,
  statusRequest: 5,
  pointFormats: 11,
  compressCertificate: 27,
  recordSizeLimit: 28,
  cookie: 44,
  pskModes: 45,
  certificateAuthorities: 47,
  signatureAlgorithmsCert: 50,
  renegotiationInfo: 65_281,
} as const;

const MOST = 512;

/**
 * Writes a block of extensions (RFC 8446 section 4.2) anew: types, lengths and known numbers stay.
 *
 * @param from several have another form in the server's answer. @param inCertificate they are those of one certificate.
 */
export function redactExtensions(reader: TlsReader, from: 'client' | 'server', inCertificate = false): void {
  if (reader.left < 2) return;
  const list = reader.vector(2);
  for (let count = 0; list.left >= 4 && count < MOST; count++) {
    const { source } = list.out;
    const type = (source[list.at] << 8) | source[list.at + 1];
    list.keep(2);
    const body = list.vector(2);
    if (inCertificate) body.zeros(body.left);
    else redactExtension(type, body, from);
  }
}

function redactExtension(type: number, body: TlsReader, from: 'client' | 'server'): void {
  switch (type) {
    case EXTENSION.serverName:
      serverNames(body);
      return;
    case EXTENSION.alpn:
      for (const list = body.vector(2); list.left > 1; ) protocol(list.vector(1));
      return;
    case EXTENSION.supportedVersions:
      (from === 'client' ? body.vector(1) : body).numbers(
        (value) => isGrease(value) || (value >= 0x0300 && value <= VERSION.tls13),
      );
      return;
    case EXTENSION.supportedGroups:
      body.vector(2).numbers(isGroup);
      return;
    case EXTENSION.signatureAlgorithms:
    case TYPE.signatureAlgorithmsCert:
      body.vector(2).numbers((value) => isGrease(value) || isNamed(signatureName(value)));
      return;
    case EXTENSION.keyShare:
      if (from === 'client') for (const list = body.vector(2); list.left > 3; ) share(list);
      else share(body);
      return;
    case EXTENSION.preSharedKey:
      preSharedKey(body, from);
      return;
    case TYPE.cookie:
      secret(body.vector(2));
      return;
    case TYPE.pskModes:
    case TYPE.pointFormats:
      body.vector(1).small(2);
      return;
    case TYPE.compressCertificate:
      body.vector(1).numbers((value) => value <= 3);
      return;
    case TYPE.statusRequest:
      body.keep(1);
      body.vector(2).zeros(0);
      return;
    case TYPE.maxFragmentLength:
    case TYPE.recordSizeLimit:
      body.keep(Math.min(2, body.left));
      return;
    case TYPE.renegotiationInfo:
      secret(body.vector(1));
      return;
    case TYPE.certificateAuthorities:
      for (const list = body.vector(2); list.left > 2; ) {
        const name = list.vector(2);
        redactDer(name.out, name.at, name.end);
      }
      return;
    default:
      body.zeros(body.left);
  }
}

function secret(reader: TlsReader): void {
  reader.zeros(reader.left);
}

function isNamed(name: string): boolean {
  return /^[A-Za-z][A-Za-z\d_]{3,}$/.test(name) && !/^(unknown|0x)/i.test(name);
}

function isGroup(value: number): boolean {
  return isGrease(value) || isNamed(groupName(value));
}

/** RFC 6066 section 3: a name keeps its dots. */
function serverNames(body: TlsReader): void {
  for (const list = body.vector(2); list.left > 3; ) {
    list.keep(1);
    const name = list.vector(2);
    name.out.name(name.at, name.end);
  }
}

function protocol(name: TlsReader): void {
  const { out, at, end } = name;
  const text = out.text(at, end);
  const grease = end - at === 2 && isGrease((out.source[at] << 8) | out.source[at + 1]);
  if (grease || APPLICATION_PROTOCOLS.has(text)) out.keep(at, end);
  else out.letters(at, end);
}

/** A group and what is exchanged for it; the server's request for another has only the group. */
function share(reader: TlsReader): void {
  const { out, at } = reader;
  const group = (out.source[at] << 8) | out.source[at + 1];
  if (isGroup(group)) reader.keep(2);
  else {
    out.bytes.fill(0x0a, at, at + 2);
    reader.at += 2;
  }
  if (reader.left >= 2) secret(reader.vector(2));
}

/** RFC 8446 section 4.2.11: tickets with their ages, then binders; the server says which it took. */
function preSharedKey(body: TlsReader, from: 'client' | 'server'): void {
  if (from === 'server') {
    body.keep(2);
    return;
  }
  for (const list = body.vector(2); list.left > 2; ) {
    secret(list.vector(2));
    list.zeros(4);
  }
  for (const list = body.vector(2); list.left > 1; ) secret(list.vector(1));
}
