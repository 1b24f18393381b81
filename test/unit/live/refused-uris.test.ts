import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TargetError, targetFromUri } from '../../../src/live/target';

/** Everything that is shown of a connection string or done with it before a server is reached. */
interface Outcome {
  readonly refused: boolean;
  /** Messages and warnings. */
  readonly words: string;
  /** What would be looked up or connected to. */
  readonly hosts: readonly string[];
}

function outcomeOf(uri: string): Outcome {
  try {
    const target = targetFromUri(uri, {}, null);
    if (target.protocol === 'mongodb')
      return {
        refused: false,
        words: target.warnings.join('\n'),
        hosts: target.hosts.map(({ host }) => host),
      };
    return { refused: false, words: '', hosts: target.settings.hosts.map(({ host }) => host) };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { refused: true, words: error.message, hosts: [] };
  }
}

/** A password is put into each of these as it is. */
const FORMS: readonly ((password: string) => string)[] = [
  (p) => `postgresql://u:${p}@127.0.0.1/d`,
  (p) => `postgres://u:${p}@127.0.0.1:5433`,
  (p) => `postgresql://${p}@127.0.0.1/d`,
  // Without a host; an "@" in it would make it a whole URI.
  (p) => `postgresql://u:${p.replaceAll('@', '')}`,
  (p) => `POSTGRESQL://u:${p}@127.0.0.1/d`,
  (p) => `postgres:/u:${p}@127.0.0.1/d`,
  (p) => `postgresql://u:${p}@127.0.0.1/d?sslmode=requir`,
  (p) => `postgresql://u:${p}@127.0.0.1/d?applicaton_name=x`,
  (p) => `postgresql://u:${p}@[::1]:port/d`,
  (p) => `postgresql://127.0.0.1/d?user=u&password=${p}`,
  (p) => `postgresql://127.0.0.1/d?password=${p}&sslmode=require`,
  (p) => `host=127.0.0.1 user=u password=${p}`,
  (p) => `password=${p} host=127.0.0.1`,
  (p) => `host=127.0.0.1 password='${p}' user=u`,
  (p) => `host=127.0.0.1 password='${p}`,
  (p) => `mongodb://u:${p}@127.0.0.1/d`,
  (p) => `mongodb://u:${p}@127.0.0.1:27018/?tls=true`,
  (p) => `mongodb://u:${p}@127.0.0.1,127.0.0.2/?replicaSet=r`,
  (p) => `mongodb://${p}@127.0.0.1`,
  (p) => `mongodb://u:${p.replaceAll('@', '')}`,
  (p) => `mongodb+srv://u:${p}@127-0-0-1/d`,
  (p) => `mongodb://u:${p}@127.0.0.1/?w=majority&colour=blue`,
  (p) => `mongodb://127.0.0.1/?proxyHost=h&proxyUsername=u&proxyPassword=${p}`,
  (p) => `mongodb://127.0.0.1/?tlsCertificateKeyFilePassword=${p}&tls=true`,
  (p) => `mongodb://u@127.0.0.1/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:${p}`,
  (p) => `MongoDB://u:${p}@127.0.0.1/d`,
];

/** Letters that no sentence of ours has three of in a row. */
const PIECE = fc.string({ unit: fc.constantFrom(...'qzxjkvQZXJKV'), minLength: 3, maxLength: 6 });
const AWKWARD = fc.constantFrom(
  ...[
    '@',
    '/',
    '?',
    '%',
    '#',
    ':',
    '&',
    '=',
    ' ',
    ',',
    ';',
    "'",
    '"',
    '\\',
    '[',
    ']',
    '+',
    '$',
    '%z',
    '%4',
    '@@',
    '://',
  ],
);
const PASSWORD = fc
  .array(fc.tuple(PIECE, AWKWARD), { minLength: 1, maxLength: 4 })
  .chain((pairs) => PIECE.map((last) => `${pairs.flat().join('')}${last}`));

function pieces(password: string): string[] {
  const found = password.split(/[^A-Za-z]+/).filter((piece) => piece.length >= 3);
  return found.flatMap((piece) =>
    Array.from({ length: piece.length - 2 }, (_, at) => piece.slice(at, at + 3)),
  );
}

describe('a password with awkward characters, put into a connection string as it is', () => {
  it.each(FORMS.map((form) => [form('PASSWORD'), form] as const))('%s', (_, form) => {
    fc.assert(
      fc.property(PASSWORD, (password) => {
        const { words, hosts } = outcomeOf(form(password));
        for (const piece of pieces(password)) {
          expect(words).not.toContain(piece);
          expect(hosts.join(' ').toLowerCase()).not.toContain(piece.toLowerCase());
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['postgresql://u:se@cret@127.0.0.1/d', '"@" as %40'],
    ['postgresql://u:se/cret@127.0.0.1/d', '"/" as %2F'],
    ['postgresql://u:12/cret@127.0.0.1/d', '"/" as %2F'],
    ['postgresql://u:se@12/cret@127.0.0.1', '"@" as %40 and "/" as %2F'],
    ['postgresql://u:se@cret?x=y@127.0.0.1', '"?" as %3F'],
    ['postgresql://u:se%cret@127.0.0.1/d', 'write "%" as %25'],
    ['postgresql://127.0.0.1/d?password=se&cret=1', '"&" as %26'],
    ['password=se cret=1 host=127.0.0.1', 'single quotes'],
    ['mongodb://u:se@cret@127.0.0.1/d', '"@" as %40'],
    ['mongodb://u:se@12/cret@127.0.0.1', '"@" as %40 and "/" as %2F'],
    ['mongodb://u:se@cret?a=b@127.0.0.1', '"?" as %3F'],
    ['mongodb://u:se%cret@127.0.0.1/d', '%25'],
  ])('%s: says %s', (uri, advice) => {
    const { refused, words } = outcomeOf(uri);
    expect(refused).toBe(true);
    expect(words).toContain(advice);
    expect(words).not.toContain('cret');
  });

  it.each([
    ['postgresql://h/d?sslmod=require', '"sslmod"'],
    ['postgresql://u:p@h/d?sslmod=require', '"sslmod"'],
    ['hots=h', '"hots"'],
    ['host=h sslmode', '"sslmode"'],
  ])('%s: a name that cannot be of a password is still quoted', (uri, name) => {
    expect(outcomeOf(uri).words).toContain(name);
  });

  it.each([
    ['postgresql://u:p?q@h/d', ['h']],
    ['postgresql://h:5432/d?user=me@corp', ['h']],
    ['postgresql://u%40corp:p@h/d', ['h']],
    ['mongodb://u:p@h/?appName=a@b', ['h']],
  ])('%s is read as before', (uri, hosts) => {
    expect(outcomeOf(uri)).toMatchObject({ refused: false, hosts });
  });
});
