import type { LitVirtualizer } from '@lit-labs/virtualizer';

/** Brings a row of a virtualised list into view, whether or not it is drawn now. */
export function scrollToIndex(list: LitVirtualizer<unknown> | null, index: number): void {
  if (!list || index < 0) return;
  const scroll = () => list.element(index)?.scrollIntoView({ block: 'nearest' });
  // The promise of the next layout would come with the user's next scrolling: only a list that has none yet waits for it.
  if (list.childElementCount > 1) requestAnimationFrame(scroll);
  else void list.layoutComplete?.then(scroll, () => undefined);
}
