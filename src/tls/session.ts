import { Cursor } from '../base/cursor';
import type { Issue } from '../base/issue';
import type { Mark, Side } from '../base/mark';
import { canBePlain } from './can-be-plain';
import { parseCertificateMessage } from './certificate';
import { Tls13Cipher } from './decrypt-13';
import type { TlsEvents } from './events';
import type { TlsEvidence } from './evidence';
import { EvidenceLog } from './evidence-log';
import { parseExtensions } from './extensions';
import { Half } from './half';
import type { HandshakeMessage } from './handshake';
import { type ClientHelloFacts, readClientHello, readServerHello, type ServerHelloFacts } from './hello';
import type { KeyLog } from './keylog';
import { CONTENT_TYPE, HANDSHAKE_TYPE, handshakeName, suiteName, VERSION, versionName } from './names';
import { type OpenedRecord, protectionOf, type RecordCipher, SECRET_LENGTH } from './protection';
import type { TlsRecord } from './record';
import { SessionKeys } from './session-keys';
import { type MessageOptions, SessionMessages } from './session-messages';

export interface TlsSessionOptions extends MessageOptions {
  readonly keyLog?: KeyLog;
  /** Called with every record before what it holds is told; null stands for a sealed one that no key opened. */
  readonly onRecord?: (from: Side, record: TlsRecord, opened: OpenedWith | null | undefined) => void;
}

/** A sealed record's content, and what opened it as which record. */
export interface OpenedWith extends OpenedRecord {
  readonly cipher: RecordCipher;
  readonly sequence: number;
  readonly keys: SessionKeys;
}

/** Bytes taken at a time, so that the record buffer never overflows. */
const CHUNK = 1 << 14;

const ALERT_LENGTH = 2;
/** The tag of all suites but CCM_8. */
const USUAL_TAG = 16;

/** A TLS 1.3 Certificate message without a certificate, its header included (RFC 8446 section 4.4.2). */
const EMPTY_CERTIFICATE = 8;

/** A client's sealed flight without keys: Certificate, CertificateVerify, Finished, and room for a certificate in pieces. */
const MAX_SEALED_FLIGHT = 6;

/**
 * Observes one TLS connection from both directions and tells {@link TlsEvents} what it understands: the handshake in the clear
 * always, the rest as far as the key log has its secrets.
 */
export class TlsSession {
  readonly #client = new Half('client');
  readonly #server = new Half('server');
  readonly #keys: SessionKeys;
  readonly #messages: SessionMessages;
  readonly #log = new EvidenceLog();
  /** Bytes of either direction are missing: what has been said since then need not be what it looks like. */
  #lost = false;
  #clientHello: ClientHelloFacts | undefined;
  #serverHello: ServerHelloFacts | undefined;
  /** The version chosen; a HelloRetryRequest tells it too. 0 while it is not known. */
  #version = 0;
  #serverHelloDone = false;
  #established = false;
  #decrypted: boolean | undefined;

  constructor(
    private readonly events: TlsEvents,
    private readonly options: TlsSessionOptions = {},
  ) {
    this.#keys = new SessionKeys(options.keyLog);
    this.#messages = new SessionMessages(events, options);
  }

  #half(side: Side): Half {
    return side === 'client' ? this.#client : this.#server;
  }

  #other(half: Half): Half {
    return half === this.#client ? this.#server : this.#client;
  }

  /** Why a direction is not TLS; null while both are. */
  get broken(): Issue | null {
    return this.#client.reader.broken ?? this.#server.reader.broken;
  }

  /** What it showed, opened or not; filled as it goes on. */
  get evidence(): TlsEvidence {
    return this.#log.evidence;
  }

  /** The handshake is over and succeeded, as far as can be seen. */
  get established(): boolean {
    return this.#established;
  }

  /** Bytes before the session's first are missing. */
  noteLost(): void {
    this.#lost = true;
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark): void {
    const half = this.#half(from);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      half.reader.append(bytes.length <= CHUNK ? bytes : bytes.subarray(at, at + CHUNK), mark);
      for (let record = half.reader.next(); record; record = half.reader.next())
        this.#handleRecord(half, record);
    }
    if (half.reader.broken && !half.reported) {
      half.reported = true;
      this.#log.noteNotTls(from, half.reader.brokenBytes);
      this.#messages.tellNotTls(from, half.reader, bytes, mark);
    }
  }

  handleGap(from: Side, length: number, _mark: Mark): void {
    const half = this.#half(from);
    this.#lost = true;
    half.reader.handleGap(length);
    half.handshake.reset();
    half.opener.handleGap(length);
  }

  get #tls13(): boolean {
    return this.#version === VERSION.tls13;
  }

  #handleRecord(half: Half, record: TlsRecord): void {
    if (record.type === CONTENT_TYPE.changeCipherSpec) {
      this.options.onRecord?.(half.side, record, undefined);
      this.#handleChangeCipherSpec(half, record);
      return;
    }
    // TLS 1.3 seals everything as application data; before it, sealed records keep their type.
    let sealed = half.sealed && (!this.#tls13 || record.type === CONTENT_TYPE.applicationData);
    if (!sealed && this.#lost && half.handshake.pending === 0 && !canBePlain(record.type, record.payload)) {
      // What announced the sealing is among the missing bytes.
      half.sealed = true;
      sealed = true;
    }
    if (!sealed) {
      this.options.onRecord?.(half.side, record, undefined);
      if (record.type === CONTENT_TYPE.applicationData) this.#unexpectedData(half, record);
      else this.#handleContent(half, record.type, record.payload, record, false);
      return;
    }
    const opened = half.opener.open(record);
    if (this.options.onRecord) this.#tellRecord(half, record, opened);
    if (opened) {
      this.#noteDecrypted(true);
      this.#handleContent(half, opened.type, opened.content, record, true);
    } else {
      this.#handleSealed(half, record);
    }
  }

  #tellRecord(half: Half, record: TlsRecord, opened: OpenedRecord | undefined): void {
    const { cipher } = half.opener;
    const keys = this.#keys;
    const how = opened && cipher ? { ...opened, cipher, sequence: cipher.sequence - 1, keys } : null;
    this.options.onRecord?.(half.side, record, how);
  }

  #handleContent(half: Half, type: number, content: Uint8Array, record: TlsRecord, sealed: boolean): void {
    if (type !== CONTENT_TYPE.alert) this.evidence.lastWords[half.side] = record.mark;
    if (type === CONTENT_TYPE.handshake) {
      for (const message of half.handshake.read(content, record, sealed)) {
        this.#handleHandshake(half, message, sealed);
      }
    } else if (type === CONTENT_TYPE.alert) {
      this.#log.noteAlert(this.#messages.tellAlert(half.side, content, record, sealed), sealed, record.mark);
    } else if (type === CONTENT_TYPE.applicationData) {
      half.data = true;
      this.evidence.data[half.side]++;
      this.#noteEstablished(this.#client.data && this.#server.data);
      if (content.length > 0) this.events.handlePlaintext(half.side, content, record.mark);
    }
  }

  #handleChangeCipherSpec(half: Half, record: TlsRecord): void {
    // TLS 1.3 sends it to please middle boxes, with early data even before the ServerHello (RFC 8446 appendix D.4).
    const meaningless =
      this.#tls13 || (this.#version === 0 && this.#clientHello !== undefined && !this.#lost);
    const summary = meaningless ? 'compatibility only' : 'encrypts from here on';
    const data = record.payload;
    const message = { name: 'ChangeCipherSpec', words: summary, encrypted: false, data };
    this.#messages.tell(half.side, record, message);
    if (meaningless) return;
    half.sealed = true;
    half.handshake.reset();
    // An abbreviated handshake has no ServerHelloDone: the server goes straight on to its ChangeCipherSpec.
    if (half.side === 'server' && this.#serverHello && !this.#serverHelloDone && !this.#lost) {
      this.events.handleTlsFacts({ resumed: true });
    }
    half.opener.use(this.#keys.tls12(half.side));
  }

  #handleHandshake(half: Half, message: HandshakeMessage, sealed: boolean): void {
    const { type, bytes, mark } = message;
    if (!sealed) this.#keys.addMessage(type, bytes);
    if (type === HANDSHAKE_TYPE.clientHello) {
      const hello = readClientHello(bytes);
      this.#clientHello = hello;
      this.#keys.clientHello = hello;
      this.#serverHelloDone = false;
      this.#tellHandshake(half, message, handshakeName(type), sealed);
      const { sni, alpn: alpnOffered } = hello;
      this.evidence.clientHello ??= mark;
      this.evidence.alpnOffered = alpnOffered;
      this.events.handleTlsFacts(sni === null ? { alpnOffered } : { sni, alpnOffered });
    } else if (type === HANDSHAKE_TYPE.serverHello) {
      const hello = readServerHello(bytes);
      const name = hello.helloRetryRequest ? 'HelloRetryRequest' : handshakeName(type);
      this.#tellHandshake(half, message, name, sealed);
      if (!hello.helloRetryRequest) this.evidence.serverHello ??= mark;
      this.#acceptServerHello(hello);
    } else {
      this.#tellHandshake(half, message, handshakeName(type), sealed);
      this.#handleOther(half, message, sealed);
    }
  }

  /** What the messages after the hellos change. */
  #handleOther(half: Half, message: HandshakeMessage, sealed: boolean): void {
    const { type, bytes } = message;
    if (type === HANDSHAKE_TYPE.encryptedExtensions) {
      const { alpn } = parseExtensions(new Cursor(bytes, 4), 'server', [], true);
      if (alpn.length > 0) this.events.handleTlsFacts({ alpn: alpn[0] });
    } else if (type === HANDSHAKE_TYPE.certificate) {
      const chain = parseCertificateMessage(bytes, this.#tls13).value;
      this.#log.noteCertificate(half.side, chain.length > 0);
      const certificates = chain.flatMap((entry) => (entry.summary ? [entry.summary] : []));
      if (half.side === 'client') this.events.handleTlsFacts({ clientCertificates: certificates });
      else if (chain.length > 0) this.events.handleTlsFacts({ certificates, leafCertificate: chain[0].der });
    } else if (type === HANDSHAKE_TYPE.serverHelloDone) {
      this.#serverHelloDone = true;
      this.#noteNoRequest();
    } else if (type === HANDSHAKE_TYPE.certificateRequest) {
      this.evidence.certificateRequested = true;
    } else if (type === HANDSHAKE_TYPE.finished) {
      this.#noteFinished(half);
      // In TLS 1.3 a request comes before the server's Certificate; a session that is resumed has asked before.
      if (half === this.#server && this.#tls13 && !this.#serverHello?.preSharedKey) this.#noteNoRequest();
      if (this.#tls13) half.opener.use(this.#keys.traffic13(half.side));
      this.#noteEstablished(this.#other(half).finished);
    } else if (type === HANDSHAKE_TYPE.keyUpdate && sealed && half.opener.cipher instanceof Tls13Cipher) {
      half.opener.use(half.opener.cipher.updated());
    }
  }

  /** The server's flight is over; a request that was not seen may be among missing bytes. */
  #noteNoRequest(): void {
    if (!this.#lost) this.evidence.certificateRequested ??= false;
  }

  #acceptServerHello(hello: ServerHelloFacts): void {
    this.#version = hello.version;
    if (hello.helloRetryRequest) {
      this.events.handleTlsFacts({ helloRetry: true });
      return;
    }
    this.#serverHello = hello;
    this.#keys.serverHello = hello;
    this.events.handleTlsFacts({ version: versionName(hello.version), cipher: suiteName(hello.suite) });
    if (hello.alpn.length > 0) this.events.handleTlsFacts({ alpn: hello.alpn[0] });
    if (hello.preSharedKey) this.events.handleTlsFacts({ resumed: true });
    if (hello.version !== VERSION.tls13) return;
    for (const half of [this.#client, this.#server]) {
      half.sealed = true;
      half.opener.use(this.#keys.handshake13(half.side), this.#keys.traffic13(half.side));
    }
  }

  /** A record that no key opens: its size and place are all there is to go by. */
  #handleSealed(half: Half, record: TlsRecord): void {
    if (record.type === CONTENT_TYPE.alert) {
      const words = 'an encrypted alert: what it says needs the keys';
      this.#log.noteSealed(half.side, record, true, false);
      this.#messages.tell(half.side, record, { name: 'Alert', words, encrypted: true });
    } else if (record.type === CONTENT_TYPE.handshake) {
      this.#sealedHandshake(half, record);
      // The first sealed message of each side is its Finished.
      this.#noteFinished(half);
      this.#noteEstablished(this.#other(half).finished);
    } else if (this.#tls13) {
      // The handshake's keys are known and have opened nothing yet: what comes before is under the early ones.
      const early = half.side === 'client' && this.#clientHello?.earlyData && half.opener.waitsForFirst;
      if (early) this.#earlyData(half, record);
      else this.#handleSealed13(half, record);
    } else {
      this.#ciphertext(half, record);
    }
  }

  #handleSealed13(half: Half, record: TlsRecord): void {
    const client = this.#client;
    const server = this.#server;
    const protection = protectionOf(this.#serverHello?.suite ?? 0);
    // A TLS 1.3 record holds one byte of type and the tag besides its content.
    const seal = 1 + (protection?.tagLength ?? USUAL_TAG);
    if (record.length === ALERT_LENGTH + seal) {
      const summary = 'a sealed record of the size of an alert';
      const fields = [{ name: 'stage', value: this.#established ? 'data' : 'handshake' }];
      const words = { summary, fields };
      this.#log.noteSealed(half.side, record, true, false);
      this.#messages.tell(half.side, record, { name: 'EncryptedRecord', words, encrypted: true });
      if (client.finished) this.events.handleCiphertext(half.side, record.length, record.mark);
      return;
    }
    // The server answers only a client that is finished, whatever its records looked like.
    if (half === server && client.sealedHandshakes > 0) this.#noteFinished(client);
    if (half === client && !client.finished) {
      this.#sealedHandshake(half, record);
      const finished = 4 + SECRET_LENGTH[protection?.hash ?? 'sha256'];
      const withNone = EMPTY_CERTIFICATE + finished + seal;
      const last = record.length === finished + seal || record.length === withNone;
      if (record.length === EMPTY_CERTIFICATE + seal || record.length === withNone) {
        this.evidence.certificateRequested = true;
        this.#log.noteCertificate('client', false);
      }
      if (last || client.sealedHandshakes >= MAX_SEALED_FLIGHT) this.#noteFinished(client);
    } else if (half === server && !client.finished) {
      this.#sealedHandshake(half, record);
      if (!this.#serverHello?.preSharedKey) this.#log.noteSealedFlight(record.length);
    } else {
      half.data = true;
      this.#ciphertext(half, record);
      this.#noteEstablished(client.data && server.data);
    }
  }

  #sealedHandshake(half: Half, record: TlsRecord): void {
    half.sealedHandshakes++;
    this.#log.noteSealed(half.side, record, false, true);
    const words = this.options.outline ? '' : `${record.length} bytes`;
    const data = record.payload;
    this.#messages.tell(half.side, record, { name: 'EncryptedHandshake', words, encrypted: true, data });
  }

  /** Application data before the handshake: early data, if the ClientHello announced it (RFC 8446 section 4.2.10). */
  #unexpectedData(half: Half, record: TlsRecord): void {
    if (half.side === 'client' && this.#clientHello?.earlyData) this.#earlyData(half, record);
    else this.#ciphertext(half, record);
  }

  #earlyData(half: Half, record: TlsRecord): void {
    const words = `${record.length} bytes before the handshake is over (0-RTT)`;
    this.#messages.tell(half.side, record, { name: 'EarlyData', words, encrypted: true });
  }

  #ciphertext(half: Half, record: TlsRecord): void {
    if (half.sealed && half.finished) this.#noteDecrypted(false);
    this.#log.noteSealed(half.side, record, false, false);
    this.events.handleCiphertext(half.side, record.length, record.mark);
  }

  #noteFinished(half: Half): void {
    half.finished = true;
    this.evidence.finished[half.side] = true;
  }

  #noteEstablished(now: boolean): void {
    if (!now || this.#established) return;
    this.#established = true;
    this.events.handleTlsFacts({ established: true });
  }

  #noteDecrypted(decrypted: boolean): void {
    if (this.#decrypted === decrypted) return;
    this.#decrypted = decrypted;
    this.events.handleTlsFacts({ decrypted });
  }

  #tellHandshake({ side }: Half, message: HandshakeMessage, name: string, encrypted: boolean): void {
    const suite = this.#serverHello?.suite ?? 0;
    this.#messages.tellHandshake(side, message, name, encrypted, this.#version, suite);
  }
}
