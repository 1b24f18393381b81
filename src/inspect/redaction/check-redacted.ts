import { utf8 } from '../../base/bytes';
import { CODE_NAMES, KEYS, TEXTS } from './known-mongodb';
import { FILES, PARAMETER_VALUES, PARAMETERS, ROUTINES, SASL_MECHANISMS, SEVERITIES } from './known-postgres';
import { APPLICATION_PROTOCOLS } from './known-tls';
import { ATTRIBUTE_TYPES, COMMON_NAMES, looksMadeUp, type Names } from './names';
import { PHRASES } from './phrases';
import { SCRAM_WORDS } from './secrets';
import { LONGEST_LOOKED_FOR, ValueFinder } from './value-finder';
import { viewsOf } from './views';

/** A value that should not be in a redacted capture is in it. The message never says the value. */
export class RedactionError extends Error {
  /** @param place words for where it is. */
  constructor(readonly place: string) {
    super(`the redacted capture would still hold something secret or a name, ${place}`);
    this.name = 'RedactionError';
  }
}

/** Names of what our own files say besides. */
const OWN_WORDS = [
  'Handshake Inspector',
  'CLIENT_RANDOM',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
];

/** How many false alarms a file may be expected to give, if its bytes were random. */
const FALSE_ALARMS = 1e-3;
const SHORTEST = 4;
const LONGEST_SHORTEST = 12;

/**
 * Looks in the file that is about to be written, and in what compression and TLS hide in it, for every value that was replaced: as it was
 * and in the other case of its letters, in UTF-16, hexadecimal and base64.
 *
 * Not looked for, since they would be found where nothing leaked: values of fewer than four bytes, or of so few that random bytes of this
 * many would hold one by chance; those that are in words which the protocols fix (a user `postgres`); and those that read as a stand-in
 * (`aaaa`).
 *
 * @param place words for an offset in the file.
 * @throws {RedactionError} at the first that is found.
 */
export function checkRedacted(file: Uint8Array, names: Names, place: (offset: number) => string): void {
  const pieces = [
    { bytes: file, place },
    ...names.hidden.map(({ bytes, place: where }) => ({ bytes, place: () => where })),
  ];
  const total = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const shortest = shortestFor(names.values.size, total);
  const finder = finderFor(names, shortest);
  if (finder.empty) return;
  for (const { bytes, place: where } of pieces) {
    for (const view of viewsOf(bytes, shortest)) {
      const tell = ({ at }: { readonly at: number }) => {
        throw new RedactionError(where(view.place(at)));
      };
      finder.find(view.bytes, tell, view.own);
    }
  }
}

/** Bytes that a value must have so that it is hardly there by chance. */
function shortestFor(values: number, bytes: number): number {
  for (let length = SHORTEST; length < LONGEST_SHORTEST; length++) {
    // Letters of both cases are the same, and bytes are read in some ways.
    if ((4 * values * bytes) / 200 ** length < FALSE_ALARMS) return length;
  }
  return LONGEST_SHORTEST;
}

function finderFor(names: Names, shortest: number): ValueFinder {
  const finder = new ValueFinder(wantedForms(names.values, shortest));
  const words = [...vocabulary(), ...names.allowed].join('\n');
  finder.find(new TextEncoder().encode(words), ({ value }) => {
    finder.drop(value);
    return false;
  });
  return finder;
}

/** What to look for: stretches without a zero, for numbers are zeros for the most part, as the result is. */
function* wantedForms(values: Iterable<string>, shortest: number): Generator<string> {
  for (const value of values) {
    for (const form of /[\x80-\xff]/.test(value) ? [value, ...wideForms(value)] : [value]) {
      for (const part of form.includes('\0') ? form.split('\0') : [form]) {
        const looked = part.slice(0, LONGEST_LOOKED_FOR);
        if (looked.length >= shortest && !looksMadeUp(looked)) yield part;
      }
    }
  }
}

/** A character of several bytes in UTF-8 has another one or two in UTF-16. */
function wideForms(value: string): string[] {
  const text = utf8(Uint8Array.from(value, (letter) => letter.charCodeAt(0)));
  if (text.includes('\ufffd')) return [];
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  // What is read where every other byte is a zero, and where none is.
  const narrow = text.split(/[\u0100-\uffff]+/);
  const pairs = (first: (unit: number) => number, second: (unit: number) => number) =>
    units.map((unit) => String.fromCharCode(first(unit), second(unit))).join('');
  const [low, high] = [(unit: number) => unit & 255, (unit: number) => unit >> 8];
  return [...narrow, pairs(low, high), pairs(high, low)];
}

/** All that redaction may keep. */
function vocabulary(): string[] {
  const sets = [
    ATTRIBUTE_TYPES,
    COMMON_NAMES,
    CODE_NAMES,
    KEYS,
    TEXTS,
    FILES,
    PARAMETERS,
    PARAMETER_VALUES,
    ROUTINES,
    SASL_MECHANISMS,
    SEVERITIES,
    APPLICATION_PROTOCOLS,
  ];
  return [...PHRASES, ...SCRAM_WORDS, ...OWN_WORDS, ...sets.flatMap((set) => [...set])];
}
