import { concat, utf8Bytes } from '../../src/base/bytes';
import type { Side } from '../../src/base/mark';

/** One flight of a connection: who sends what. */
export interface Flight {
  readonly from: Side;
  readonly bytes: Uint8Array;
}

const cstring = (text: string) => utf8Bytes(`${text}\0`);

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function message(type: string, ...body: Uint8Array[]): Uint8Array {
  const payload = concat(...body);
  return concat(utf8Bytes(type), int32(payload.length + 4), payload);
}

function startup(...body: Uint8Array[]): Uint8Array {
  const payload = concat(...body);
  return concat(int32(payload.length + 4), payload);
}

/** A login with a refused SSLRequest and SCRAM-SHA-256, one query, and the end. `number` makes each one different. */
export function postgresLogin(number: number): Flight[] {
  const nonce = `bench${number.toString(36).padStart(13, '0')}`;
  const first = utf8Bytes(`n,,n=,r=${nonce}`);
  const challenge = utf8Bytes(`r=${nonce}server${number},s=AAECAwQFBgcICQoLDA0ODw==,i=4096`);
  const proof = utf8Bytes(`c=biws,r=${nonce}server${number},p=${'A'.repeat(43)}=`);
  const status = (name: string, value: string) => message('S', cstring(name), cstring(value));
  return [
    { from: 'client', bytes: startup(int32(80877103)) },
    { from: 'server', bytes: utf8Bytes('N') },
    {
      from: 'client',
      bytes: startup(
        int32(196608),
        cstring('user'),
        cstring('app_user'),
        cstring('database'),
        cstring('app'),
        Uint8Array.of(0),
      ),
    },
    { from: 'server', bytes: message('R', int32(10), cstring('SCRAM-SHA-256'), Uint8Array.of(0)) },
    { from: 'client', bytes: message('p', cstring('SCRAM-SHA-256'), int32(first.length), first) },
    { from: 'server', bytes: message('R', int32(11), challenge) },
    { from: 'client', bytes: message('p', proof) },
    {
      from: 'server',
      bytes: concat(
        message('R', int32(12), utf8Bytes(`v=${'B'.repeat(43)}=`)),
        message('R', int32(0)),
        status('server_version', '18.4'),
        status('client_encoding', 'UTF8'),
        message('K', int32(1000 + number), int32(number * 7919)),
        message('Z', utf8Bytes('I')),
      ),
    },
    { from: 'client', bytes: message('Q', cstring('select 1')) },
    { from: 'server', bytes: concat(message('C', cstring('SELECT 1')), message('Z', utf8Bytes('I'))) },
    { from: 'client', bytes: message('X') },
  ];
}
