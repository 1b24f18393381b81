/** Names between quotation marks, in English and in the translations of PostgreSQL. */
const QUOTED = /"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]/g;

/** A server's words without the names that it quotes: how somebody named a role or a database says nothing of what went wrong. */
export function unquoted(text: string): string {
  return text.replace(QUOTED, '""');
}
