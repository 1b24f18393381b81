import type { TraceBuilder } from '../../trace/builder';
import type { Finding, Severity } from '../../trace/model';

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
  MG_MECHANISM_TOO_NEW: {
    severity: 'error',
    message: 'The server does not know the mechanism %.',
    help: 'Remove authMechanism from the connection string so that the driver takes one that the server has, or upgrade the server.',
  },
  MG_CR_REMOVED: {
    severity: 'error',
    message: 'The client wants MONGODB-CR, which server 4.0 removed: %.',
    help: 'Use a driver with SCRAM (every one since 2015), and remove authMechanism=MONGODB-CR from the connection string. Users from before 3.0 need authSchemaUpgrade on a server 3.0 to 3.6 first.',
  },
  MG_CR_CREDENTIALS: {
    severity: 'hint',
    message:
      'MONGODB-CR was refused for %. Two causes look the same from here: the password (or the database) is wrong, or the user has no MONGODB-CR credentials because it was made under authentication schema 5.',
    help: 'Ask admin.system.version for {_id: "authSchema"}: 3 keeps MONGODB-CR credentials, 5 (server 3.0 and later) keeps SCRAM only, and usersInfo lists what the user has. Under 5 remove authMechanism from the connection string. The server log says "credentials missing" or "key mismatch".',
  },
  MG_AUTH_SCHEMA: {
    severity: 'error',
    message: 'The server cannot read the authentication schema of its users: %.',
    help: 'admin.system.version {_id: "authSchema"} tells the schema: 1 is of 2.4, 3 of 2.6, 5 of 3.0 and later. Run authSchemaUpgrade on a server that has it (up to 3.6) before you upgrade further.',
  },
  MG_USER_NOT_LISTED: {
    severity: 'hint',
    message:
      'Asked for the mechanisms of %, the server listed none, although servers from 4.0 on list them for the users that they have.',
    help: 'Most likely there is no such user in this database: check user and authSource. A proxy or another product may also leave the list out; then the server log tells.',
  },
  MG_REFUSED_BEFORE_PROOF: {
    severity: 'hint',
    message:
      'The server refused % at the first step, before it could compare a password. Two causes look the same from here: the database has no such user, or the user has no credentials for this mechanism.',
    help: 'On the server, db.getSiblingDB(authSource).getUser(name) tells both: nothing, or a list of mechanisms. Correct authSource, or remove authMechanism, or set the password again with updateUser so that both SCRAM credentials are stored.',
  },
  MG_PROOF_REFUSED: {
    severity: 'hint',
    message:
      'The server sent a challenge for % and refused the proof: the client used another password than the server has. Some servers also send a challenge for users that they do not have, so that names cannot be guessed.',
    help: 'Handshake: Check Password tells whether the client used the password that you believe it used. If it did, the server has another one, or the user is in another database.',
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
  MG_AUTH_SOURCE_OTHER: {
    severity: 'error',
    message: 'hello found the user in the database %.',
    help: 'Set authSource to the database in which the user was found.',
  },
  MG_AUTH_SOURCE_EARLIER: {
    severity: 'error',
    message: 'The user was found earlier in the database %.',
    help: 'Set authSource to the database in which the user was found: a user of the same name in another database is another user.',
  },
  MG_X509_WITHOUT_TLS: {
    severity: 'error',
    message: 'MONGODB-X509 was tried without TLS: there is no certificate to compare.',
    help: 'Set tls=true and tlsCertificateKeyFile in the connection string.',
  },
  MG_X509_SOURCE: {
    severity: 'error',
    message: 'MONGODB-X509 was sent to the database %; its users are in $external only.',
    help: 'Set authSource=$external, or leave it out.',
  },
  MG_X509_NO_CERTIFICATE: {
    severity: 'error',
    message: 'The client asked for MONGODB-X509, and sent no certificate in the TLS handshake.',
    help: 'Set tlsCertificateKeyFile (certificate and key in one PEM file). If it is set, the server does not ask: it needs net.tls.CAFile.',
  },
  MG_X509_OTHER_SUBJECT: {
    severity: 'error',
    message: 'The client named the user %',
    help: 'Leave the user out: from server 3.4 on the certificate names it. Otherwise write the subject as openssl x509 -noout -subject -nameopt RFC2253 prints it, percent-encoded.',
  },
  MG_X509_MEMBER: {
    severity: 'error',
    message:
      'Client and server certificate have the same O, OU and DC (%): the server takes the client for a member of its cluster, not for a user.',
    help: 'Issue a client certificate that differs from the server certificates in O, OU or DC, or set tlsX509ClusterAuthDNOverride on the server.',
  },
  MG_X509_NO_USER: {
    severity: 'error',
    message:
      'The server refused the certificate of %. Two causes look the same from here: $external has no user of exactly this name, or the server does not trust the issuer and let the certificate in unverified (allowInvalidCertificates).',
    help: 'db.getSiblingDB("$external").createUser({user: <this subject, character by character>, roles: […]}). It is in RFC 2253 form, most specific attribute first. If that user exists, compare the issuer with net.tls.CAFile of the server.',
  },
  MG_X509_UNSEEN: {
    severity: 'hint',
    message:
      'The server refused a client certificate that the capture does not show (% was named). Two causes look the same from here: the named user is not the subject of the certificate, or $external has no such user.',
    help: 'Compare openssl x509 -noout -subject -nameopt RFC2253 of the client certificate with db.getSiblingDB("$external").getUsers(). A key log with the handshake secrets would show the certificate here.',
  },
  MG_CLIENT_CERTIFICATE: {
    severity: 'info',
    message: 'The client showed the certificate of % in the TLS handshake; what it was used for is sealed.',
    help: 'If it logs in with MONGODB-X509, $external must have a user named exactly so. A TLS key log would show the authentication.',
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
  MG_SCRAM_NONCE_REUSED: {
    severity: 'warning',
    message: 'The client begins SCRAM with a nonce that the server has answered before.',
    help: 'A nonce is good for one exchange: with a fixed one a recorded exchange can be played back. Look for a client whose random numbers repeat, or for a replay.',
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
  MG_CLOSED_INSIDE_TLS: {
    severity: 'error',
    message: 'The server closed the connection after the TLS handshake, before it answered.',
    help: 'Look in its log. It may want a client certificate (tlsCertificateKeyFile), or not trust the one it got (net.tls.CAFile); a proxy that does not reach the server does this too.',
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
    message:
      'Bytes of this connection are missing from the capture: what comes before the next whole message is passed over.',
    help: 'Capture with a larger buffer, or closer to the client or server.',
  },
} as const satisfies Readonly<Record<string, FindingWords>>;

export type FindingCode = keyof typeof FINDINGS;

/** A finding in the words of the table; `seen` stands for its `%`. A number of `frames` stands for itself alone. */
export function makeFinding(code: FindingCode, frames: number | readonly number[], seen = ''): Finding {
  const { severity, message, help } = FINDINGS[code];
  return { code, severity, message: message.replace('%', () => seen), frames: frameList(frames), help };
}

/** Adds a finding in the words of the table. */
export function addFinding(
  trace: TraceBuilder,
  code: FindingCode,
  frames: number | readonly number[],
  seen = '',
): void {
  trace.finding(makeFinding(code, frames, seen));
}

/** A list of its own. */
function frameList(frames: number | readonly number[]): number[] {
  return typeof frames === 'number' ? [frames] : [...frames];
}
