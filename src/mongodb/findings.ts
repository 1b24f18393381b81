import type { TraceBuilder } from '../trace/builder';
import type { Severity } from '../trace/model';

interface FindingWords {
  readonly severity: Severity;
  /** `%` stands for what was seen. */
  readonly message: string;
  readonly help: string;
}

/** Every finding about MongoDB, by its code. */
export const FINDINGS = {
  MG_CR: {
    severity: 'warning',
    message: 'The user is authenticated with MONGODB-CR, which server 4.0 removed.',
    help: 'Upgrade the authentication schema and the driver, and let the driver choose the mechanism (no authMechanism).',
  },
  MG_CREDENTIALS_WITHOUT_TLS: {
    severity: 'warning',
    message: 'The user is authenticated (%) without TLS: whoever reads along can try passwords offline.',
    help: 'Set tls=true in the connection string and net.tls.mode on the server.',
  },
  MG_PLAIN_IN_THE_CLEAR: {
    severity: 'error',
    message: 'The password crossed the network in clear text: mechanism PLAIN outside TLS.',
    help: 'Change this password, and use PLAIN only with tls=true.',
  },
  MG_MECHANISM_NOT_ENABLED: {
    severity: 'error',
    message: 'The server does not enable the mechanism %.',
    help: 'Add it to the server parameter authenticationMechanisms, or remove authMechanism from the connection string.',
  },
  MG_USER_LACKS_MECHANISM: {
    severity: 'error',
    message: 'The user has no credentials for %.',
    help: 'Remove authMechanism from the connection string, or set the password again with updateUser so that the server stores credentials for this mechanism.',
  },
  MG_LOW_ITERATIONS: {
    severity: 'warning',
    message: 'The server asks for % SCRAM iterations; drivers refuse fewer than 4096.',
    help: 'Raise scramIterationCount (scramSHA256IterationCount) on the server to at least 4096 and set the password again.',
  },
  MG_AUTH_SOURCE: {
    severity: 'hint',
    message: 'The user was looked for in the database % and nowhere else.',
    help: 'A user is found only in the database that holds it: check authSource. A wrong password and an unknown user look the same from here; the server log tells them apart.',
  },
  MG_AUTHENTICATION_REQUIRED: {
    severity: 'error',
    message: 'The server refused % because the client is not authenticated.',
    help: 'Put user, password and authSource into the connection string.',
  },
  MG_SERVER_SIGNATURE_MISSING: {
    severity: 'warning',
    message: 'The server accepted the client without proving that it knows the password.',
    help: 'A driver must refuse this. Check that it is the real server that answers.',
  },
  MG_NONCE_MISMATCH: {
    severity: 'error',
    message: 'The nonce in the server answer does not continue the nonce of the client.',
    help: 'A driver must refuse this: something between client and server changes or mixes up messages.',
  },
  MG_NONCE_REUSED: {
    severity: 'warning',
    message: 'authenticate uses a nonce that this connection was not given, or not given last.',
    help: 'Each getnonce is good for one authenticate on the same connection. A proxy that shares connections breaks this.',
  },
  MG_CONVERSATION_ID: {
    severity: 'error',
    message: 'A SASL message belongs to another conversation (%).',
    help: 'A proxy may mix up connections: connect without it.',
  },
  MG_RESPONSE_TO: {
    severity: 'warning',
    message: 'A reply answers a request that was not seen (%).',
    help: 'The capture may miss packets, or a proxy mixes up connections.',
  },
  MG_COMPRESSED_UNREAD: {
    severity: 'info',
    message: 'Compressed messages (%) were not unpacked; drivers never compress authentication.',
    help: 'Remove compressors from the connection string to record readable commands.',
  },
  MG_MALFORMED: {
    severity: 'warning',
    message: 'A message is damaged: %.',
    help: 'If the capture is complete, something that is not MongoDB, or a broken proxy, wrote it.',
  },
  MG_RETIRED_OPCODE: {
    severity: 'info',
    message: 'The client uses %, which current servers no longer take.',
    help: 'Use a driver of this decade before you upgrade the server.',
  },
  MG_CLOSED_AFTER_HELLO: {
    severity: 'warning',
    message: 'The server closed the connection right after hello.',
    help: 'A proxy, load balancer or firewall in between often does this; so does a server that is out of connections. Connect from the server itself to compare.',
  },
  MG_CLOSED_BEFORE_HELLO: {
    severity: 'error',
    message: 'The server closed the connection before it answered.',
    help: 'It may require TLS (tls=true), refuse this address, or be out of connections: look in its log.',
  },
  MG_REAUTHENTICATION: {
    severity: 'info',
    message: 'The server asks the client to authenticate again (391).',
    help: 'The credential ran out (OIDC): the driver should do it by itself.',
  },
  MG_ATLAS: {
    severity: 'hint',
    message: 'Atlas refused the login (8000).',
    help: 'Check the database user in Atlas (not the Atlas account), and that its password is percent-encoded in the connection string.',
  },
  MG_CAPTURE_STARTS_LATE: {
    severity: 'info',
    message: 'The capture starts in the middle of this connection: an earlier authentication cannot be seen.',
    help: 'Start capturing before the client connects.',
  },
  MG_GAP: {
    severity: 'info',
    message: 'Bytes of this connection are missing from the capture.',
    help: 'Capture with a larger buffer, or closer to the client or server.',
  },
} as const satisfies Readonly<Record<string, FindingWords>>;

export type FindingCode = keyof typeof FINDINGS;

/** Adds a finding in the words of the table. */
export function addFinding(
  trace: TraceBuilder,
  code: FindingCode,
  frames: readonly number[],
  seen = '',
): void {
  const { severity, message, help } = FINDINGS[code];
  trace.finding({ code, severity, message: message.replace('%', seen), frames: [...frames], help });
}
