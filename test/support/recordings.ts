import { concat, utf8Bytes } from '../../src/base/bytes';
import type { RecordedEvent, Recording } from '../../src/inspect/recording';

const START = Date.UTC(2026, 0, 1);

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

/** A message of the PostgreSQL protocol; without a type for the start-up ones. */
function message(type: string, ...body: Uint8Array[]): Uint8Array {
  const payload = concat(...body);
  return concat(utf8Bytes(type), int32(payload.length + 4), payload);
}

const zero = (...texts: string[]) => utf8Bytes(texts.map((text) => `${text}\0`).join(''));

/** PostgreSQL 18's start of a login whose clear-text password is refused, written down byte by byte. */
export function refusedLogin(password = 'correct horse'): Recording {
  const talk: readonly (readonly ['client' | 'server', Uint8Array])[] = [
    ['client', message('', int32(80877103))],
    ['server', utf8Bytes('N')],
    ['client', message('', int32(196608), zero('user', 'app_user', 'database', 'appdb', ''))],
    ['server', message('R', int32(3))],
    ['client', message('p', zero(password))],
    ['server', message('E', zero('SFATAL', 'VFATAL', 'C28P01', 'Mpassword authentication failed', ''))],
  ];
  let time = START;
  const events: RecordedEvent[] = [
    { kind: 'connect', time: time++ },
    { kind: 'accept', time: time++ },
    ...talk.map(([from, bytes]): RecordedEvent => ({ kind: 'bytes', time: time++, from, bytes })),
    { kind: 'close', time: time++, from: 'server', how: 'fin' },
    { kind: 'close', time: time++, from: 'client', how: 'fin' },
  ];
  return {
    source: 'live',
    protocol: 'postgres',
    client: { address: '127.0.0.1', port: 50_000 },
    server: { address: '127.0.0.1', port: 5432 },
    events,
    keyLog: '',
  };
}

/** A server on a port that tells nothing of what it speaks, and resets each connection before a byte was sent. */
export function resetAtOnce(port: number): Recording {
  const login = refusedLogin();
  const [connect] = login.events;
  return {
    ...login,
    server: { ...login.server, port },
    events: [connect, { kind: 'close', time: connect.time + 1, from: 'server', how: 'rst' }],
  };
}
