import { versionText } from '../constants';
import { serverError } from '../messages/error-fields';
import type { BackendMessage, FrontendMessage, Parameters } from '../messages/message-types';
import { withoutConstants } from '../messages/sql-constants';

/** What is looked at of a query for its line. */
const MAX_QUERY = 2048;

/** One line per message for a list. Never contains a secret. */
export function frontendSummary(message: FrontendMessage): string {
  switch (message.name) {
    case 'StartupMessage':
      return `protocol ${versionText(message.version)}, ${parameterText(message.parameters)}`;
    case 'SSLRequest':
      return 'asks whether the server offers TLS';
    case 'GSSENCRequest':
      return 'asks whether the server offers GSSAPI encryption';
    case 'CancelRequest':
      return `asks to cancel the query of process ${message.processId}`;
    case 'PasswordMessage':
      return `answers with ${message.password === '' ? 'an empty password' : 'a password (masked)'}`;
    case 'SASLInitialResponse':
      return `chooses ${oneLine(message.mechanism)}${message.response === null ? '' : ', client-first-message'}`;
    case 'SASLResponse':
      return 'client-final-message with the proof';
    case 'GSSResponse':
      return `GSSAPI or SSPI token of ${message.data.length} bytes`;
    case 'Query':
      return oneLine(withoutConstants(message.sql.slice(0, MAX_QUERY)));
    case 'Terminate':
      return 'ends the session';
    case 'Other':
      return `${message.title} of ${message.body.length} bytes`;
  }
}

export function backendSummary(message: BackendMessage): string {
  switch (message.name) {
    case 'AuthenticationOk':
      return 'the client is authenticated';
    case 'AuthenticationKerberosV5':
      return 'asks for Kerberos V5, which no current client has';
    case 'AuthenticationCleartextPassword':
      return 'asks for the password in clear text';
    case 'AuthenticationMD5Password':
      return 'asks for the password hashed with md5 and a salt';
    case 'AuthenticationGSS':
      return 'asks for GSSAPI';
    case 'AuthenticationGSSContinue':
      return `GSSAPI or SSPI token of ${message.data.length} bytes`;
    case 'AuthenticationSSPI':
      return 'asks for SSPI';
    case 'AuthenticationSASL':
      return `offers ${message.mechanisms.map(oneLine).join(', ') || 'no mechanism'}`;
    case 'AuthenticationSASLContinue':
      return 'server-first-message: nonce, salt and iterations';
    case 'AuthenticationSASLFinal':
      return 'server-final-message: proof that the server knows the password';
    case 'AuthenticationUnknown':
      return `asks for unknown authentication method ${message.code}`;
    case 'NegotiateProtocolVersion': {
      const options = message.options.map(oneLine).join(', ');
      return `speaks protocol ${versionText(message.version)} at most${options ? `, does not know ${options}` : ''}`;
    }
    case 'ErrorResponse':
    case 'NoticeResponse': {
      const { severity, code, message: text } = serverError(message.fields);
      return oneLine(`${severity} ${code}: ${text}`);
    }
    case 'ParameterStatus':
      return oneLine(`${message.parameter} = ${message.value}`);
    case 'BackendKeyData':
      return `process ${message.processId}, cancel key of ${message.secretKey.length} bytes (masked)`;
    case 'ReadyForQuery':
      return `the session is ready (${message.status === 'I' ? 'idle' : `transaction status ${message.status}`})`;
    case 'RowDescription':
      return `${message.columns.length} columns`;
    case 'DataRow':
      return `a row of ${message.values.length} values`;
    case 'CommandComplete':
      return oneLine(message.tag);
    case 'EmptyQueryResponse':
      return 'the query was empty';
    case 'Other':
      return `${message.title} of ${message.body.length} bytes`;
  }
}

function parameterText(parameters: Parameters): string {
  return parameters
    .slice(0, 6)
    .map(([name, value]) => oneLine(`${name}=${value}`))
    .join(', ');
}

/** Without control characters and not longer than a line. */
export function oneLine(text: string): string {
  const clean = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return clean.length > 160 ? `${clean.slice(0, 159)}…` : clean;
}
