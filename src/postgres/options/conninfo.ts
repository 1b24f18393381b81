import {
  type ConnectionOptions,
  isOptionKeyword,
  isSecretOption,
  keywordAdvice,
  looksLikeKeyword,
  storeOption,
} from './connection-options';
import { ConnectionStringError } from './connection-string-error';

const SPACE = /\s/;

/** Said instead of a name that may be the rest of a password with a space in it. */
const AFTER_SECRET = "; put a password with spaces between single quotes, and write ' as \\' and \\ as \\\\";

/** Reads `keyword = value` pairs (`conninfo_parse`): values may be quoted with `'`, and `\` takes the next character as it is. */
export function parseKeywordValue(text: string): ConnectionOptions {
  const options: ConnectionOptions = {};
  let at = 0;
  let secretBefore = false;
  /** The keyword as libpq quotes it, where it is surely none of a password. */
  const quote = (before: string, keyword: string, after = ''): string => {
    if (isOptionKeyword(keyword) || (!secretBefore && looksLikeKeyword(keyword)))
      return `${before} "${keyword}"${after}`;
    return secretBefore
      ? `${before} the value of a password${after}${AFTER_SECRET}`
      : `${before} a word${after}`;
  };
  const skipSpaces = (): void => {
    while (at < text.length && SPACE.test(text[at])) at++;
  };
  for (skipSpaces(); at < text.length; skipSpaces()) {
    const start = at;
    while (at < text.length && text[at] !== '=' && !SPACE.test(text[at])) at++;
    const keyword = text.slice(start, at);
    skipSpaces();
    if (text[at] !== '=') {
      throw new ConnectionStringError(quote('missing "=" after', keyword, ' in connection info string'));
    }
    at++;
    skipSpaces();
    const value = text[at] === "'" ? quoted() : bare();
    if (!storeOption(options, keyword, value)) {
      throw new ConnectionStringError(
        !secretBefore && looksLikeKeyword(keyword)
          ? `invalid connection option "${keyword}"${keywordAdvice(keyword)}`
          : `invalid connection option${secretBefore ? ` after a password${AFTER_SECRET}` : ''}`,
      );
    }
    secretBefore ||= isSecretOption(keyword);
  }
  return options;

  function bare(): string {
    let value = '';
    while (at < text.length && !SPACE.test(text[at])) {
      if (text[at] === '\\') at++;
      value += text[at] ?? '';
      at++;
    }
    return value;
  }

  function quoted(): string {
    let value = '';
    for (at++; at < text.length; at++) {
      if (text[at] === "'") {
        at++;
        return value;
      }
      if (text[at] === '\\') at++;
      value += text[at] ?? '';
    }
    throw new ConnectionStringError('unterminated quoted string in connection info string');
  }
}
