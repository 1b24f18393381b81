import { accepted, invalidValue, type ParameterValue } from './parameter-problem';

/** Hours that a rule of POSIX can be away from UTC (`tzparse`). */
const MAX_HOURS = 167;

const ABBREVIATION = '(?:<[+\\-\\w]+>|[A-Za-z]{3,})';
const OFFSET = '[+-]?\\d{1,3}(?::\\d{2}){0,2}';
const RULE = `,[MJ\\d][\\d.]*(?:/${OFFSET})?`;
const POSIX = new RegExp(`^${ABBREVIATION}${OFFSET}(?:${ABBREVIATION}(?:${OFFSET})?(?:${RULE}${RULE})?)?$`);

/** Ones without a slash whose names are not in capitals throughout. */
const WORDS =
  'Cuba Egypt Eire Factory GB-Eire Greenwich Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya Navajo Poland Portugal Singapore Turkey Universal Zulu'.split(
    ' ',
  );

let known: ReadonlyMap<string, string> | undefined;

/** A time zone by name, by rule of POSIX or in hours from UTC (`check_timezone`). */
export function zoneValue(name: string, value: string): ParameterValue {
  const interval = /^interval\s*'\s*([+-]?)(\d{1,3})(?::(\d{2}))?\s*'$/i.exec(value);
  if (interval) {
    const [, sign, hours, minutes = '0'] = interval;
    return offset(name, value, (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60));
  }
  if (/^\s*[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) return offset(name, value, Number(value));
  const zone = zoneName(value);
  if (zone !== undefined) return accepted(zone);
  return POSIX.test(value) ? accepted(value) : invalidValue(name, value);
}

/** Hours to the east, named as PostgreSQL names them: the sign in angle brackets is ours, the one behind is POSIX's. */
function offset(name: string, value: string, hours: number): ParameterValue {
  if (Math.abs(hours) > MAX_HOURS) {
    return invalidValue(name, value, { detail: 'UTC timezone offset is out of range.' });
  }
  const seconds = Math.round(Math.abs(hours) * 3600);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return accepted(hours >= 0 ? `<+${text}>-${text}` : `<-${text}>+${text}`);
}

/** A name of the IANA data base in its own spelling: case does not count. */
function zoneName(value: string): string | undefined {
  if (!/^[A-Za-z]\w*[\w/+-]*$/.test(value)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
  } catch {
    return undefined;
  }
  known ??= new Map(Intl.supportedValuesOf('timeZone').map((zone) => [zone.toLowerCase(), zone]));
  const listed =
    known.get(value.toLowerCase()) ?? WORDS.find((word) => word.toLowerCase() === value.toLowerCase());
  if (listed !== undefined) return listed;
  if (!value.includes('/')) return value.toUpperCase();
  // Links are not in the language's list: each part of such a name begins with a capital.
  return value.replace(/(^|[/_])(?!of_|es_)[a-z]/g, (letter) => letter.toUpperCase());
}
