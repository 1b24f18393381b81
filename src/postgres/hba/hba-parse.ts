import { type Decoded, type Issue, issue } from '../../base/issue';
import { parseAddress } from '../../network/address';
import type { HbaAddress, HbaConnection, HbaDatabase, HbaMethod, HbaRule, HbaUser } from './hba-rule';
import { type HbaLine, type HbaToken, hbaLines } from './hba-tokens';

const CONNECTIONS: readonly string[] = [
  'local',
  'host',
  'hostssl',
  'hostnossl',
  'hostgssenc',
  'hostnogssenc',
];
const METHODS: readonly string[] = ['trust', 'reject', 'password', 'md5', 'scram-sha-256', 'cert'];

/** Methods of a real server that need something this one does not have. */
const FOREIGN_METHODS: readonly string[] = [
  'peer',
  'ident',
  'gss',
  'sspi',
  'pam',
  'bsd',
  'ldap',
  'radius',
  'oauth',
];

/** What a line lacks or has wrong, in the words of `parse_hba_line`. */
class LineProblem {
  constructor(readonly message: string) {}
}

/**
 * Reads the text of pg_hba.conf. A line that cannot be read is an issue and no rule; a server refuses the whole file then
 * (`load_hba`). What this backend does not perform is an issue too.
 */
export function parseHba(text: string): Decoded<readonly HbaRule[]> {
  const rules: HbaRule[] = [];
  const issues: Issue[] = [];
  for (const line of hbaLines(text)) {
    const rule = ruleOf(line);
    if (rule instanceof LineProblem) {
      issues.push(issue('HBA_LINE', `line ${line.number}: ${rule.message}`, line.offset));
    } else {
      rules.push({ ...rule, line: line.number });
    }
  }
  return { value: rules, issues };
}

function ruleOf(line: HbaLine): HbaRule | LineProblem {
  const columns = [...line.columns];
  const type = single(columns.shift());
  if (type === null) return new LineProblem('multiple values specified for connection type');
  if (/^include(_if_exists|_dir)?$/.test(type)) return new LineProblem(`"${type}" is not supported here`);
  if (!CONNECTIONS.includes(type)) return new LineProblem(`invalid connection type "${type}"`);
  const connection = type as HbaConnection;
  const databases = columns.shift();
  if (!databases) return new LineProblem('end-of-line before database specification');
  const users = columns.shift();
  if (!users) return new LineProblem('end-of-line before role specification');
  const file = [...databases, ...users].find((token) => !token.quoted && token.text.startsWith('@'));
  if (file) return new LineProblem(`the file "${file.text.slice(1)}" is not read here`);
  const address = connection === 'local' ? undefined : takeAddress(columns);
  if (address instanceof LineProblem) return address;
  const method = single(columns.shift());
  if (method === null) return new LineProblem('multiple values specified for authentication type');
  if (method === '') return new LineProblem('end-of-line before authentication method');
  if (FOREIGN_METHODS.includes(method)) return new LineProblem(`method "${method}" is not performed here`);
  if (!METHODS.includes(method)) return new LineProblem(`invalid authentication method "${method}"`);
  if (method === 'cert' && connection !== 'hostssl') {
    return new LineProblem('cert authentication is only supported on hostssl connections');
  }
  const clientCert = takeOptions(columns, connection, method as HbaMethod);
  if (clientCert instanceof LineProblem) return clientCert;
  return {
    type: connection,
    database: databases.map(databaseOf),
    user: users.map(userOf),
    ...(address === undefined ? {} : { address }),
    method: method as HbaMethod,
    ...(clientCert ? { clientCert } : {}),
  };
}

/** The one word of a column; empty when there is no column, null when there are several. */
function single(column: readonly HbaToken[] | undefined): string | null {
  if (!column) return '';
  return column.length === 1 ? column[0].text : null;
}

function databaseOf({ text, quoted }: HbaToken): HbaDatabase {
  if (quoted) return text;
  if (text === 'samegroup') return { keyword: 'samerole' };
  if (text === 'all' || text === 'sameuser' || text === 'samerole' || text === 'replication') {
    return { keyword: text };
  }
  return text.startsWith('/') ? { pattern: text.slice(1) } : text;
}

function userOf({ text, quoted }: HbaToken): HbaUser {
  if (quoted) return text;
  if (text === 'all') return { keyword: 'all' };
  if (text.startsWith('+')) return { group: text.slice(1) };
  return text.startsWith('/') ? { pattern: text.slice(1) } : text;
}

function takeAddress(columns: (readonly HbaToken[])[]): HbaAddress | LineProblem {
  const text = single(columns.shift());
  if (text === null) return new LineProblem('multiple values specified for host address');
  if (text === '') return new LineProblem('end-of-line before IP address specification');
  if (text === 'all' || text === 'samehost' || text === 'samenet') return text;
  const slash = text.indexOf('/');
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (slash >= 0) {
    if (!bytes) {
      return new LineProblem(`specifying both host name and CIDR mask is invalid: "${text}"`);
    }
    const mask = cidrMask(text.slice(slash + 1), bytes.length);
    return mask ? { address: bytes, mask } : new LineProblem(`invalid CIDR mask in address "${text}"`);
  }
  if (!bytes) return { name: text };
  const maskText = single(columns.shift());
  if (!maskText) return new LineProblem('end-of-line before netmask specification');
  const mask = parseAddress(maskText);
  if (!mask) return new LineProblem(`invalid IP mask "${maskText}"`);
  if (mask.length !== bytes.length) return new LineProblem('IP address and mask do not match');
  return { address: bytes, mask };
}

/** `count` leading ones in `length` bytes. */
function cidrMask(text: string, length: number): Uint8Array | undefined {
  if (!/^\d{1,3}$/.test(text) || Number(text) > length * 8) return undefined;
  const bits = Number(text);
  return Uint8Array.from({ length }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
}

/** The options behind the method: only `clientcert` is performed. */
function takeOptions(
  columns: readonly (readonly HbaToken[])[],
  connection: HbaConnection,
  method: HbaMethod,
): HbaRule['clientCert'] | LineProblem {
  let clientCert: HbaRule['clientCert'];
  for (const { text } of columns.flat()) {
    const equals = text.indexOf('=');
    if (equals < 0) return new LineProblem(`authentication option not in name=value format: ${text}`);
    const name = text.slice(0, equals);
    const value = text.slice(equals + 1);
    if (name !== 'clientcert') return new LineProblem(`option "${name}" is not performed here`);
    if (connection !== 'hostssl')
      return new LineProblem('clientcert can only be configured for "hostssl" rows');
    if (value !== 'verify-ca' && value !== 'verify-full') {
      return new LineProblem(`invalid value for clientcert: "${value}"`);
    }
    if (method === 'cert' && value !== 'verify-full') {
      return new LineProblem('clientcert only accepts "verify-full" when using "cert" authentication');
    }
    clientCert = value;
  }
  return clientCert;
}
