import { concat, utf8Bytes } from '../base/bytes';
import { CANCEL_REQUEST_CODE, GSSENC_REQUEST_CODE, SSL_REQUEST_CODE, versionNumber } from './constants';
import type { BackendMessage, FrontendMessage } from './message-types';

/** The bytes of a message of the client. What was built parses back to the same message. */
export function buildFrontend(message: FrontendMessage): Uint8Array {
  switch (message.name) {
    case 'StartupMessage': {
      const parts = [int32(versionNumber(message.version))];
      for (const [name, value] of message.parameters) parts.push(cstring(name), cstring(value));
      parts.push(new Uint8Array(1));
      return untyped(parts);
    }
    case 'SSLRequest':
      return untyped([int32(SSL_REQUEST_CODE)]);
    case 'GSSENCRequest':
      return untyped([int32(GSSENC_REQUEST_CODE)]);
    case 'CancelRequest':
      return untyped([int32(CANCEL_REQUEST_CODE), int32(message.processId), message.secretKey]);
    case 'PasswordMessage':
      return typed('p', [cstring(message.password)]);
    case 'SASLInitialResponse': {
      const response = message.response;
      const tail = response === null ? [int32(-1)] : [int32(response.length), response];
      return typed('p', [cstring(message.mechanism), ...tail]);
    }
    case 'SASLResponse':
    case 'GSSResponse':
      return typed('p', [message.data]);
    case 'Query':
      return typed('Q', [cstring(message.sql)]);
    case 'Terminate':
      return typed('X', []);
    case 'Other':
      return typed(message.type, [message.body]);
  }
}

/** The bytes of a message of the server. What was built parses back to the same message. */
export function buildBackend(message: BackendMessage): Uint8Array {
  switch (message.name) {
    case 'AuthenticationOk':
      return authentication(0);
    case 'AuthenticationKerberosV5':
      return authentication(2);
    case 'AuthenticationCleartextPassword':
      return authentication(3);
    case 'AuthenticationMD5Password':
      return authentication(5, message.salt);
    case 'AuthenticationGSS':
      return authentication(7);
    case 'AuthenticationGSSContinue':
      return authentication(8, message.data);
    case 'AuthenticationSSPI':
      return authentication(9);
    case 'AuthenticationSASL':
      return authentication(10, ...message.mechanisms.map(cstring), new Uint8Array(1));
    case 'AuthenticationSASLContinue':
      return authentication(11, message.data);
    case 'AuthenticationSASLFinal':
      return authentication(12, message.data);
    case 'AuthenticationUnknown':
      return authentication(message.code, message.data);
    case 'NegotiateProtocolVersion':
      return typed('v', [
        int32(versionNumber(message.version)),
        int32(message.options.length),
        ...message.options.map(cstring),
      ]);
    case 'ErrorResponse':
    case 'NoticeResponse': {
      const parts: Uint8Array[] = [];
      for (const [code, value] of message.fields) parts.push(utf8Bytes(code), cstring(value));
      parts.push(new Uint8Array(1));
      return typed(message.name === 'ErrorResponse' ? 'E' : 'N', parts);
    }
    case 'ParameterStatus':
      return typed('S', [cstring(message.parameter), cstring(message.value)]);
    case 'BackendKeyData':
      return typed('K', [int32(message.processId), message.secretKey]);
    case 'ReadyForQuery':
      return typed('Z', [utf8Bytes(message.status)]);
    case 'RowDescription': {
      const parts = [int16(message.columns.length)];
      for (const column of message.columns) {
        parts.push(
          cstring(column.name),
          int32(column.tableOid),
          int16(column.attribute),
          int32(column.typeOid),
        );
        parts.push(int16(column.typeSize), int32(column.typeModifier), int16(column.format));
      }
      return typed('T', parts);
    }
    case 'DataRow': {
      const parts = [int16(message.values.length)];
      for (const value of message.values) {
        parts.push(int32(value === null ? -1 : value.length));
        if (value !== null) parts.push(value);
      }
      return typed('D', parts);
    }
    case 'CommandComplete':
      return typed('C', [cstring(message.tag)]);
    case 'EmptyQueryResponse':
      return typed('I', []);
    case 'Other':
      return typed(message.type, [message.body]);
  }
}

function authentication(code: number, ...rest: Uint8Array[]): Uint8Array {
  return typed('R', [int32(code), ...rest]);
}

function typed(type: string, parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(utf8Bytes(type), int32(body.length + 4), body);
}

function untyped(parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(int32(body.length + 4), body);
}

function int32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function int16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

/** UTF-8 and a NUL. A NUL inside would end it early, so it is cut there, as C does. */
function cstring(text: string): Uint8Array {
  const nul = text.indexOf('\0');
  return concat(utf8Bytes(nul < 0 ? text : text.slice(0, nul)), new Uint8Array(1));
}
