import { ALPN_PROTOCOL, type LengthLimit, LIMITS } from '../constants';

/** Lengths libpq believes at this point of the conversation (`PQconnectPoll`, `pqParseInput3`). */
export function limitOf(letter: string, awaiting: boolean): LengthLimit {
  if (letter === 'E' || letter === 'N') return LIMITS.errorResponse;
  return awaiting ? LIMITS.authRequest : LIMITS.sessionStart;
}

/** What libpq says of a length it does not believe. */
export function badLength(letter: string, awaiting: boolean, declared: number): string {
  if (awaiting && letter === 'R') return 'received invalid authentication request';
  if (awaiting && letter === 'v') return 'received invalid protocol negotiation message';
  return `lost synchronization with server: got message type "${letter}", length ${declared}`;
}

/** What libpq says about ALPN (`open_client_SSL`): demanded on direct TLS, and never another protocol. */
export function alpnProblem(alpn: string | null, direct: boolean): string | null {
  if (alpn === null) {
    return direct
      ? 'direct SSL connection was established without ALPN protocol negotiation extension'
      : null;
  }
  return alpn === ALPN_PROTOCOL ? null : 'SSL connection was established with unexpected ALPN protocol';
}
