import { cause } from '../../diagnosis/cause';
import { diagnosisOf, verdictOf } from '../../diagnosis/render';
import type { Trace } from '../../trace/model';

/** Users remembered at once; the oldest is forgotten first. */
const REMEMBERED = 1_000;

interface Login {
  readonly database: string;
  /** Id of the trace. */
  readonly id: string;
}

/** Causes that a login with another authSource explains. */
const EXPLAINED = new Set([
  'MONGO_PROOF_REFUSED',
  'MONGO_REFUSED_BEFORE_PROOF',
  'MONGO_USER_NOT_LISTED',
  'MONGO_USER_UNKNOWN',
  'MONGO_CR_REFUSED',
]);

/**
 * Explains a refused login when the same user was accepted on the same server with another authSource before: then the user exists, and
 * the refused client only looks in the wrong database. Takes traces one by one in order of start.
 */
export class AuthSourceLinker {
  readonly #logins = new Map<string, Login>();

  add(trace: Trace): void {
    const { user, database, outcome } = trace.auth;
    if (trace.protocol !== 'mongodb' || user === null || database === null || database === '$external')
      return;
    if (outcome !== 'ok' && outcome !== 'failed') return;
    const { address, port } = trace.server;
    const key = `${address} ${port} ${user}`;
    const login = this.#logins.get(key);
    if (outcome === 'ok') {
      // Applications log in with the same few users again and again: nothing is written for these.
      if (login?.database !== database) this.#remember(key, { database, id: trace.id });
      return;
    }
    if (!login || login.database === database || !EXPLAINED.has(trace.diagnosis.code)) return;
    const { params, step } = trace.diagnosis;
    const found = cause('MONGO_WRONG_AUTH_SOURCE', 'failed', {
      ...params,
      found: login.database,
      earlier: login.id,
    });
    trace.diagnosis = diagnosisOf(found, step);
    trace.verdict = verdictOf(trace.diagnosis);
  }

  #remember(key: string, login: Login): void {
    this.#logins.delete(key);
    this.#logins.set(key, login);
    if (this.#logins.size <= REMEMBERED) return;
    const oldest = this.#logins.keys().next();
    if (!oldest.done) this.#logins.delete(oldest.value);
  }
}
