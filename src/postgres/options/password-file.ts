/** For whom a password is looked up. */
export interface PasswordQuery {
  /** Name, address or directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Directories whose sockets the file knows as `localhost` (`DEFAULT_PGSOCKET_DIR`; Debian has the second). */
const DEFAULT_SOCKET_FOLDERS: readonly string[] = ['/tmp', '/var/run/postgresql'];

/**
 * The password in the text of a `.pgpass` file, undefined when no line is for this connection (`passwordFromFile`). A line is
 * `host:port:database:user:password`; `*` stands for anything, `\` takes the next character as it is, the first match wins.
 */
export function passwordFor(text: string, query: PasswordQuery): string | undefined {
  const host = query.host === '' || DEFAULT_SOCKET_FOLDERS.includes(query.host) ? 'localhost' : query.host;
  const wanted = [host, String(query.port), query.database, query.user];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    if (fields && wanted.every((value, i) => fields.match[i].any || fields.match[i].text === value)) {
      return fields.password;
    }
  }
  return undefined;
}

interface MatchField {
  readonly any: boolean;
  readonly text: string;
}

const MATCHED_FIELDS = 4;

/** Null for a line with too few fields. The password runs to the next bare colon or the end of the line. */
function fieldsOf(line: string): { readonly match: readonly MatchField[]; readonly password: string } | null {
  const match: MatchField[] = [];
  let at = 0;
  while (match.length < MATCHED_FIELDS) {
    const { raw, text, end } = field(line, at);
    if (end >= line.length) return null;
    match.push({ any: raw === '*', text });
    at = end + 1;
  }
  return { match, password: field(line, at).text };
}

/** One field from `start`: as written, without its escapes, and where it ends. */
function field(line: string, start: number): { raw: string; text: string; end: number } {
  let text = '';
  let at = start;
  for (; at < line.length && line[at] !== ':'; at++) {
    if (line[at] === '\\' && at + 1 < line.length) at++;
    text += line[at];
  }
  return { raw: line.slice(start, at), text, end: at };
}
