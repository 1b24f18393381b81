import type { MessageView } from './view';
import { type Layer, text, texts } from './wireshark';

/** Wireshark's names for what the manual calls otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  'SSL request': 'SSLRequest',
  'GSS encrypt request': 'GSSENCRequest',
  'Startup message': 'StartupMessage',
  'Cancel request': 'CancelRequest',
  'Parameter status': 'ParameterStatus',
  'Backend key data': 'BackendKeyData',
  'Ready for query': 'ReadyForQuery',
  Error: 'ErrorResponse',
  Notice: 'NoticeResponse',
  'Negotiate protocol version': 'NegotiateProtocolVersion',
  'Password message': 'PasswordMessage',
  'SASLInitialResponse message': 'SASLInitialResponse',
  'SASLResponse message': 'SASLResponse',
  'Simple query': 'Query',
  Termination: 'Terminate',
  'Row description': 'RowDescription',
  'Data row': 'DataRow',
  'Command completion': 'CommandComplete',
};

/** One layer of the JSON form is one message. */
export function postgresMessages(layer: Layer, place: { frame: number; from: string }): MessageView[] {
  const type = text(layer['pgsql.type']);
  if (type === undefined) return [];
  const code = text(layer['pgsql.authtype']);
  const name = type === 'Authentication request' ? `Authentication ${code}` : (NAMES[type] ?? type);
  return [{ ...place, name, values: valuesOf(layer) }];
}

function valuesOf(layer: Layer): string[] {
  const values: string[] = [];
  const add = (name: string, ...found: readonly (string | undefined)[]) => {
    for (const value of found) if (value !== undefined) values.push(`${name}=${value}`);
  };
  add('length', text(layer['pgsql.length']));
  const major = text(layer['pgsql.version_major']);
  if (major !== undefined) add('version', `${major}.${text(layer['pgsql.version_minor'])}`);
  const settings = texts(layer['pgsql.parameter_value']);
  for (const [i, name] of texts(layer['pgsql.parameter_name']).entries()) add(name, settings[i] ?? '');
  add('mechanism', ...texts(layer['pgsql.auth.sasl.mech']));
  add('data', ...texts(layer['pgsql.auth.sasl.data']).map(fromHex));
  add('salt', text(layer['pgsql.salt'])?.replaceAll(':', ''));
  add('password', text(layer['pgsql.password']));
  add('process', text(layer['pgsql.pid']));
  const key = text(layer['pgsql.key']);
  if (key !== undefined) add('key', Number(key).toString(16).padStart(8, '0'));
  const status = text(layer['pgsql.status']);
  if (status !== undefined) add('status', String.fromCharCode(Number(status)));
  for (const name of ['severity', 'code', 'message', 'detail', 'hint', 'file', 'line', 'routine']) {
    add(name, text(layer[`pgsql.${name}`]));
  }
  return values;
}

function fromHex(bytes: string): string {
  return Buffer.from(bytes.replaceAll(':', ''), 'hex').toString();
}
