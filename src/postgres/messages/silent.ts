/** Messages of a server that say nothing to the connection: an observer that shows them to nobody need not read them. */

/** The rest of a message, from `start`, its first byte, to `end`: whether it has the shape that `parseBackend` asks for. */
type Shape = (bytes: Uint8Array, start: number, end: number) => boolean;

interface SilentMessage {
  readonly name: 'ParameterStatus' | 'BackendKeyData' | 'NoticeResponse';
  readonly isGood: Shape;
}

/** The type byte and the length word. */
const HEADER = 5;

const SILENT: readonly (SilentMessage | undefined)[] = Array.from({ length: 256 }, (_, type) => {
  switch (String.fromCharCode(type)) {
    case 'S':
      return { name: 'ParameterStatus', isGood: isTwoStrings };
    case 'K':
      return { name: 'BackendKeyData', isGood: isProcessAndKey };
    case 'N':
      return { name: 'NoticeResponse', isGood: isFieldList };
    default:
      return undefined;
  }
});

/** The name of the message from `start` to `end`, if it is a good one that says nothing to the connection. */
export function silentName(bytes: Uint8Array, start: number, end: number): SilentMessage['name'] | undefined {
  const silent = SILENT[bytes[start]];
  return silent?.isGood(bytes, start, end) ? silent.name : undefined;
}

function isTwoStrings(bytes: Uint8Array, start: number, end: number): boolean {
  const first = afterString(bytes, start + HEADER, end);
  return first > 0 && afterString(bytes, first, end) === end;
}

/** A process number and whatever is left. */
function isProcessAndKey(_bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= HEADER + 4;
}

/** A code and a string each, then a zero. */
function isFieldList(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + HEADER;
  while (at > 0 && at < end && bytes[at] !== 0) at = afterString(bytes, at + 1, end);
  return at === end - 1;
}

/** One past the NUL that ends the string at `at`; -1 when there is none before `end`. */
function afterString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === 0) return i + 1;
  return -1;
}
