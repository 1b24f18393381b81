/** Findings about MongoDB in English. */
import type { FindingWords } from '../../findings';
import type { MONGODB_SEVERITIES } from '../../severities/mongodb';

export const MONGODB_FINDINGS: Readonly<Record<keyof typeof MONGODB_SEVERITIES, FindingWords>> = {
  MG_CR: {
    message: 'The user is authenticated with MONGODB-CR, which server 4.0 removed.',
    help: 'Upgrade the authentication schema and the driver, and let the driver choose the mechanism (no authMechanism).',
  },
  MG_CREDENTIALS_WITHOUT_TLS: {
    message:
      'The user is authenticated (%) without TLS: anyone who can see this traffic can run an offline password attack.',
    help: 'Set tls=true in the connection string and net.tls.mode on the server.',
  },
  MG_PLAIN_IN_THE_CLEAR: {
    message: 'The password crossed the network in clear text: mechanism PLAIN outside TLS.',
    help: 'Change this password, and use PLAIN only with tls=true.',
  },
  MG_LOW_ITERATIONS: {
    message: 'The server asks for % SCRAM iterations; drivers refuse fewer than 4096.',
    help: 'Raise scramIterationCount (scramSHA256IterationCount) on the server to at least 4096 and set the password again.',
  },
  MG_CLIENT_CERTIFICATE: {
    message: 'The client showed the certificate of % in the TLS handshake; what it was used for is sealed.',
    help: 'If it logs in with MONGODB-X509, $external must have a user named exactly so. A TLS key log would show the authentication.',
  },
  MG_SERVER_SIGNATURE_MISSING: {
    message: 'The server accepted the client without proving that it knows the password.',
    help: 'A driver must refuse this. Check that it is the real server that answers.',
  },
  MG_NONCE_MISMATCH: {
    message: 'The nonce in the server answer does not continue the nonce of the client.',
    help: 'A driver must refuse this: something between client and server changes or mixes up messages.',
  },
  MG_NONCE_REUSED: {
    message: 'authenticate uses a nonce that this connection was not given, or not given last.',
    help: 'Each getnonce is good for one authenticate on the same connection. A proxy that shares connections breaks this.',
  },
  MG_SCRAM_NONCE_REUSED: {
    message: 'The client begins SCRAM with a nonce that the server has answered before.',
    help: 'A nonce is good for one exchange: with a fixed one a recorded exchange can be played back. Look for a client whose random numbers repeat, or for a replay.',
  },
  MG_CONVERSATION_ID: {
    message: 'A SASL message belongs to another conversation (%).',
    help: 'A proxy may mix up connections: connect without it.',
  },
  MG_RESPONSE_TO: {
    message: 'A reply answers a request that was not seen (%).',
    help: 'The capture may miss packets, or a proxy mixes up connections.',
  },
  MG_COMPRESSED_UNREAD: {
    message: 'Compressed messages (%) were not unpacked; drivers never compress authentication.',
    help: 'Remove compressors from the connection string to record readable commands.',
  },
  MG_MALFORMED: {
    message: 'A message is damaged: %.',
    help: 'If the capture is complete, something that is not MongoDB, or a broken proxy, wrote it.',
  },
  MG_RETIRED_OPCODE: {
    message: 'The client uses %, which current servers no longer take.',
    help: 'Update the driver before upgrading the server.',
  },
  MG_REAUTHENTICATION: {
    message: 'The server asks the client to authenticate again (391).',
    help: 'The credential ran out (OIDC): the driver should do it by itself.',
  },
  MG_CAPTURE_STARTS_LATE: {
    message: 'The capture starts in the middle of this connection: an earlier authentication cannot be seen.',
    help: 'Start capturing before the client connects.',
  },
  MG_GAP: {
    message:
      'Bytes of this connection are missing from the capture: what comes before the next whole message is passed over.',
    help: 'Capture with a larger buffer, or closer to the client or server.',
  },
};
