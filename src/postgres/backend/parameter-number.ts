import { accepted, invalidValue, type ParameterValue, refused } from './parameter-problem';
import type { ParameterInfo, ParameterRange } from './parameter-table';

/** How many of each unit's base go into one: bytes of memory, microseconds of time (`memory_unit_conversion_table`). */
const MEMORY: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  '8kB': 8192,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
};
const TIME: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 6e7, h: 3.6e9, d: 8.64e10 };

const MEMORY_HINT = 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".';
const TIME_HINT = 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".';
const MAX_INT = 2_147_483_647;

/** What `strtol` with base 0 takes, and what `strtod` does. */
const INTEGER = /^\s*([+-]?)(0x[0-9a-f]+|\d+)/i;
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i;

/** A number with its unit, or why it is none (`parse_int`, `parse_real`). */
export function numberValue(info: ParameterInfo, value: string): ParameterValue {
  const { name, type } = info;
  const range = info.range ?? { min: '0', max: String(MAX_INT), unit: '' };
  const read = type === 'integer' ? leadingInteger(value) : leadingReal(value);
  if (!read) return invalidValue(name, value);
  const unit = value.slice(read.length).trim();
  let number = read.number;
  if (unit !== '') {
    if (range.unit === '') return invalidValue(name, value);
    const units = range.unit in MEMORY ? MEMORY : TIME;
    const factor = unit === '8kB' ? undefined : units[unit];
    if (factor === undefined) {
      return invalidValue(name, value, { hint: units === MEMORY ? MEMORY_HINT : TIME_HINT });
    }
    number *= factor / units[range.unit];
  }
  if (type === 'integer') {
    number = roundHalfToEven(number);
    if (Math.abs(number) > MAX_INT)
      return invalidValue(name, value, { hint: 'Value exceeds integer range.' });
  }
  if (number >= Number(range.min) && number <= Number(range.max)) return accepted(String(number));
  return outOfRange(name, type === 'integer' ? String(number) : sixDigits(number), range);
}

function outOfRange(name: string, shown: string, { min, max, unit }: ParameterRange): ParameterValue {
  const [number, from, to] = [shown, min, max].map((text) => (unit === '' ? text : `${text} ${unit}`));
  return refused('22023', `${number} is outside the valid range for parameter "${name}" (${from} .. ${to})`);
}

interface Leading {
  readonly number: number;
  /** Characters it took. */
  readonly length: number;
}

/** An integer, also octal and hexadecimal; a fraction or an exponent makes it a decimal number. */
function leadingInteger(value: string): Leading | null {
  const found = INTEGER.exec(value);
  if (!found) return leadingReal(value);
  const [all, sign, digits] = found;
  if (/^[.e]/i.test(value.slice(all.length))) return leadingReal(value);
  if (/^0\d/.test(digits)) {
    const octal = /^0[0-7]*/.exec(digits)?.[0] ?? '0';
    const length = all.length - digits.length + octal.length;
    return { number: Number(`${sign}${Number.parseInt(octal, 8)}`), length };
  }
  return { number: (sign === '-' ? -1 : 1) * Number(digits), length: all.length };
}

function leadingReal(value: string): Leading | null {
  const found = DECIMAL.exec(value);
  return found && { number: Number(found[0]), length: found[0].length };
}

/** C's `rint`. */
function roundHalfToEven(number: number): number {
  const floor = Math.floor(number);
  if (number - floor !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** C's `%g`. */
function sixDigits(number: number): string {
  const exponent = number === 0 ? 0 : Math.floor(Math.log10(Math.abs(number)));
  if (exponent >= -4 && exponent < 6) return String(Number(number.toPrecision(6)));
  const [digits, power] = number.toExponential(5).split('e');
  const sign = power.startsWith('-') ? '-' : '+';
  return `${Number(digits)}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}
