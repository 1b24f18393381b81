/** `1,234,567`. The locale's own way would load its tables, which takes longer than reading a small capture. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** What the note of a cut takes at most. */
const NOTE = 40;

/**
 * A text as an outlet shows it, in at most `most` characters (UTF-16): where it is longer it is cut and the rest is counted, as in
 * `abc… 3,120 more characters`. What is counted are characters of the text as it came, not of its escapes.
 *
 * @param most more than 40.
 * @param shown makes the text harmless; done twice it is the same as done once, then so is this.
 */
export function shownWithin(text: string, most: number, shown: (text: string) => string): string {
  if (text.length <= most) {
    const whole = shown(text);
    if (whole.length <= most) return whole;
  }
  // Escapes are longer than what they stand for: the longest beginning that fits is looked for.
  let fits = 0;
  let tooLong = Math.min(text.length, most) + 1;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (shown(text.slice(0, middle)).length <= most - NOTE) fits = middle;
    else tooLong = middle;
  }
  // Never between the halves of a pair.
  const last = text.charCodeAt(fits - 1);
  if (last >= 0xd800 && last < 0xdc00) fits--;
  return `${shown(text.slice(0, fits))}… ${grouped(text.length - fits)} more characters`;
}
