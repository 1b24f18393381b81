/**
 * Options that are misspelt. The specification only warns of them and goes on without; most drivers refuse. A Connect Test refuses where going
 * on could log in in the clear, with another mechanism, or elsewhere than was meant.
 */
import { nearest } from '../../base/nearest';
import { MECHANISMS } from '../mechanisms/mechanism';
import { isOptionName, OPTION_NAMES, optionName } from './uri-options';

/** What people write for an option of MongoDB, in small letters: names of older drivers, of tools, and of other databases. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  authdb: 'authSource',
  authdatabase: 'authSource',
  authenticationdatabase: 'authSource',
  authmech: 'authMechanism',
  authenticationmechanism: 'authMechanism',
  authtype: 'authMechanism',
  gssapiservicename: 'authMechanismProperties',
  mechanism: 'authMechanism',
  cafile: 'tlsCAFile',
  rs: 'replicaSet',
  rsname: 'replicaSet',
  rs_name: 'replicaSet',
  replset: 'replicaSet',
  slaveok: 'readPreference',
  sslca: 'tlsCAFile',
  ssl_ca_certs: 'tlsCAFile',
  sslcafile: 'tlsCAFile',
  sslrootcert: 'tlsCAFile',
  sslcertificateauthorityfile: 'tlsCAFile',
  tlscertificateauthorityfile: 'tlsCAFile',
  sslcert: 'tlsCertificateKeyFile',
  sslkey: 'tlsCertificateKeyFile',
  sslpemkeyfile: 'tlsCertificateKeyFile',
  ssl_certfile: 'tlsCertificateKeyFile',
  ssl_keyfile: 'tlsCertificateKeyFile',
  sslclientcertificatekeyfile: 'tlsCertificateKeyFile',
  tlscertificatefile: 'tlsCertificateKeyFile',
  sslclientcertificatekeypassword: 'tlsCertificateKeyFilePassword',
  sslpempassword: 'tlsCertificateKeyFilePassword',
  ssl_cert_reqs: 'tlsAllowInvalidCertificates',
  sslverifycertificate: 'tlsAllowInvalidCertificates',
  sslallowinvalidcertificates: 'tlsAllowInvalidCertificates',
  sslallowinvalidhostnames: 'tlsAllowInvalidHostnames',
  sslinvalidhostnameallowed: 'tlsAllowInvalidHostnames',
  sslmode: 'tls',
  usessl: 'tls',
  usetls: 'tls',
};

/** Options without which a login may be another one than was meant: to be refused when they cannot be read. */
const DECISIVE = /^(tls|auth|directConnection$|loadBalanced$|replicaSet$|srv)/;

function isDecisive(option: string): boolean {
  return DECISIVE.test(option);
}

/** Whether a login without this option may be another one than was meant. @param written as it stands in the connection string */
export function isDecisiveName(written: string): boolean {
  const name = optionName(written);
  return name !== undefined && isDecisive(name);
}

/** Names of users and passwords given as options: MongoDB has them before the host only. */
const CREDENTIALS = /^(user(name)?|pass(word)?|pwd)$/i;

/** What is to be said of an option that is not one. */
export interface Misspelling {
  /** Whether a test may not go on without it. */
  readonly refused: boolean;
  /** `Did you mean authSource?`, or empty. */
  readonly advice: string;
}

/** `&amp;` is what a page of HTML has between options. */
export function withoutEntity(name: string): string {
  return name.replace(/^amp;/i, '');
}

/** @param name as it was written, not an option's */
export function misspeltName(name: string): Misspelling {
  const plain = withoutEntity(name);
  if (plain !== name && isOptionName(plain))
    return { refused: true, advice: `Write & between options, and ${plain} without anything before it` };
  if (CREDENTIALS.test(plain))
    return {
      refused: true,
      advice: 'User and password stand before the host: mongodb://user:password@host/',
    };
  const meant = OTHER_NAMES[plain.toLowerCase()] ?? (plain.length >= 3 ? nearest(plain, OPTION_NAMES) : null);
  if (meant !== null) return { refused: isDecisive(meant), advice: `Did you mean ${meant}?` };
  // TLS was meant, whatever the option does elsewhere.
  if (/tls|ssl/i.test(plain))
    return {
      refused: true,
      advice: 'TLS is switched on by tls=true, and the options about it begin with tls',
    };
  return { refused: false, advice: '' };
}

const YES: ReadonlySet<string> = new Set(['1', 'yes', 'y', 'on', 'enable', 'enabled', 'require', 'required']);
const NO: ReadonlySet<string> = new Set(['0', 'no', 'n', 'off', 'disable', 'disabled', 'none']);

/** @param value that the option cannot have; nothing of it is shown */
export function misspeltValue(option: string, value: string): Misspelling {
  const refused = isDecisive(option);
  const meant = option === 'authMechanism' ? mechanismMeant(value) : flagMeant(value);
  return { refused, advice: meant === null ? '' : `Did you mean ${option}=${meant}?` };
}

function flagMeant(value: string): string | null {
  const word = value.trim().toLowerCase();
  if (YES.has(word)) return 'true';
  if (NO.has(word)) return 'false';
  return nearest(word, ['true', 'false']);
}

function mechanismMeant(value: string): string | null {
  const bare = value.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  const other: Readonly<Record<string, string>> = {
    SHA1: 'SCRAM-SHA-1',
    SHA256: 'SCRAM-SHA-256',
    SCRAM: 'SCRAM-SHA-256',
    SCRAM256: 'SCRAM-SHA-256',
    X509: 'MONGODB-X509',
    AWS: 'MONGODB-AWS',
    IAM: 'MONGODB-AWS',
    OIDC: 'MONGODB-OIDC',
    LDAP: 'PLAIN',
    KERBEROS: 'GSSAPI',
    CR: 'MONGODB-CR',
  };
  return other[bare] ?? nearest(value, MECHANISMS);
}

/**
 * An option inside the value of another, or inside the database name: a `?` or `&` was not written where it belongs, or written as `;`.
 * Null where there is none.
 */
export function swallowedOption(text: string): string | null {
  const match = /(?:^|[?;&,\s])([A-Za-z]{3,40})=/.exec(text);
  return match && isOptionName(match[1]) ? match[1] : null;
}
