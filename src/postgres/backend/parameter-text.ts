import { utf8Bytes } from '../../base/bytes';
import { findEncoding } from './parameter-encoding';
import { accepted, invalidValue, type ParameterValue, refused } from './parameter-problem';
import { zoneValue } from './parameter-zone';

type Check = (name: string, value: string) => ParameterValue;

/** The parameters of type `string` whose text is looked into (their `check_hook`s); others are taken as they come. */
const CHECKS: Readonly<Record<string, Check>> = {
  application_name: (_, value) => accepted(cleanAscii(value)),
  client_encoding: encodingValue,
  DateStyle: dateStyleValue,
  search_path: (name, value) =>
    identifierList(value) ? accepted(value) : invalidValue(name, value, BAD_LIST),
  temp_tablespaces: (name, value) =>
    identifierList(value) ? accepted(value) : invalidValue(name, value, BAD_LIST),
  TimeZone: zoneValue,
  default_tablespace: (name, value) =>
    ['', 'pg_default', 'pg_global'].includes(value)
      ? accepted(value)
      : invalidValue(name, value, { detail: `Tablespace "${value}" does not exist.` }),
  default_table_access_method: (name, value) =>
    value === 'heap'
      ? accepted(value)
      : invalidValue(name, value, { detail: `Table access method "${value}" does not exist.` }),
};

const BAD_LIST = { detail: 'List syntax is invalid.' } as const;

export function textValue(name: string, value: string): ParameterValue {
  return CHECKS[name]?.(name, value) ?? accepted(value);
}

/** Every byte that is not printable ASCII, as `\xNN` (`pg_clean_ascii`). */
function cleanAscii(value: string): string {
  return [...utf8Bytes(value)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

/** `check_client_encoding`, and `InitializeClientEncoding` for the one that UTF8 cannot be converted to. */
function encodingValue(name: string, value: string): ParameterValue {
  const encoding = findEncoding(value);
  if (encoding === undefined) return invalidValue(name, value);
  if (encoding === 'MULE_INTERNAL') {
    return refused('0A000', 'conversion between MULE_INTERNAL and UTF8 is not supported');
  }
  // An old driver compares the name it gave with the one it gets.
  return accepted(value === 'UNICODE' ? value : encoding);
}

type Part = readonly ['style' | 'order', string];

/** Key words of DateStyle, by how they begin or as a whole (`check_datestyle`). */
const DATE_WORDS: readonly (readonly [RegExp, readonly Part[]])[] = [
  [/^iso$/, [['style', 'ISO']]],
  [/^sql$/, [['style', 'SQL']]],
  [/^postgres/, [['style', 'Postgres']]],
  [/^german$/, [['style', 'German']]],
  [/^ymd$/, [['order', 'YMD']]],
  [/^(dmy$|euro)/, [['order', 'DMY']]],
  [/^(mdy$|us$|noneuro)/, [['order', 'MDY']]],
  [/^default$/, []],
];

function dateStyleValue(name: string, value: string): ParameterValue {
  const words = identifierList(value);
  if (!words) return invalidValue(name, value, BAD_LIST);
  const chosen: { style?: string; order?: string } = {};
  let conflict = false;
  for (const word of words) {
    const parts = DATE_WORDS.find(([pattern]) => pattern.test(word))?.[1];
    if (!parts) return invalidValue(name, value, { detail: `Unrecognized key word: "${word}".` });
    for (const [kind, text] of parts) {
      if (chosen[kind] !== undefined && chosen[kind] !== text) conflict = true;
      chosen[kind] = text;
    }
  }
  if (conflict) return invalidValue(name, value, { detail: 'Conflicting "DateStyle" specifications.' });
  const order = chosen.order ?? (chosen.style === 'German' ? 'DMY' : 'MDY');
  return accepted(`${chosen.style ?? 'ISO'}, ${order}`);
}

/** Names between commas, in lower case unless quoted; null when it is no such list (`SplitIdentifierString`). */
function identifierList(text: string): string[] | null {
  const names: string[] = [];
  let rest = text.trim();
  if (rest === '') return names;
  for (;;) {
    const found = /^("(?:[^"]|"")*"|[^\s,"][^\s,]*)\s*(,\s*)?/.exec(rest);
    if (!found) return null;
    const [all, name, comma] = found;
    names.push(name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase());
    rest = rest.slice(all.length);
    if (comma === undefined) return rest === '' ? names : null;
  }
}
