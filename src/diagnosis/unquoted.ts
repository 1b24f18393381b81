/** Names between quotation marks, in English and in the translations of PostgreSQL. */
const QUOTED = /"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]/g;

/**
 * Characters that are read of a text: an error says early what went wrong. Patterns that look at each place of a line, and from there at the
 * rest of it, would take seconds with the longest text that a peer can send.
 */
const LONGEST = 2048;

/** A server's words without the names that it quotes: how somebody named a role or a database says nothing of what went wrong. */
export function unquoted(text: string): string {
  return text.slice(0, LONGEST).replace(QUOTED, '""');
}
