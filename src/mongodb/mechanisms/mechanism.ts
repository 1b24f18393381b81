import type { DeriveEffect, MachineError, RandomBytes } from '../../base/machine';
import type { RequestKind } from '../exchange';
import type { Document } from '../wire/bson';
import type { BsonView } from '../wire/bson-value';

/** Names of the driver authentication specification. */
export const MECHANISMS = [
  'MONGODB-CR',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'MONGODB-X509',
  'PLAIN',
  'GSSAPI',
  'MONGODB-AWS',
  'MONGODB-OIDC',
] as const;

export type Mechanism = (typeof MECHANISMS)[number];

/** Those this client speaks; the others are recognised and reported. */
export const SUPPORTED_MECHANISMS = [
  'MONGODB-CR',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'MONGODB-X509',
  'PLAIN',
] as const satisfies readonly Mechanism[];

export type SupportedMechanism = (typeof SUPPORTED_MECHANISMS)[number];

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Database that holds the user. */
  readonly source: string;
  readonly random: RandomBytes;
  readonly minIterations: number;
  readonly maxIterations: number;
}

/** What a mechanism wants next. */
export type AuthStep =
  | { readonly type: 'send'; readonly kind: RequestKind; readonly command: Document }
  | ({ readonly type: 'derive' } & Pick<DeriveEffect, 'hash' | 'password' | 'salt' | 'iterations' | 'length'>)
  | { readonly type: 'done' }
  | { readonly type: 'fail'; readonly error: MachineError };

/** The client's half of one mechanism. Replies come with `ok: 1` only: refusals end the conversation before it sees them. */
export interface MechanismClient {
  readonly mechanism: SupportedMechanism;
  start(): AuthStep;
  handleReply(reply: BsonView): AuthStep;
  handleDerived(key: Uint8Array): AuthStep;
}

export function refuse(code: string, message: string, expected?: string, got?: string): AuthStep {
  return { type: 'fail', error: { from: 'client', code, message, expected, got } };
}

/** Where in its message a field of the reply is, for the end of a sentence; empty when it is not there. */
export function byteOf(reply: BsonView, name: string): string {
  const span = reply.get(name);
  return span ? ` (byte ${span.offset} of the message)` : '';
}
