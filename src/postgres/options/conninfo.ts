import { type ConnectionOptions, storeOption } from './connection-options';
import { ConnectionStringError } from './connection-string-error';

const SPACE = /\s/;

/** Reads `keyword = value` pairs (`conninfo_parse`): values may be quoted with `'`, and `\` takes the next character as it is. */
export function parseKeywordValue(text: string): ConnectionOptions {
  const options: ConnectionOptions = {};
  let at = 0;
  const skipSpaces = (): void => {
    while (at < text.length && SPACE.test(text[at])) at++;
  };
  for (skipSpaces(); at < text.length; skipSpaces()) {
    const start = at;
    while (at < text.length && text[at] !== '=' && !SPACE.test(text[at])) at++;
    const keyword = text.slice(start, at);
    skipSpaces();
    if (text[at] !== '=') {
      throw new ConnectionStringError(`missing "=" after "${keyword}" in connection info string`);
    }
    at++;
    skipSpaces();
    const value = text[at] === "'" ? quoted() : bare();
    if (!storeOption(options, keyword, value)) {
      throw new ConnectionStringError(`invalid connection option "${keyword}"`);
    }
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
