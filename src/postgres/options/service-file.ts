import { type ConnectionOptions, isOptionKeyword } from './connection-options';

export type ServiceResult =
  | { readonly kind: 'found'; readonly options: ConnectionOptions }
  | { readonly kind: 'missing' }
  /** libpq's own words. */
  | { readonly kind: 'bad'; readonly message: string };

/** Longest line, its end included (`LINELEN` in libpq). */
const MAX_LINE = 1023;

/**
 * The options of one service in the text of a `pg_service.conf` (`parseServiceFile`): sections `[name]` with lines `keyword=value`,
 * `#` before a comment. The first value of a keyword stands.
 *
 * @param file name for the complaints.
 */
export function readService(text: string, service: string, file: string): ServiceResult {
  const options: ConnectionOptions = {};
  let found = false;
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    if (raw.length >= MAX_LINE) {
      return { kind: 'bad', message: `line ${number} too long in service file "${file}"` };
    }
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      // The next section ends ours.
      if (found) break;
      found = line.startsWith(`[${service}]`);
      continue;
    }
    if (!found) continue;
    const problem = takeLine(line, options);
    if (problem) return { kind: 'bad', message: `${problem} in service file "${file}", line ${number}` };
  }
  return found ? { kind: 'found', options } : { kind: 'missing' };
}

function takeLine(line: string, options: ConnectionOptions): string | null {
  const equals = line.indexOf('=');
  if (equals < 0) return 'syntax error';
  const keyword = line.slice(0, equals);
  if (keyword === 'service') return 'nested service specifications not supported';
  if (!isOptionKeyword(keyword)) return 'syntax error';
  options[keyword] ??= line.slice(equals + 1);
  return null;
}
