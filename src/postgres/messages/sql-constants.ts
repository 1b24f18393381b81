/**
 * The quoted constants of a query. They are data, and may be secret: a reader of a handshake needs to know what was asked and not with
 * which values. Settings (SET client_encoding TO 'UTF8') are part of a handshake and stay.
 */
import { MASK } from '../../base/secret-shapes';
import { literalEnd } from '../../base/secret-values';

/** Where a constant is, quotes included, in UTF-16 units. */
export interface SqlConstant {
  readonly start: number;
  readonly end: number;
}

/** More are one: from the last of them to the end of the query. */
const MAX_CONSTANTS = 50;

/** What begins something: the end of a statement, a comment, an identifier in quotes, a constant. */
const TOKEN = /;|--[^\n]*|\/\*|"(?:[^"]|"")*"?|(?:\b(?:[enbx]|u&))?'|(?<![\w$])\$(?:[a-z_]\w{0,31})?\$/gi;
const SETTING = /^(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:set|show|reset)\b/i;

/** Constants in order. An empty one is none; where it is not clear how a `\` is read, all behind it is. */
export function sqlConstants(sql: string): readonly SqlConstant[] {
  const found: SqlConstant[] = [];
  let setting = SETTING.test(sql.slice(0, 256));
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(sql); match; match = TOKEN.exec(sql)) {
    const start = match.index;
    const [text] = match;
    if (text === ';') setting = SETTING.test(sql.slice(start + 1, start + 257));
    else if (text === '/*') {
      const close = sql.indexOf('*/', start + 2);
      TOKEN.lastIndex = close < 0 ? sql.length : close + 2;
    } else if (/['$]$/.test(text) && !text.startsWith('--') && !text.startsWith('"')) {
      const end = literalEnd(sql, start);
      const doubtful = text === "'" && sql.slice(start, end).includes('\\');
      TOKEN.lastIndex = end;
      if (setting && !doubtful) continue;
      if (doubtful || found.length + 1 === MAX_CONSTANTS) return [...found, { start, end: sql.length }];
      if (end - start > text.length + 1) found.push({ start, end });
    }
  }
  return found;
}

/** The query with {@link MASK} for each of its constants. */
export function withoutConstants(sql: string, constants: readonly SqlConstant[] = sqlConstants(sql)): string {
  let shown = '';
  let from = 0;
  for (const { start, end } of constants) {
    shown += sql.slice(from, start) + MASK;
    from = end;
  }
  return shown + sql.slice(from);
}
