import { CANCEL_REQUEST_CODE, GSSENC_REQUEST_CODE, SSL_REQUEST_CODE, versionNumber } from '../constants';
import type { BackendMessage, FrontendMessage } from './message-types';
import { MessageWriter } from './message-writer';

const writer = new MessageWriter();

/** The bytes of a message of the client. What was built parses back to the same message. */
export function buildFrontend(message: FrontendMessage): Uint8Array {
  switch (message.name) {
    case 'StartupMessage':
      writer.begin().int32(versionNumber(message.version));
      for (const [name, value] of message.parameters) writer.cstring(name).cstring(value);
      return writer.u8(0).finish();
    case 'SSLRequest':
      return writer.begin().int32(SSL_REQUEST_CODE).finish();
    case 'GSSENCRequest':
      return writer.begin().int32(GSSENC_REQUEST_CODE).finish();
    case 'CancelRequest':
      writer.begin().int32(CANCEL_REQUEST_CODE).int32(message.processId);
      return writer.bytes(message.secretKey).finish();
    case 'PasswordMessage':
      return writer.begin('p').cstring(message.password).finish();
    case 'SASLInitialResponse':
      writer.begin('p').cstring(message.mechanism);
      if (message.response === null) return writer.int32(-1).finish();
      return writer.int32(message.response.length).bytes(message.response).finish();
    case 'SASLResponse':
    case 'GSSResponse':
      return writer.begin('p').bytes(message.data).finish();
    case 'Query':
      return writer.begin('Q').cstring(message.sql).finish();
    case 'Terminate':
      return writer.begin('X').finish();
    case 'Other':
      return writer.begin(message.type).bytes(message.body).finish();
  }
}

/** The bytes of a message of the server. What was built parses back to the same message. */
export function buildBackend(message: BackendMessage): Uint8Array {
  switch (message.name) {
    case 'AuthenticationOk':
      return authentication(0).finish();
    case 'AuthenticationKerberosV5':
      return authentication(2).finish();
    case 'AuthenticationCleartextPassword':
      return authentication(3).finish();
    case 'AuthenticationMD5Password':
      return authentication(5).bytes(message.salt).finish();
    case 'AuthenticationGSS':
      return authentication(7).finish();
    case 'AuthenticationGSSContinue':
      return authentication(8).bytes(message.data).finish();
    case 'AuthenticationSSPI':
      return authentication(9).finish();
    case 'AuthenticationSASL':
      authentication(10);
      for (const mechanism of message.mechanisms) writer.cstring(mechanism);
      return writer.u8(0).finish();
    case 'AuthenticationSASLContinue':
      return authentication(11).bytes(message.data).finish();
    case 'AuthenticationSASLFinal':
      return authentication(12).bytes(message.data).finish();
    case 'AuthenticationUnknown':
      return authentication(message.code).bytes(message.data).finish();
    case 'NegotiateProtocolVersion':
      writer.begin('v').int32(versionNumber(message.version)).int32(message.options.length);
      for (const option of message.options) writer.cstring(option);
      return writer.finish();
    case 'ErrorResponse':
    case 'NoticeResponse':
      writer.begin(message.name === 'ErrorResponse' ? 'E' : 'N');
      for (const [code, value] of message.fields) writer.u8(code.charCodeAt(0)).cstring(value);
      return writer.u8(0).finish();
    case 'ParameterStatus':
      return writer.begin('S').cstring(message.parameter).cstring(message.value).finish();
    case 'BackendKeyData':
      return writer.begin('K').int32(message.processId).bytes(message.secretKey).finish();
    case 'ReadyForQuery':
      return writer.begin('Z').u8(message.status.charCodeAt(0)).finish();
    case 'RowDescription':
      writer.begin('T').int16(message.columns.length);
      for (const column of message.columns) {
        writer.cstring(column.name).int32(column.tableOid).int16(column.attribute).int32(column.typeOid);
        writer.int16(column.typeSize).int32(column.typeModifier).int16(column.format);
      }
      return writer.finish();
    case 'DataRow':
      writer.begin('D').int16(message.values.length);
      for (const value of message.values) {
        writer.int32(value === null ? -1 : value.length);
        if (value !== null) writer.bytes(value);
      }
      return writer.finish();
    case 'CommandComplete':
      return writer.begin('C').cstring(message.tag).finish();
    case 'EmptyQueryResponse':
      return writer.begin('I').finish();
    case 'Other':
      return writer.begin(message.type).bytes(message.body).finish();
  }
}

function authentication(code: number): MessageWriter {
  return writer.begin('R').int32(code);
}
