import type { Decoded } from '../../base/issue';
import type { Field } from '../../trace/model';
import type { ProtocolVersion } from '../constants';

/** The second level of reading: messages that can only be valid. `name` is the manual's name (chapter "Message Formats"). */
export type FrontendMessage =
  | { readonly name: 'StartupMessage'; readonly version: ProtocolVersion; readonly parameters: Parameters }
  | { readonly name: 'SSLRequest' }
  | { readonly name: 'GSSENCRequest' }
  | { readonly name: 'CancelRequest'; readonly processId: number; readonly secretKey: Uint8Array }
  | { readonly name: 'PasswordMessage'; readonly password: string }
  | {
      readonly name: 'SASLInitialResponse';
      readonly mechanism: string;
      /** Null when the client sent none (length -1). */
      readonly response: Uint8Array | null;
    }
  | { readonly name: 'SASLResponse'; readonly data: Uint8Array }
  | { readonly name: 'GSSResponse'; readonly data: Uint8Array }
  | { readonly name: 'Query'; readonly sql: string }
  | { readonly name: 'Terminate' }
  | { readonly name: 'Other'; readonly type: string; readonly title: string; readonly body: Uint8Array };

/** Name and value pairs of a StartupMessage, in order; names may repeat. */
export type Parameters = readonly (readonly [name: string, value: string])[];

export type BackendMessage =
  | { readonly name: 'AuthenticationOk' }
  | { readonly name: 'AuthenticationKerberosV5' }
  | { readonly name: 'AuthenticationCleartextPassword' }
  | { readonly name: 'AuthenticationMD5Password'; readonly salt: Uint8Array }
  | { readonly name: 'AuthenticationGSS' }
  | { readonly name: 'AuthenticationGSSContinue'; readonly data: Uint8Array }
  | { readonly name: 'AuthenticationSSPI' }
  | { readonly name: 'AuthenticationSASL'; readonly mechanisms: readonly string[] }
  | { readonly name: 'AuthenticationSASLContinue'; readonly data: Uint8Array }
  | { readonly name: 'AuthenticationSASLFinal'; readonly data: Uint8Array }
  /** A request code that no supported server sends (1 Kerberos V4, 4 crypt, 6 SCM credential, or unknown). */
  | { readonly name: 'AuthenticationUnknown'; readonly code: number; readonly data: Uint8Array }
  | {
      readonly name: 'NegotiateProtocolVersion';
      readonly version: ProtocolVersion;
      readonly options: readonly string[];
    }
  | { readonly name: 'ErrorResponse'; readonly fields: ErrorFields }
  | { readonly name: 'NoticeResponse'; readonly fields: ErrorFields }
  | { readonly name: 'ParameterStatus'; readonly parameter: string; readonly value: string }
  | { readonly name: 'BackendKeyData'; readonly processId: number; readonly secretKey: Uint8Array }
  | { readonly name: 'ReadyForQuery'; readonly status: 'I' | 'T' | 'E' }
  | { readonly name: 'RowDescription'; readonly columns: readonly Column[] }
  | { readonly name: 'DataRow'; readonly values: readonly (Uint8Array | null)[] }
  | { readonly name: 'CommandComplete'; readonly tag: string }
  | { readonly name: 'EmptyQueryResponse' }
  | { readonly name: 'Other'; readonly type: string; readonly title: string; readonly body: Uint8Array };

/** Fields of an ErrorResponse by their one-letter codes, in the order they came. */
export type ErrorFields = readonly (readonly [code: string, value: string])[];

export interface Column {
  readonly name: string;
  readonly tableOid: number;
  readonly attribute: number;
  readonly typeOid: number;
  readonly typeSize: number;
  readonly typeModifier: number;
  /** 0 text, 1 binary. */
  readonly format: number;
}

/** One message read: null when its bytes break its format, and then `issues` says where. */
export interface DecodedMessage<M> extends Decoded<M | null> {
  /** What the message claims to be, also when it is broken. */
  readonly title: string;
  /** Every value with its place in the message's bytes, for display. */
  readonly fields: readonly Field[];
}
