import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const MEGABYTE = 2 ** 20;
/** Of V8's room for what is soon gone, both halves of it. It begins with 1 and doubles up to 32, by what lives through its collections. */
const YOUNG_MEGABYTES = 16;

/** The same for a thread: V8 counts three halves. */
export const YOUNG_LIMIT = { maxYoungGenerationSizeMb: 1.5 * YOUNG_MEGABYTES };

/**
 * Bounds V8's room for what is soon gone. A trace is gone once it is printed: in too small a room collections take a third of the time of a
 * large capture, and keep what was nearly gone; in the largest one it takes 20 MB more and no less time.
 *
 * @returns to be called now and then, for the growth of the room cannot be bounded, only stopped.
 */
export function boundYoungHeap(): () => void {
  let stopped = false;
  return () => {
    if (stopped) return;
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (young && young.space_size < YOUNG_MEGABYTES * MEGABYTE) return;
    // Read with each collection, so it counts from now on.
    setFlagsFromString('--semi-space-growth-factor=1');
    stopped = true;
  };
}
