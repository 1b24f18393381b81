import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const MEGABYTE = 2 ** 20;
/** Of V8's room for what is soon gone, both halves of it. It begins with 1 and doubles up to 32, by what lives through its collections. */
const YOUNG_MEGABYTES = 8;

/** The same for a thread: V8 counts three halves. */
export const YOUNG_LIMIT = { maxYoungGenerationSizeMb: 1.5 * YOUNG_MEGABYTES };

/** Read with each collection, so it counts from now on. */
const growBy = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);

/**
 * Bounds V8's room for what is soon gone. A trace is gone once it is printed: while traces are, too small a room makes collections take a
 * third of the time, and keeps what was nearly gone. What waits to be a trace lives long: a capture of nothing else, which fills the memory
 * anyhow, would make the room grow for nothing. So it grows while something is printed, and so far.
 *
 * @returns to be called with each piece that is printed.
 */
export function boundYoungHeap(): () => void {
  let growing = false;
  let grown = false;
  growBy(1);
  return () => {
    if (grown) return;
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    grown = young === undefined || young.space_size >= YOUNG_MEGABYTES * MEGABYTE;
    if (grown) growBy(1);
    else if (!growing) growBy(2);
    growing = true;
  };
}
