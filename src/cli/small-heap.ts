import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's memory for what is soon gone as small as it began. A trace is gone once it is printed; in room that grows with the rate at which
 * traces come, those of a large capture take 100 MB more and no less time. The flag is read with each collection, so it counts from now on.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
