/** The word that somebody most likely meant. */

/** Longest word compared; option names are shorter. */
const MAX_LENGTH = 64;

/**
 * The candidate that `written` is a misspelling of: the same letters in another case or with other signs between them, or at most a third of
 * its letters (and two) left out, added, changed or swapped with their neighbour. Null where no candidate is that near, or several are.
 */
export function nearest(written: string, candidates: readonly string[]): string | null {
  if (written.length === 0 || written.length > MAX_LENGTH) return null;
  const bare = lettersOf(written);
  const same = candidates.filter((candidate) => lettersOf(candidate) === bare);
  if (same.length > 0) return same[0];
  let best: string | null = null;
  let least = Math.min(2, Math.floor(bare.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editsBetween(bare, lettersOf(candidate));
    if (edits < least) {
      best = candidate;
      least = edits;
    } else if (edits === least && best !== null && lettersOf(best) !== lettersOf(candidate)) {
      best = null;
    }
  }
  return best;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Damerau and Levenshtein's distance with neighbours swapped once (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(last[j] + 1, row[j - 1] + 1, changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, before[j - 2] + 1);
      row.push(edits);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
