/** libpq's `require_auth` (`pqConnectOptions2`, `check_expected_areq`): which requests of the server are answered at all. */
const METHODS = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const;
type Method = (typeof METHODS)[number];

export interface RequireAuth {
  readonly text: string;
  readonly allowed: ReadonlySet<Method>;
}

export type RequireAuthResult =
  | { readonly ok: true; readonly value: RequireAuth | null }
  | { readonly ok: false; readonly message: string };

/** Reads the option's value; empty means that there is no requirement. */
export function parseRequireAuth(text: string | undefined): RequireAuthResult {
  if (!text) return { ok: true, value: null };
  const seen = new Set<string>();
  let negated: boolean | undefined;
  for (const part of text.split(',')) {
    const not = part.startsWith('!');
    const name = not ? part.slice(1) : part;
    // Before anything that quotes it: it may be a part of a password that was not quoted.
    if (!METHODS.some((method) => method === name)) {
      return { ok: false, message: `invalid require_auth value: expected ${METHODS.join(', ')}` };
    }
    if (negated !== undefined && negated !== not) {
      const mixed = not
        ? `negative require_auth method "${part}" cannot be mixed with non-negative methods`
        : `require_auth method "${part}" cannot be mixed with negative methods`;
      return { ok: false, message: mixed };
    }
    negated = not;
    if (seen.has(name))
      return { ok: false, message: `require_auth method "${part}" is specified more than once` };
    seen.add(name);
  }
  const allowed = new Set<Method>(METHODS.filter((method) => seen.has(method) !== negated));
  return { ok: true, value: { text, allowed } };
}

const REQUESTS: Readonly<Record<string, { readonly methods: readonly Method[]; readonly reason: string }>> = {
  AuthenticationCleartextPassword: { methods: ['password'], reason: 'server requested a cleartext password' },
  AuthenticationMD5Password: { methods: ['md5'], reason: 'server requested a hashed password' },
  AuthenticationGSS: { methods: ['gss'], reason: 'server requested GSSAPI authentication' },
  AuthenticationGSSContinue: { methods: ['gss', 'sspi'], reason: 'server requested GSSAPI authentication' },
  AuthenticationSSPI: { methods: ['sspi'], reason: 'server requested SSPI authentication' },
  AuthenticationSASL: { methods: ['scram-sha-256', 'oauth'], reason: 'server requested SASL authentication' },
  AuthenticationSASLContinue: {
    methods: ['scram-sha-256', 'oauth'],
    reason: 'server requested SASL authentication',
  },
  AuthenticationSASLFinal: {
    methods: ['scram-sha-256', 'oauth'],
    reason: 'server requested SASL authentication',
  },
};

/**
 * Why this request may not be answered, or null.
 * @param finished whether our side of an exchange is complete: then AuthenticationOk is welcome whatever was required.
 */
export function requireAuthProblem(
  required: RequireAuth | null,
  request: string,
  finished: boolean,
): string | null {
  if (!required) return null;
  const known = REQUESTS[request];
  if (request === 'AuthenticationOk') {
    if (finished || required.allowed.has('none')) return null;
    return failed(required, 'server did not complete authentication');
  }
  if (known?.methods.some((method) => required.allowed.has(method))) return null;
  return failed(required, known?.reason ?? 'server requested an unknown authentication type');
}

function failed(required: RequireAuth, reason: string): string {
  return `authentication method requirement "${required.text}" failed: ${reason}`;
}
