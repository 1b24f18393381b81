/** The middle one; of an even number the upper of the two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** One line of a comparison. */
export function show(name: string, value: string): void {
  process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
}

/** What a ratio should be: `≤ 1.3: met`. It is judged as measured, not as rounded for print. */
export function verdict(
  ratio: number,
  target: { readonly atMost: number } | { readonly atLeast: number },
): string {
  if ('atMost' in target)
    return `(target: at most ${target.atMost}: ${ratio <= target.atMost ? 'met' : 'missed'})`;
  return `(target: at least ${target.atLeast}: ${ratio >= target.atLeast ? 'met' : 'missed'})`;
}

/** The order of a round's contestants, each round beginning with another: what the machine does besides hits all alike. */
export function turns(contestants: number, round: number): number[] {
  return Array.from({ length: contestants }, (_, turn) => (round + turn) % contestants);
}
