/**
 * Finds what has the shape of a secret in somebody else's words: an application name, a setting, a query, a comment of a capture, a
 * server's text. Nothing marks such a value as secret, so its surroundings do. In doubt a shape takes too much rather than too little.
 */
import { literalEnd, valueEnd } from './secret-values';

/** Stands for a secret value. Always the same, so that it does not tell the secret's length. */
export const MASK = '••••••';

/** Where a secret is, in UTF-16 units of the text. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
}

/** @returns where the secret ends that begins at `at`, or null where there is none after all. */
type End = (text: string, at: number, match: RegExpExecArray) => number | null;

interface Shape {
  /** What stands in front of the secret, with the flags `g` and `i` where case does not count. Each takes linear time. */
  readonly before: RegExp;
  /** Absent: what was matched is the secret itself. */
  readonly end?: End;
}

/** Words that name a secret. What follows must not be another word that makes it a setting about secrets, or a file with them. */
const KEY =
  '(?:passw(?:or)?d|passwort|passphrase|pwd|\\bpass(?![a-z])|secret|token|credential|(?:api|access|account|private|client|server|shared|encryption|master)[_-]?key)';
const NOT_ABOUT =
  '(?![_-]?(?:encryption|file|path|required|lifetime|length|check|timeout|type|source|id\\b))';
const KEY_NAME = `${KEY}${NOT_ABOUT}[\\w.-]{0,32}`;
/** Spaces and comments of SQL. */
const GAP = '(?:\\s|/\\*[^*]{0,64}\\*/){0,16}';
const KEY_LOG_LABEL =
  '(?:PMS_CLIENT_RANDOM|CLIENT_RANDOM|RSA|(?:[A-Z]{2,12}_){1,4}SECRET(?:_\\d{1,3})?|ECH_CONFIG|QUIC_[A-Z_0-9]{3,40})';

/** Shapes that are looked for where a text has one of these words, in lower case: nearly every text has none. */
interface Group {
  readonly words: readonly string[];
  readonly shapes: readonly Shape[];
}

const GROUPS: readonly Group[] = [
  {
    words: ['://'],
    shapes: [
      // scheme://user:PASSWORD@host
      { before: /[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@[\]"'<>]{0,256}:/gi, end: userInfoEnd },
    ],
  },
  {
    words: ['pass', 'pwd', 'secret', 'token', 'credential', 'key'],
    shapes: [
      // password=…, "pwd": "…", PGPASSWORD=…, token => …
      { before: new RegExp(`${KEY_NAME}\\\\?["'\`]?\\s{0,8}(?:=>|:=|==?)\\s{0,8}`, 'gi'), end: valueEnd },
      { before: new RegExp(`${KEY_NAME}\\\\?["'\`]?\\s{0,8}:(?!:)\\s{0,8}`, 'gi'), end: labelledEnd },
      // ALTER USER … PASSWORD '…', OPTIONS (password '…'), SET a.password TO '…', --password …
      {
        before: new RegExp(
          `${KEY_NAME}["']?${GAP}(?:\\bto\\b${GAP})?(?=(?:[ENBX]|U&)?'|\\$\\w{0,32}\\$)`,
          'gi',
        ),
        end: sqlEnd,
      },
      { before: new RegExp(`${KEY_NAME}\\s{1,8}(?=")`, 'gi'), end: literalEnd },
      {
        before: new RegExp(`${KEY_NAME}\\s{1,8}to\\s{1,8}(?=[^\\s'"$])(?=\\S{0,200}[^\\sa-z])`, 'gi'),
        end: valueEnd,
      },
      { before: new RegExp(`--(?!check-)[\\w-]{0,20}${KEY_NAME}\\s{1,8}(?=[^\\s-])`, 'gi'), end: valueEnd },
      // set_config('a.password', '…')
      { before: new RegExp(`${KEY_NAME}'\\s{0,8},\\s{0,8}(?=[EU]?&?')`, 'gi'), end: literalEnd },
    ],
  },
  {
    words: ['identified', 'crypt'],
    shapes: [
      { before: /\bidentified\b[^'"\n]{0,60}\bby\s{1,8}(?=['"])/gi, end: literalEnd },
      { before: /\bcrypt\s{0,8}\(\s{0,8}(?=E?')/gi, end: literalEnd },
    ],
  },
  {
    words: ['authorization', 'bearer'],
    shapes: [
      // Authorization: …, Bearer …
      {
        before: /\bauthorization["']?\s{0,8}[:=]\s{0,8}["']?(?:basic|bearer|digest|negotiate)?\s{0,8}/gi,
        end: lineEnd,
      },
      { before: /\bbearer\s{1,8}(?=[\w.~+/=-]{8})(?=[a-z]{0,64}[\d._~+/=-])/gi, end: tokenEnd },
    ],
  },
  {
    words: ['eyj'],
    shapes: [
      // JSON Web Token: base64url of {"…
      { before: /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g },
    ],
  },
  {
    words: ['client_random', 'rsa', 'secret', 'ech_config', 'quic_'],
    shapes: [
      // A line of an NSS key log: label, client random, secret.
      { before: new RegExp(`\\b${KEY_LOG_LABEL}\\s{1,8}(?=[0-9a-f]{8})`, 'gi'), end: hexEnd },
    ],
  },
  {
    words: [
      'akia',
      'asia',
      'ghp_',
      'gho_',
      'ghu_',
      'ghs_',
      'ghr_',
      'github_pat_',
      'glpat-',
      'xox',
      'k_live_',
      'npm_',
      'dop_v1_',
      'hvs.',
      'aiza',
    ],
    shapes: [
      // Keys of cloud and code services, by the prefixes that their makers gave them to be found by.
      { before: /\b(?:AKIA|ASIA)[0-9A-Z]{12,}/g },
      {
        before:
          /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk_live_|rk_live_|npm_|dop_v1_|hvs\.|AIza)[\w-]{12,}/g,
      },
    ],
  },
  {
    words: ['private key'],
    shapes: [{ before: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g, end: pemEnd }],
  },
  {
    words: ['scram-sha-', 'md5'],
    shapes: [
      // What a server keeps of a password.
      { before: /\bSCRAM-SHA-\d{1,3}\$\d{1,10}:/g, end: tokenEnd },
      { before: /\bmd5[0-9a-f]{32}\b/g },
    ],
  },
];

/** Any of the words. One look tells of nearly every text that it has none; with the flag `i` it would take longer than a copy. */
const ANY_WORD = new RegExp(
  GROUPS.flatMap(({ words }) => words.map((word) => word.replace('.', '\\.'))).join('|'),
);

/** A key that nothing announces: forty in a row, of mixed kinds. */
const BARE_KEY: Shape = {
  before:
    /(?<![\w/+=-])(?=[A-Za-z0-9/+]{0,39}\d)(?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])[A-Za-z0-9/+]{40}(?![\w/+=-])/g,
};
const BARE_KEY_LENGTH = 40;

/** The shortest text with a secret: `pwd=x`. */
const SHORTEST = 5;

/** Texts that were found to have none: a capture's steps and verdicts are few and come again and again. */
const CLEAN = { texts: new Set<string>(), most: 1000, longest: 1024 } as const;

/** More in one text are not told apart: all behind the first is hidden. */
const MAX_SPANS = 100;

/** Where secrets are, in order and without overlap. */
export function secretSpans(text: string): readonly SecretSpan[] {
  if (text.length < SHORTEST || CLEAN.texts.has(text)) return NONE;
  const spans = findSpans(text);
  if (spans.length === 0 && text.length <= CLEAN.longest) {
    if (CLEAN.texts.size === CLEAN.most) CLEAN.texts.clear();
    CLEAN.texts.add(text);
  }
  return spans;
}

const NONE: readonly SecretSpan[] = [];

function findSpans(text: string): readonly SecretSpan[] {
  const shapes = shapesFor(text);
  if (shapes.length === 0) return NONE;
  const found: SecretSpan[] = [];
  for (const { before, end } of shapes) {
    before.lastIndex = 0;
    for (let match = before.exec(text); match; match = before.exec(text)) {
      const at = match.index + match[0].length;
      const stop = end ? end(text, at, match) : at;
      const start = end ? at : match.index;
      if (stop !== null && stop > start && !PLACEHOLDER.test(text.slice(start, stop)))
        found.push({ start, end: stop });
      if (found.length > MAX_SPANS)
        return [{ start: Math.min(...found.map((span) => span.start)), end: text.length }];
    }
  }
  return merged(found);
}

function shapesFor(text: string): readonly Shape[] {
  const lower = text.toLowerCase();
  const shapes = ANY_WORD.test(lower)
    ? GROUPS.filter(({ words }) => words.some((word) => lower.includes(word))).flatMap(
        (group) => group.shapes,
      )
    : NO_SHAPES;
  return hasLongRun(text) ? [...shapes, BARE_KEY] : shapes;
}

/** Where a line to paste leaves a value to its reader, or to a prompt. */
const PLACEHOLDER = /^(?:["'`]?…["'`]?|passwordPrompt\(\)?[\s)}\]]*)$/;

const NO_SHAPES: readonly Shape[] = [];

/** Whether letters, digits, "/" and "+" come as many times in a row as in a bare key. */
function hasLongRun(text: string): boolean {
  if (text.length < BARE_KEY_LENGTH) return false;
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) | 0x20;
    const part =
      (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2f || code === 0x2b;
    run = part ? run + 1 : 0;
    if (run === BARE_KEY_LENGTH) return true;
  }
  return false;
}

/** The text with {@link MASK} for every secret; the same text where there is none. */
export function maskShapes(text: string): string {
  const spans = secretSpans(text);
  if (spans.length === 0) return text;
  let shown = '';
  let from = 0;
  for (const { start, end } of spans) {
    shown += text.slice(from, start) + MASK;
    from = end;
  }
  return shown + text.slice(from);
}

function merged(spans: SecretSpan[]): SecretSpan[] {
  spans.sort((a, b) => a.start - b.start);
  const list: { start: number; end: number }[] = [];
  for (const span of spans) {
    const last = list.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else list.push({ ...span });
  }
  return list;
}

/** Up to the last `@`: a password that was not percent-encoded may hold one, or a space. A port is none, and a text may be cut. */
function userInfoEnd(text: string, at: number): number | null {
  const run = /^\S{0,4096}/.exec(text.slice(at, at + 4096))?.[0] ?? '';
  const sign = run.lastIndexOf('@');
  if (sign >= 0) return at + sign;
  if (run === '' || /^\d{1,5}(?![\w%!$*])/.test(run)) return null;
  const line = /^.{0,256}/.exec(text.slice(at, at + 256))?.[0] ?? '';
  const later = line.lastIndexOf('@');
  return at + (later >= 0 ? later : run.length);
}

/** `password: x` is a value; in "the password: the client …" prose goes on. */
function labelledEnd(text: string, at: number): number | null {
  if (/["'`\\$]/.test(text[at] ?? '')) return valueEnd(text, at);
  const [word] = /^[^\s,;]{0,256}/.exec(text.slice(at, at + 256)) ?? [''];
  const next = text[at + word.length] ?? '\n';
  const after = at + word.length;
  const last = /[,;\r\n]/.test(next) || (text.length - after < 64 && text.slice(after).trim() === '');
  if (!last && /^[a-z]*[.!?)]?$/i.test(word)) return null;
  return valueEnd(text, at);
}

/** `PASSWORD'…'` needs no space, but "password's" and 'password' are words. */
function sqlEnd(text: string, at: number, match: RegExpExecArray): number | null {
  const touching = !/[\s/]$/.test(match[0]) && text[at] === "'";
  if (touching && (/^'s\b/.test(text.slice(at, at + 3)) || /["'`]/.test(text[match.index - 1] ?? '')))
    return null;
  return literalEnd(text, at);
}

function lineEnd(text: string, at: number): number {
  return at + (/^[^\r\n"']*/.exec(text.slice(at, at + 8192))?.[0].length ?? 0);
}

function tokenEnd(text: string, at: number): number {
  return at + (/^[^\s"',;)]*/.exec(text.slice(at, at + 8192))?.[0].length ?? 0);
}

function hexEnd(text: string, at: number): number {
  return at + (/^[0-9a-f]+(?:\s{1,8}[0-9a-f]{8,})?/i.exec(text.slice(at, at + 8192))?.[0].length ?? 0);
}

/** A key without its end is one whose text was cut. */
function pemEnd(text: string, at: number): number {
  const end = text.indexOf('-----END', at);
  return end < 0 ? text.length : end;
}
