/** A password as it may have been meant: files, secret stores and terminals add what nobody sees. */
export interface PasswordVariant {
  readonly password: string;
  /** What a sentence says of it behind "right but for": `a trailing newline: the client used it without`. */
  readonly difference: string;
}

/** Longest first. */
const ENDINGS: readonly (readonly [string, string])[] = [
  ['\r\n', 'a trailing carriage return and newline'],
  ['\n', 'a trailing newline'],
  ['\r', 'a trailing carriage return'],
  [' ', 'a trailing space'],
  ['\t', 'a trailing tab'],
];

/** Those with less, then those with more than `given`, without repetition; the likeliest first. */
function passwordVariants(given: string): readonly PasswordVariant[] {
  const found = new Map<string, string>([[given, '']]);
  const add = (password: string, difference: string) => {
    if (!found.has(password)) found.set(password, difference);
  };
  const without = 'the client used it without';
  for (const [ending, name] of ENDINGS)
    if (given.endsWith(ending)) add(given.slice(0, -ending.length), `${name}: ${without}`);
  add(given.trimEnd(), `trailing white space: ${without}`);
  add(given.trimStart(), `leading white space: ${without}`);
  add(given.trim(), `leading and trailing white space: ${without}`);
  const quoted = /^(["'])(.*)\1$/s.exec(given.trim());
  if (quoted) add(quoted[2], `the quotation marks around it: ${without}`);
  for (const [ending, name] of [...ENDINGS]
    .reverse()
    .sort(([a], [b]) => Number(b === '\n') - Number(a === '\n')))
    add(given + ending, `${name}: the client used it with one; look at how its file or secret was written`);
  add(` ${given}`, 'a leading space: the client used it with one');
  found.delete(given);
  return [...found].map(([password, difference]) => ({ password, difference }));
}

/** PBKDF2 rounds that are spent on variants; a login with more is compared with the password as it was given alone. */
const VARIANT_ROUNDS = 2_000_000;

/**
 * The first variant that `matches`; undefined where none does, or where they would take too long.
 *
 * @param iterations rounds of one comparison; 1 where it takes none
 */
export async function matchingVariant(
  given: string,
  iterations: number,
  matches: (password: string) => Promise<boolean>,
): Promise<PasswordVariant | undefined> {
  const variants = passwordVariants(given);
  if (variants.length * iterations > VARIANT_ROUNDS) return undefined;
  for (const variant of variants) if (await matches(variant.password)) return variant;
  return undefined;
}
