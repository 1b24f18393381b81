import type { Trace } from '../../trace/model';
import { makeFinding } from './findings';

/** Users remembered at once; the oldest is forgotten first. */
const REMEMBERED = 1_000;

interface Login {
  readonly database: string;
  /** Id of the trace. */
  readonly id: string;
}

/**
 * Tells a refused login when the same user was let in on the same server with another authSource before: then the user exists, and the
 * refused client only looks in the wrong database. Takes traces one by one in order of start.
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
    if (!login || login.database === database) return;
    const seen = `${login.database} (${login.id}), and looked for in ${database}`;
    const frames = trace.findings.find(({ code }) => code === 'MG_AUTH_SOURCE')?.frames ?? [];
    trace.findings.push(makeFinding('MG_AUTH_SOURCE_EARLIER', frames, seen));
    trace.verdict += ` The same user was let in here with authSource=${login.database} before (${login.id}).`;
  }

  #remember(key: string, login: Login): void {
    this.#logins.delete(key);
    this.#logins.set(key, login);
    if (this.#logins.size <= REMEMBERED) return;
    const oldest = this.#logins.keys().next();
    if (!oldest.done) this.#logins.delete(oldest.value);
  }
}
