import { joined, utf8Bytes } from '../../base/bytes';
import { markFromMillis, type Side } from '../../base/mark';
import { KeyLog } from '../../tls/keylog';
import type { RecordedEvent, Recording } from '../recording';
import { AddressBook } from './addresses';
import { checkRedacted } from './check-redacted';
import { Names } from './names';
import { type Piece, redactConversation } from './redact-conversation';
import type { RandomBytes } from './sealing';

/** Recordings up to the end of their handshakes without passwords, proofs and names, and without what happened off the wire. */
export function redactRecordings(recordings: readonly Recording[], random: RandomBytes): Recording[] {
  const addresses = recordings.flatMap(({ client, server }) => [client.address, server.address]);
  const names = new Names(new AddressBook(addresses));
  for (const address of addresses) names.allow(address);
  const redacted = recordings.map((recording, i) => {
    names.place = `in the ${i + 1}. connection`;
    return redactRecording(recording, random, names);
  });
  for (const [i, { events, keyLog }] of redacted.entries()) {
    const bytes = events.flatMap((event) => (event.kind === 'bytes' ? [event.bytes] : []));
    const whole = joined([...bytes, utf8Bytes(keyLog)]);
    checkRedacted(whole, names, () => `in the ${i + 1}. connection`);
  }
  return redacted;
}

function redactRecording(recording: Recording, random: RandomBytes, names: Names): Recording {
  const { protocol, client, server } = recording;
  const pieces: Piece[] = recording.events.flatMap((event) =>
    event.kind === 'bytes'
      ? [{ from: event.from, bytes: event.bytes, mark: markFromMillis(0, event.time) }]
      : [],
  );
  const first = pieces[0];
  const direct =
    first !== undefined && 'bytes' in first && first.from === 'client' && first.bytes[0] === 0x16;
  const keyLog = KeyLog.parse(utf8Bytes(recording.keyLog)).value;
  const redacted = redactConversation(pieces, { protocol, direct, client, server, keyLog, random, names });
  const events: RecordedEvent[] = [];
  const at: Record<Side, number> = { client: 0, server: 0 };
  let left = redacted.pieces;
  for (const event of recording.events) {
    if (event.kind === 'local') continue;
    if (event.kind !== 'bytes') {
      events.push(event);
      continue;
    }
    if (left-- === 0) break;
    const start = at[event.from];
    at[event.from] += event.bytes.length;
    const bytes = new Uint8Array(event.bytes.length);
    redacted.streams[event.from].copyTo(bytes, start);
    events.push({ ...event, bytes });
  }
  return { ...recording, events, keyLog: redacted.keyLog };
}
