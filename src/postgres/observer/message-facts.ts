import type { TraceBuilder } from '../../trace/builder';
import { SCRAM_SHA_256_PLUS } from '../client/client-scram';
import { versionNumber, versionText } from '../constants';
import { addFinding } from '../diagnose/findings';
import { hbaClient } from '../diagnose/hba-client';
import { lineFor } from '../hba/hba-line';
import { serverError } from '../messages/error-fields';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import { oauthOf, withAnswer } from './oauth';
import type { Observed } from './observed';

const NOTHING = new Uint8Array(0);

const NO_OPTIONS: readonly string[] = [];

/** Where a message was seen. */
export interface Seen {
  /** In order, or the only one. */
  readonly frames: number | readonly number[];
  readonly secure: boolean;
}

/** What a message of the client tells about the connection as a whole. */
export function noteFrontend(
  trace: TraceBuilder,
  observed: Observed,
  message: FrontendMessage,
  seen: Seen,
): void {
  switch (message.name) {
    case 'StartupMessage': {
      let user: string | null = null;
      let database: string | null = null;
      let options: readonly string[] = NO_OPTIONS;
      // The last of a name counts.
      for (const [name, value] of message.parameters) {
        if (name === 'user') user = value;
        else if (name === 'database') database = value;
        else if (name === 'replication') observed.replication = value;
        else if (name.startsWith('_pq_.')) options = [...options, name];
      }
      observed.startup = true;
      observed.asked = { version: versionNumber(message.version), options };
      trace.auth.user = user;
      trace.auth.database = database ?? user;
      return;
    }
    case 'SSLRequest':
      if (seen.secure) addFinding(trace, 'PG_NEGOTIATE_INSIDE_TLS', seen.frames, 'SSLRequest');
      else trace.ssl.requested = true;
      return;
    case 'GSSENCRequest':
      if (seen.secure) addFinding(trace, 'PG_NEGOTIATE_INSIDE_TLS', seen.frames, 'GSSENCRequest');
      else trace.gssenc.requested = true;
      return;
    case 'CancelRequest':
      trace.outcome = 'cancel';
      return;
    case 'PasswordMessage':
      observed.answered = true;
      observed.emptyPassword = message.password === '';
      if (trace.auth.mechanism === 'password') {
        addFinding(trace, seen.secure ? 'PG_PASSWORD_METHOD' : 'PG_CLEARTEXT_PASSWORD', seen.frames);
      }
      return;
    case 'SASLInitialResponse': {
      observed.answered = true;
      trace.auth.mechanism = message.mechanism.toLowerCase().slice(0, 64);
      if (message.mechanism === 'OAUTHBEARER') observed.oauth = oauthOf(message.response ?? NOTHING);
      const offered = observed.offered.includes(SCRAM_SHA_256_PLUS);
      if (offered && seen.secure && message.mechanism !== SCRAM_SHA_256_PLUS) {
        addFinding(trace, 'PG_CHANNEL_BINDING_UNUSED', seen.frames);
      }
      return;
    }
    case 'SASLResponse':
    case 'GSSResponse':
      observed.answered = true;
      return;
    default:
      return;
  }
}

/** What a message of the server tells about the connection as a whole. */
export function noteBackend(
  trace: TraceBuilder,
  observed: Observed,
  message: BackendMessage,
  seen: Seen,
): void {
  switch (message.name) {
    case 'AuthenticationOk':
      noteAuthenticated(trace, observed, seen);
      return;
    case 'AuthenticationCleartextPassword':
      requested(trace, observed, 'password');
      return;
    case 'AuthenticationMD5Password':
      requested(trace, observed, 'md5');
      addFinding(trace, 'PG_MD5', seen.frames);
      return;
    case 'AuthenticationSASL': {
      observed.offered = message.mechanisms;
      const scram = message.mechanisms.find((name) => name.startsWith('SCRAM-SHA-256'));
      // What the client takes is known from its answer only; until then the plain form stands for both.
      requested(trace, observed, scram ? 'scram-sha-256' : (message.mechanisms[0]?.toLowerCase() ?? null));
      if (!seen.secure && message.mechanisms.includes(SCRAM_SHA_256_PLUS)) {
        addFinding(trace, 'PG_PLUS_WITHOUT_TLS', seen.frames);
      }
      return;
    }
    case 'AuthenticationSASLContinue':
      if (observed.oauth) observed.oauth = withAnswer(observed.oauth, message.data);
      return;
    case 'AuthenticationSASLFinal':
      observed.proved = true;
      return;
    case 'AuthenticationGSS':
      requested(trace, observed, 'gss');
      return;
    case 'AuthenticationSSPI':
      requested(trace, observed, 'sspi');
      return;
    case 'AuthenticationKerberosV5':
    case 'AuthenticationUnknown':
      observed.requested = true;
      return;
    case 'NegotiateProtocolVersion':
      noteNegotiation(trace, observed, message, seen);
      return;
    case 'ErrorResponse':
      noteError(trace, observed, message, seen);
      return;
    default:
      return;
  }
}

function requested(trace: TraceBuilder, observed: Observed, mechanism: string | null): void {
  observed.requested = true;
  trace.auth.mechanism = mechanism;
}

function noteAuthenticated(trace: TraceBuilder, observed: Observed, seen: Seen): void {
  observed.authenticated = true;
  trace.auth.outcome = 'ok';
  if (!observed.requested && !observed.gap) {
    trace.auth.mechanism ??= 'trust';
    addFinding(trace, 'PG_NO_AUTHENTICATION', seen.frames);
  }
  const scram = trace.auth.mechanism?.startsWith('scram-');
  if (scram && !observed.proved && !observed.gap) addFinding(trace, 'PG_SCRAM_UNFINISHED', seen.frames);
}

/** What libpq takes for an error in this message (`pqGetNegotiateProtocolVersion3`) is one here. */
function noteNegotiation(
  trace: TraceBuilder,
  observed: Observed,
  { version, options }: Extract<BackendMessage, { name: 'NegotiateProtocolVersion' }>,
  seen: Seen,
): void {
  const number = versionNumber(version);
  const { asked } = observed;
  const higher = asked !== null && number > asked.version;
  const nothing = asked !== null && number === asked.version && options.length === 0;
  const unasked = asked !== null && options.some((name) => !asked.options.includes(name));
  // There is 3.0 and 3.2: nobody has ever spoken 3.1.
  const nonexistent = version.major === 3 && version.minor === 1;
  const bad = version.major !== 3 || higher || nothing || unasked || nonexistent;
  observed.negotiated = bad ? 'bad' : 'good';
  const code = bad ? 'PG_BAD_NEGOTIATION' : 'PG_PROTOCOL_NEGOTIATED';
  const detail = unasked ? `${versionText(version)} without ${options.join(', ')}` : versionText(version);
  addFinding(trace, code, seen.frames, detail);
}

function noteError(
  trace: TraceBuilder,
  observed: Observed,
  message: Extract<BackendMessage, { name: 'ErrorResponse' }>,
  seen: Seen,
): void {
  const error = serverError(message.fields);
  observed.serverError = error;
  trace.fail({
    from: 'server',
    code: error.code || 'SERVER_ERROR',
    message: `${error.severity}: ${error.message}`,
  });
  if (error.code === '28000' && /^no pg_hba\.conf entry/.test(error.message)) {
    addFinding(
      trace,
      'PG_NO_HBA_ENTRY',
      seen.frames,
      lineFor(hbaClient(trace, error.message, seen.secure, observed.replication)),
    );
  }
  if (error.code === '28000' && error.message.includes('channel binding check failed')) {
    addFinding(trace, 'PG_CHANNEL_BINDING_FAILED', seen.frames);
  }
  // Class 28 is "invalid authorization specification": the one class about who the client is.
  if (!observed.authenticated && error.code.startsWith('28')) trace.auth.outcome = 'failed';
}
