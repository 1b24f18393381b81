import type { CAPTURE_CAUSES } from '../../causes/capture';
import type { CauseWords } from '../words';

export const CAPTURE_WORDS: Readonly<Record<keyof typeof CAPTURE_CAUSES, CauseWords>> = {
  CAPTURE_ENDS: {
    what: ({ last }) =>
      last === undefined
        ? 'Recording stopped before the connection was decided.'
        : `Recording stopped before the connection was decided (last message: ${last}).`,
    next: () => [{ kind: 'capture', text: 'Capture longer to see how it ends.' }],
    proof: 'The capture ends with the connection open and both sides still within the time of an answer.',
  },
  CAPTURE_BYTES_MISSING: {
    what: ({ whose, known }) =>
      `Bytes of ${whose} are missing from the capture, so how the connection ended cannot be determined${known === undefined ? '' : ` (${known})`}.`,
    next: () => [
      {
        kind: 'capture',
        text: 'Capture again with -s 0 and a larger buffer (-B 4096), or at the other end.',
      },
    ],
    proof: 'Sequence and acknowledgment numbers show bytes that no packet of the capture holds.',
  },
  CAPTURE_STARTS_LATE: {
    what: ({ known }) =>
      `The capture starts in the middle of the connection${known === undefined ? '' : `: ${known}`}.`,
    next: () => [{ kind: 'capture', text: 'Start the capture before the client connects.' }],
    proof: 'The first packet of the connection is not a SYN, and its handshake is not in the capture.',
  },
  CAPTURE_ONE_DIRECTION: {
    what: ({ heard, known }) =>
      `Only packets from the ${heard} were captured${known === undefined ? '' : `: ${known}`}.`,
    next: () => [
      { kind: 'capture', text: 'Capture where both directions pass, for example at the other end.' },
    ],
    proof: 'All packets of the connection have the same direction, and acknowledge bytes of the other.',
  },
};
