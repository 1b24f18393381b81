/** Class 28: who the client is. 28000 stands for many refusals; text, routine and what was asked for before tell them apart. */

import type { CauseCode } from '../../../diagnosis/catalogue';
import type { Cause } from '../../../diagnosis/cause';
import { unquoted } from '../../../diagnosis/unquoted';
import { lineFor } from '../../hba/hba-line';
import type { ServerError } from '../../messages/error-fields';
import { commonName } from '../common-name';
import { oauthParams, type PostgresFacts } from '../facts';
import { hbaClient } from '../hba-client';
import { toldCause } from './error-params';

export const AUTHORIZATION_CAUSES: readonly CauseCode[] = [
  'PG_PASSWORD_REFUSED',
  'PG_PASSWORD_EMPTY',
  'PG_HBA_NO_ENTRY',
  'PG_HBA_REJECTS',
  'PG_CHANNEL_BINDING_FAILED',
  'PG_CERTIFICATE_NOT_MAPPED',
  'PG_CLIENT_CERTIFICATE_WANTED',
  'PG_IDENTITY_REFUSED',
  'PG_EXTERNAL_REFUSED',
  'PG_OAUTH_REFUSED',
  'PG_OAUTH_DISCOVERY',
  'PG_ROLE_UNKNOWN',
  'PG_ROLE_CANNOT_LOGIN',
  'PG_USER_NAME_MISSING',
  'PG_LOGIN_REFUSED',
];

/** Methods in which the server asks somebody else, as its text names them (`auth_failed` of `auth.c`). */
const EXTERNAL = /\b(LDAP|PAM|RADIUS|BSD|GSSAPI|SSPI|Kerberos|OAuth)\b/i;

const PASSWORD_METHOD = /^(password|md5|scram-)/;

export function authorization(facts: PostgresFacts, error: ServerError): Cause {
  const message = unquoted(error.message);
  const { observed } = facts;
  const make = (code: CauseCode, more = {}) => toldCause(facts, error, code, more);
  if (/pg_hba\.conf/.test(message)) return hba(facts, error);
  if (/channel binding/i.test(message)) return make('PG_CHANNEL_BINDING_FAILED');
  if (isPasswordRefused(facts, error)) {
    return make(
      observed.emptyPassword || /empty password/i.test(message) ? 'PG_PASSWORD_EMPTY' : 'PG_PASSWORD_REFUSED',
    );
  }
  if (/not permitted to log ?in|is not allowed to log ?in/i.test(message))
    return make('PG_ROLE_CANNOT_LOGIN');
  if (
    /(role|user) .*does not exist/i.test(message) ||
    (observed.authenticated && error.routine === 'InitializeSessionUserId')
  ) {
    return make('PG_ROLE_UNKNOWN');
  }
  if (/no PostgreSQL user name/i.test(message)) return make('PG_USER_NAME_MISSING');
  const identity = /\b(Peer|Ident) authentication failed/i.exec(message)?.[1];
  if (identity) return make('PG_IDENTITY_REFUSED', { method: identity });
  if (observed.oauth !== null || /\bOAuth\b/i.test(message)) return oauth(facts, error);
  const external = EXTERNAL.exec(message)?.[1];
  if (external) return make('PG_EXTERNAL_REFUSED', { method: external });
  if (/certificate/i.test(message) || certificateAlone(facts, error)) return certificate(facts, error);
  return make('PG_LOGIN_REFUSED');
}

/** A token that was refused, or none: then the client only asked where to get one. */
function oauth(facts: PostgresFacts, error: ServerError): Cause {
  const seen = facts.observed.oauth;
  const code = seen?.token === false ? 'PG_OAUTH_DISCOVERY' : 'PG_OAUTH_REFUSED';
  return toldCause(facts, error, code, oauthParams(facts));
}

/**
 * 28P01 says so since 9.0. Before it `auth_failed` gave 28000 to this, too; from 9.0 on 28000 after a password means that
 * somebody else was asked (LDAP, PAM, RADIUS), and then the text, in whatever language, names the method.
 */
function isPasswordRefused(
  { trace, observed }: PostgresFacts,
  { code, message: said, routine }: ServerError,
): boolean {
  if (code === '28P01') return true;
  const message = unquoted(said);
  if (EXTERNAL.test(message)) return false;
  if (/password authentication failed/i.test(message)) return true;
  const asked =
    PASSWORD_METHOD.test(trace.auth.mechanism ?? '') && observed.answered && !observed.authenticated;
  return asked && routine === 'auth_failed';
}

/** Translated words: nothing was asked for, the client gave a certificate, and `auth_failed` said no. */
function certificateAlone({ observed }: PostgresFacts, { routine }: ServerError): boolean {
  return routine === 'auth_failed' && !observed.requested && (observed.clientCertificates?.length ?? 0) > 0;
}

function certificate(facts: PostgresFacts, error: ServerError): Cause {
  const { clientCertificates } = facts.observed;
  const [leaf] = clientCertificates ?? [];
  if (leaf) {
    const { subject } = leaf;
    return toldCause(facts, error, 'PG_CERTIFICATE_NOT_MAPPED', { subject, cn: commonName(subject) });
  }
  const none =
    clientCertificates !== null || facts.wire.tls?.clientCertificate === 'none' ? 'yes' : undefined;
  return toldCause(facts, error, 'PG_CLIENT_CERTIFICATE_WANTED', { none });
}

/** "pg_hba.conf rejects …" begins with the file's name also in translations; "no pg_hba.conf entry …" does not. */
function hba(facts: PostgresFacts, error: ServerError): Cause {
  const { trace, established } = facts;
  const client = hbaClient(trace, error.message, established, facts.observed.replication);
  const more = {
    line: lineFor(client),
    address: client.address ?? 'local socket',
    replication: client.replication ? 'yes' : undefined,
    tls: trace.ssl.answer === 'N' ? 'declined' : trace.ssl.requested ? 'asked' : undefined,
  };
  const rejects = /^pg_hba\.conf|reject/i.test(unquoted(error.message));
  return toldCause(facts, error, rejects ? 'PG_HBA_REJECTS' : 'PG_HBA_NO_ENTRY', more);
}
