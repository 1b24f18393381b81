/** A login with OAUTHBEARER (RFC 7628; PostgreSQL 18): whether a token was given, and what the server says where there is none or a wrong one. */
import { utf8 } from '../../base/bytes';

/** What a server says of tokens is short; longer texts are not read. */
const LONGEST = 8_192;

export interface OAuthSeen {
  /** The client sent a token; without one it asks where to get it. */
  readonly token: boolean;
  /** `invalid_token`, where the server said so. */
  readonly status: string | null;
  /** Where the server says that tokens are described: `openid-configuration`. */
  readonly discovery: string | null;
  readonly scope: string | null;
}

/** @param response the first message of the client: `n,,^Aauth=Bearer …^A^A`, without a token `n,,^Aauth=^A^A`. The token itself is not kept. */
export function oauthOf(response: Uint8Array): OAuthSeen {
  const fields = utf8(response.subarray(0, LONGEST)).split('\x01');
  const token = fields.some((field) => field.startsWith('auth=') && field.length > 'auth='.length);
  return { token, status: null, discovery: null, scope: null };
}

/** @param answer JSON of RFC 7628 section 3.2.2. Nothing new where it is none. */
export function withAnswer(seen: OAuthSeen, answer: Uint8Array): OAuthSeen {
  if (answer.length > LONGEST) return seen;
  try {
    const said: unknown = JSON.parse(utf8(answer));
    if (typeof said !== 'object' || said === null) return seen;
    const text = (name: string) => {
      const value = (said as Record<string, unknown>)[name];
      return typeof value === 'string' && value !== '' ? value : null;
    };
    return { ...seen, status: text('status'), discovery: text('openid-configuration'), scope: text('scope') };
  } catch {
    return seen;
  }
}
