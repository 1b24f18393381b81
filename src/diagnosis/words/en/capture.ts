import type { CAPTURE_CAUSES } from '../../causes/capture';
import type { CauseWords } from '../words';

export const CAPTURE_WORDS: Readonly<Record<keyof typeof CAPTURE_CAUSES, CauseWords>> = {
  CAPTURE_UNDECIDED: {
    what: () => 'What was captured does not show why the connection ended.',
    next: () => [
      {
        kind: 'ask',
        text: "Read the client's own error message, and the server's log for this moment.",
      },
    ],
    proof: 'None of the other causes fits what was seen.',
    tellApart: 'Capture again, from before the client connects, with whole packets, and at the other end.',
  },
  CAPTURE_ENDS: {
    what: ({ last, from, opened }) =>
      last === undefined
        ? `Recording stopped before ${opened === undefined ? 'the server answered the TCP connection request' : 'either side sent anything'}.`
        : `Recording stopped before the outcome of the connection was known (last message: ${last}${from === undefined ? '' : ` from the ${from}`}).`,
    next: () => [{ kind: 'capture', text: 'Capture longer to see how it ends.' }],
    proof: 'The capture ends with the connection open, and neither side had been silent for long.',
  },
  CAPTURE_BYTES_MISSING: {
    what: ({ whose, known }) =>
      `Bytes from ${whoseBytes(whose)} are missing from the capture, so how the connection ended cannot be determined${inBrackets(known)}.`,
    why: ({ whose, bytes }) =>
      `${bytes === undefined ? 'Bytes' : `${bytes} bytes`} that the other side acknowledged are in no packet of the capture${whose === 'both' ? '. That they are missing on both sides is typical of a file that holds only the packets displayed by a filter' : ''}.`,
    next: ({ whose }) => [
      whose === 'both'
        ? {
            kind: 'capture',
            text: 'If the file was exported from a larger one, export all packets of the connection (filter by tcp.stream), not only those of the protocol.',
          }
        : {
            kind: 'capture',
            text: 'Capture again with a larger buffer and without cutting packets, or at the other end.',
            snippet: 'tcpdump -i any -s 0 -B 4096 -w capture.pcap',
          },
    ],
    proof: 'Sequence and acknowledgment numbers show bytes that no packet of the capture holds.',
  },
  CAPTURE_CUT_PACKETS: {
    what: ({ known }) =>
      `The packets were cut when they were captured, so how the connection ended cannot be determined${inBrackets(known)}.`,
    why: ({ bytes }) => `A snap length cut off ${bytes} bytes of this connection.`,
    next: () => [
      {
        kind: 'capture',
        text: 'Capture again with whole packets: -s 0.',
        snippet: 'tcpdump -i any -s 0 -w capture.pcap',
      },
    ],
    proof: 'Packets are longer on the wire than in the file.',
  },
  CAPTURE_STARTS_LATE: {
    what: ({ known }) =>
      `The capture starts in the middle of the connection${known === undefined ? ', so its login cannot be seen' : `: ${known}`}.`,
    next: () => [
      {
        kind: 'capture',
        text: 'Start the capture before the client connects; if a pool holds the connections, restart it.',
      },
    ],
    proof: 'The first packet of the connection is not a SYN, and its handshake is not in the capture.',
  },
  CAPTURE_ONE_DIRECTION: {
    what: ({ heard, known }) =>
      `Only packets from the ${heard} were captured${known === undefined ? '' : `: ${known}`}.`,
    why: ({ heard }) =>
      `Their acknowledgment numbers show that the ${heard === 'client' ? 'server' : 'client'} sent packets, too.`,
    next: () => [
      {
        kind: 'capture',
        text: 'Capture where both directions pass, for example on the host of the server or client itself.',
      },
    ],
    proof:
      'All captured packets of the connection go in the same direction, and acknowledge bytes of the other.',
  },
};

/** What was seen all the same; empty where nothing is known. */
function inBrackets(known: unknown): string {
  return known === undefined ? '' : ` (${known})`;
}

function whoseBytes(whose: unknown): string {
  return whose === 'client' ? 'the client' : whose === 'server' ? 'the server' : 'both sides';
}
