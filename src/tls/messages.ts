/** Words and fields for the handshake messages that are not hellos. */
import { AsnConvert } from '@peculiar/asn1-schema';
import { Name } from '@peculiar/asn1-x509';
import { hex } from '../base/bytes';
import { Cursor } from '../base/cursor';
import type { LazyWords, StepWords } from '../trace/lazy-step';
import type { Field } from '../trace/model';
import { type ChainEntry, parseCertificateMessage } from './certificate';
import { nameText } from './distinguished-name';
import { list16, parseExtensions, words } from './extensions';
import { type ClientHello, parseClientHello, parseServerHello, type ServerHello } from './hello';
import { groupName, HANDSHAKE_TYPE, signatureName, suiteName, VERSION, versionName } from './names';
import { RecentlyRead } from './recently-read';

const BODY = 4;
const MAX_AUTHORITIES = 50;

export type Description = StepWords;

/** The words of a handshake message, made from its bytes. */
export class HandshakeWords implements LazyWords {
  /**
   * @param bytes the message with its header; kept.
   * @param version of the session, 0 when not known. @param suite of the session, 0 when not known.
   */
  constructor(
    private readonly type: number,
    private readonly bytes: Uint8Array,
    private readonly version: number,
    private readonly suite: number,
  ) {}

  words(): StepWords {
    switch (this.type) {
      case HANDSHAKE_TYPE.clientHello:
        return describeClientHello(parseClientHello(this.bytes).value);
      case HANDSHAKE_TYPE.serverHello:
        return describeServerHello(parseServerHello(this.bytes).value);
      default:
        return describeMessage(this.type, this.bytes, this.version, this.suite);
    }
  }
}

function describeClientHello(hello: ClientHello): Description {
  const parts = [versionName(hello.maxVersion)];
  if (hello.sni !== null) parts.push(`for ${hello.sni}`);
  if (hello.alpn.length > 0) parts.push(`ALPN ${hello.alpn.join(', ')}`);
  parts.push(`${hello.suites.length} cipher suites`);
  if (hello.preSharedKey) parts.push('wants to resume');
  if (hello.earlyData) parts.push('sends early data (0-RTT)');
  return { summary: parts.join(', '), fields: hello.fields };
}

function describeServerHello(hello: ServerHello): Description {
  const parts = [versionName(hello.version), suiteName(hello.suite)];
  if (hello.helloRetryRequest) parts.unshift('asks for another ClientHello');
  if (hello.keyShares.length > 0) parts.push(groupName(hello.keyShares[0]));
  if (hello.alpn.length > 0) parts.push(`ALPN ${hello.alpn[0]}`);
  if (hello.preSharedKey) parts.push('resumes');
  return { summary: parts.join(', '), fields: hello.fields };
}

function describeChain(chain: readonly ChainEntry[]): Description {
  if (chain.length === 0) return { summary: 'no certificate', fields: [] };
  const leaf = chain[0].summary;
  const more = chain.length > 1 ? ` and ${chain.length - 1} more` : '';
  return {
    summary: `${leaf ? leaf.subject || '(empty subject)' : 'unreadable certificate'}${more}`,
    fields: chain.map(({ der, offset, summary }, index) => ({
      name: index === 0 ? 'certificate' : `issuer certificate ${index}`,
      value: summary?.subject ?? 'unreadable',
      offset,
      length: der.length,
      fields: summary
        ? [
            { name: 'issuer', value: summary.issuer },
            { name: 'subjectAltName', value: summary.names.join(', ') },
            { name: 'notBefore', value: summary.notBefore },
            { name: 'notAfter', value: summary.notAfter },
            { name: 'SHA-256 fingerprint', value: summary.fingerprint256 },
          ]
        : [],
    })),
  };
}

/**
 * Describes every other message.
 * @param bytes the message with its header.
 * @param version of the session, 0 when not known.
 * @param suite of the session, 0 when not known.
 */
export function describeMessage(
  type: number,
  bytes: Uint8Array,
  version: number,
  suite: number,
): Description {
  const cursor = new Cursor(bytes, BODY);
  const tls13 = version === VERSION.tls13;
  switch (type) {
    case HANDSHAKE_TYPE.encryptedExtensions: {
      const { fields, alpn, earlyData } = parseExtensions(cursor, 'server', []);
      const said = alpn.length > 0 ? `ALPN ${alpn[0]}` : `${fields.length} extensions`;
      return { summary: earlyData ? `${said}, takes the early data` : said, fields };
    }
    case HANDSHAKE_TYPE.certificate:
      return describeChain(parseCertificateMessage(bytes, tls13).value);
    case HANDSHAKE_TYPE.certificateRequest:
      return tls13 ? certificateRequest13(cursor) : certificateRequest12(cursor, version);
    case HANDSHAKE_TYPE.certificateVerify:
      return signature(cursor, tls13 || version === VERSION.tls12);
    case HANDSHAKE_TYPE.serverKeyExchange:
      return serverKeyExchange(cursor, suite);
    case HANDSHAKE_TYPE.clientKeyExchange:
      return clientKeyExchange(bytes, suite);
    case HANDSHAKE_TYPE.newSessionTicket: {
      const lifetime = cursor.u32be();
      return {
        summary: `valid for ${lifetime} s`,
        fields: [{ name: 'ticket_lifetime', value: `${lifetime} s`, offset: BODY, length: 4 }],
      };
    }
    case HANDSHAKE_TYPE.keyUpdate: {
      const requested = cursor.u8() === 1;
      return {
        summary: requested ? 'new keys, and asks the other side for new ones' : 'new keys',
        fields: [
          {
            name: 'request_update',
            value: requested ? 'update_requested' : 'update_not_requested',
            offset: BODY,
            length: 1,
          },
        ],
      };
    }
    case HANDSHAKE_TYPE.helloRequest:
      return { summary: 'asks to renegotiate', fields: [] };
    case HANDSHAKE_TYPE.serverHelloDone:
      return { summary: 'the client is next', fields: [] };
    case HANDSHAKE_TYPE.finished:
      return { summary: 'verified keys', fields: [] };
    default:
      return { summary: `${bytes.length} bytes`, fields: [] };
  }
}

function signature(cursor: Cursor, named: boolean): Description {
  if (!named) return { summary: 'signed', fields: [] };
  const name = signatureName(cursor.u16be());
  return {
    summary: `signed with ${name}`,
    fields: [{ name: 'algorithm', value: name, offset: BODY, length: 2 }],
  };
}

/** RFC 8422 section 5.4: a named curve; other key exchanges are not taken apart. */
function serverKeyExchange(cursor: Cursor, suite: number): Description {
  if (!suiteName(suite).includes('ECDHE') || cursor.u8() !== 3) {
    return { summary: 'key exchange parameters', fields: [] };
  }
  const group = groupName(cursor.u16be());
  return { summary: group, fields: [{ name: 'named_curve', value: group, offset: BODY + 1, length: 2 }] };
}

/** RFC 5246 section 7.4.7.1: with RSA key exchange, what a key log's `RSA` lines know a session by. */
function clientKeyExchange(bytes: Uint8Array, suite: number): Description {
  const encrypted = encryptedPreMaster(bytes, suite);
  if (!encrypted) return { summary: `${bytes.length} bytes`, fields: [] };
  return {
    summary: 'a secret for the key of the certificate (RSA)',
    fields: [
      {
        name: 'encrypted_pre_master_secret',
        value: hex(encrypted),
        offset: BODY + 2,
        length: encrypted.length,
      },
    ],
  };
}

/** The encrypted pre-master secret of a ClientKeyExchange; undefined with any other key exchange than RSA. */
export function encryptedPreMaster(message: Uint8Array, suite: number): Uint8Array | undefined {
  if (!suiteName(suite).startsWith('TLS_RSA_WITH_')) return undefined;
  const cursor = new Cursor(message, BODY);
  const encrypted = cursor.take(cursor.u16be());
  return cursor.overran ? undefined : encrypted;
}

function certificateRequest12(cursor: Cursor, version: number): Description {
  cursor.skip(cursor.u8());
  const algorithms = version >= VERSION.tls12 ? list16(cursor, cursor.u16be()) : [];
  return requestWords(algorithms, authorities(cursor));
}

function certificateRequest13(cursor: Cursor): Description {
  cursor.skip(cursor.u8());
  const { signatureAlgorithms, fields } = parseExtensions(cursor, 'server', []);
  const { summary } = requestWords(signatureAlgorithms, []);
  return { summary, fields };
}

function requestWords(algorithms: readonly number[], names: readonly string[]): Description {
  const fields: Field[] = [];
  if (algorithms.length > 0)
    fields.push({ name: 'signature_algorithms', value: words(algorithms, signatureName) });
  for (const name of names) fields.push({ name: 'certificate_authority', value: name });
  const from = names.length > 0 ? ` issued by ${names[0]}${names.length > 1 ? ' or another' : ''}` : '';
  return { summary: `asks for a client certificate${from}`, fields };
}

/** The subjects of authorities whose certificates the server would accept (RFC 5246 section 7.4.4). */
const authorityNames = new RecentlyRead((der) => {
  try {
    return nameText(AsnConvert.parse(der, Name));
  } catch {
    return 'unreadable';
  }
});

function authorities(cursor: Cursor): string[] {
  const names: string[] = [];
  cursor.u16be();
  while (cursor.remaining > 2 && names.length < MAX_AUTHORITIES) {
    const der = cursor.take(cursor.u16be());
    if (cursor.overran) break;
    names.push(authorityNames.of(der));
  }
  return names;
}
