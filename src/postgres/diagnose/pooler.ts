/**
 * What connection poolers say in the server's place. pgbouncer gives most of its errors the SQLSTATE 08P01 (`send_pooler_error`), so that
 * only the text tells them apart; PostgreSQL itself uses the code where the protocol is broken.
 */

/** Texts of pgbouncer, and what to do about each. */
const POOLER_TEXTS: readonly (readonly [text: RegExp, sentence: string])[] = [
  [
    /^unsupported startup parameter/i,
    'A pooler such as pgbouncer does not pass a parameter of the client on: name it in ignore_startup_parameters of the pooler, or remove it from the client.',
  ],
  [
    /max_client_conn|no more connections allowed/i,
    'The pooler has no place for another client: close idle connections, or raise max_client_conn.',
  ],
  [/^SSL required/i, 'The pooler takes connections with TLS only: use sslmode=require or stronger.'],
  [
    /server_login_retry|server login has been failing|query_wait_timeout/i,
    'The pooler cannot give the client a connection to the server behind it: look at its log, and try that server directly.',
  ],
  [
    /^no such (user|database)/i,
    'The pooler does not know the user or the database: add it to its configuration (userlist.txt, auth_query, [databases]).',
  ],
  [
    /client_login_timeout|client_idle_timeout|client_connect_timeout/i,
    'The client took longer than the pooler waits: look at what it waited for, such as a password prompt.',
  ],
];

/** PostgreSQL's own words for a broken protocol (`pqcomm.c`, `backend_startup.c`, `auth.c`, `pqformat.c`). */
const BROKEN =
  /protocol|message (type|format|contents|length)|startup packet|password packet|expected .* (response|packet|message)|malformed|invalid (string|frontend)|insufficient data/i;

/** The sentence for an error with 08P01. */
export function protocolViolation(message: string): string {
  const pooler = POOLER_TEXTS.find(([text]) => text.test(message));
  if (pooler) return `${pooler[1]} It said: ${message}.`;
  if (BROKEN.test(message)) {
    return `The server found the protocol broken (${message}): look at what sits between client and server, and update the client.`;
  }
  return `The server, or a pooler such as pgbouncer in its place, refused the connection (${message}): a pooler gives this code, 08P01, to all its errors, so read its text, and its log.`;
}
