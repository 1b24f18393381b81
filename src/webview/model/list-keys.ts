/**
 * Where a list's keyboard focus goes for a key, or null when the key is not the list's.
 *
 * @param current index of the focused row, -1 for none
 * @param page rows that one page of the view shows
 */
export function nextIndex(key: string, current: number, count: number, page = 10): number | null {
  if (count === 0) return null;
  const clamp = (index: number) => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(current + 1);
    case 'ArrowUp':
      return current < 0 ? count - 1 : clamp(current - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'PageDown':
      return clamp(Math.max(current, 0) + Math.max(1, page));
    case 'PageUp':
      return clamp(Math.max(current, 0) - Math.max(1, page));
    default:
      return null;
  }
}
