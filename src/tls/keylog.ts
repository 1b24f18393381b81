/** The NSS key log format (SSLKEYLOGFILE), as browsers, OpenSSL, Node and libpq 18's `sslkeylogfile` write it. */
import { fromHex, hex, utf8 } from '../base/bytes';
import { type Decoded, type Issue, issue } from '../base/issue';

export const KEY_LOG_LIMITS = { line: 1024, sessions: 500_000, issues: 20 } as const;

/** Labels and where their secret goes. */
const LABELS = {
  CLIENT_RANDOM: 'master',
  PMS_CLIENT_RANDOM: 'preMaster',
  CLIENT_EARLY_TRAFFIC_SECRET: 'clientEarly',
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: 'clientHandshake',
  SERVER_HANDSHAKE_TRAFFIC_SECRET: 'serverHandshake',
  CLIENT_TRAFFIC_SECRET_0: 'clientTraffic',
  SERVER_TRAFFIC_SECRET_0: 'serverTraffic',
  EXPORTER_SECRET: 'exporter',
  EARLY_EXPORTER_SECRET: 'earlyExporter',
} as const;

type SecretName = (typeof LABELS)[keyof typeof LABELS];

/** A pre-master secret by the first eight bytes of its encrypted form: what OpenSSL and NSS write of an RSA key exchange. */
const RSA_LABEL = 'RSA';
const RSA_PREFIX_DIGITS = 16;
const RANDOM_DIGITS = 64;

/** The secrets of one session: `master` (48 bytes) or `preMaster` for TLS 1.2 and older, the others for 1.3. */
export type TlsSecrets = { readonly [name in SecretName]?: Uint8Array };

const NEWLINE = 0x0a;

/** A key log with a session's secrets. */
export function keyLogText(clientRandom: Uint8Array, secrets: TlsSecrets): string {
  const lines = Object.entries(LABELS).flatMap(([label, name]) => {
    const secret = secrets[name];
    return secret ? [`${label} ${hex(clientRandom)} ${hex(secret)}\n`] : [];
  });
  return lines.join('');
}

/** Secrets by the random value of their ClientHello. */
export class KeyLog {
  readonly #sessions = new Map<string, { [name in SecretName]?: Uint8Array }>();
  readonly #rsa = new Map<string, Uint8Array>();
  /** Some session may have to be opened from its pre-master secret. */
  hasPreMaster = false;

  static parse(text: Uint8Array): Decoded<KeyLog> {
    const value = new KeyLog();
    return { value, issues: value.add(text) };
  }

  /** Holds no secret at all. */
  get empty(): boolean {
    return this.#sessions.size === 0 && this.#rsa.size === 0;
  }

  /** Number of sessions with at least one secret. */
  get size(): number {
    return this.#sessions.size + this.#rsa.size;
  }

  /** Adds a log's lines, such as those of another Decryption Secrets Block. Unknown labels are passed over. */
  add(text: Uint8Array): Issue[] {
    const issues: Issue[] = [];
    let start = 0;
    while (start < text.length) {
      const newline = text.indexOf(NEWLINE, start);
      const end = newline < 0 ? text.length : newline;
      const problem =
        end - start > KEY_LOG_LIMITS.line
          ? `a line of ${end - start} bytes`
          : this.#addLine(utf8(text.subarray(start, end)).trim());
      if (problem !== undefined && issues.length < KEY_LOG_LIMITS.issues) {
        issues.push(issue('TLS_BAD_KEY_LOG', problem, start));
      }
      start = end + 1;
    }
    return issues;
  }

  /** @param clientRandom the 32 bytes of the ClientHello. */
  secretsFor(clientRandom: Uint8Array): TlsSecrets | undefined {
    return this.empty ? undefined : this.#sessions.get(hex(clientRandom));
  }

  /** @param encrypted the encrypted pre-master secret of a ClientKeyExchange. */
  rsaPreMaster(encrypted: Uint8Array): Uint8Array | undefined {
    return this.#rsa.get(hex(encrypted.subarray(0, RSA_PREFIX_DIGITS / 2)));
  }

  #addLine(line: string): string | undefined {
    if (line === '' || line.startsWith('#')) return undefined;
    const [label, id, secretText, extra] = line.split(/[ \t]+/);
    if (label !== RSA_LABEL && !Object.hasOwn(LABELS, label)) return undefined;
    const digits = label === RSA_LABEL ? RSA_PREFIX_DIGITS : RANDOM_DIGITS;
    const secret = fromHex(secretText ?? '');
    const isHex = id?.length === digits && /^[0-9a-fA-F]+$/.test(id);
    if (extra !== undefined || !isHex || !secret || secret.length === 0) {
      return `a ${label} line that is not two hex values`;
    }
    const key = id.toLowerCase();
    if (this.size >= KEY_LOG_LIMITS.sessions && !this.#sessions.has(key)) {
      return `more than ${KEY_LOG_LIMITS.sessions} sessions`;
    }
    if (label === RSA_LABEL) {
      this.#rsa.set(key, secret);
      this.hasPreMaster = true;
      return undefined;
    }
    const name = LABELS[label as keyof typeof LABELS];
    this.hasPreMaster ||= name === 'preMaster';
    const session = this.#sessions.get(key) ?? {};
    session[name] = secret;
    this.#sessions.set(key, session);
    return undefined;
  }
}
