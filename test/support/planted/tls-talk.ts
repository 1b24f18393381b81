/** TLS with a value in every place that can hold one: in the clear, and sealed under secrets that are known. */
import { Tls13Cipher } from '../../../src/tls/decrypt-13';
import { keyLogText } from '../../../src/tls/keylog';
import { protectionOf } from '../../../src/tls/protection';
import { certificate, distinguishedName } from './certificate';
import { ascii, concat, number, type Planter, type Talk, utf8Bytes, vector } from './planter';

const HANDSHAKE = 22;
const DATA = 23;
const AES_128_GCM_SHA256 = 0x1301;

export function record(type: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, 3, 3), vector(2, body));
}

const message = (type: number, ...parts: Uint8Array[]) => concat(Uint8Array.of(type), vector(3, ...parts));
const extension = (type: number, ...parts: Uint8Array[]) => concat(number(2, type), vector(2, ...parts));

/** @param is13 TLS 1.3 is offered. */
function clientHello(p: Planter, random: Uint8Array, is13: boolean, ours = true): Uint8Array {
  const host = p.one([
    utf8Bytes(`${p.text('SNI')}.example.test`),
    concat(p.bytes('SNI that is not UTF-8'), Uint8Array.of(0xff, 0xfe), p.bytes('SNI behind a bad byte')),
  ]);
  return message(
    1,
    number(2, 0x303),
    random,
    vector(1, p.bytes('session id of the client', 32)),
    vector(2, number(2, AES_128_GCM_SHA256), number(2, 0xc02b), p.bytes('cipher suites')),
    vector(1, Uint8Array.of(0)),
    vector(
      2,
      extension(0, vector(2, Uint8Array.of(0), vector(2, host))),
      extension(16, vector(2, ...(ours ? [vector(1, ascii('postgresql'))] : []), vector(1, p.bytes('ALPN')))),
      extension(35, p.bytes('session ticket', 40)),
      extension(44, vector(2, p.bytes('cookie', 20))),
      extension(10, vector(2, number(2, 29), p.bytes('groups'))),
      extension(13, vector(2, number(2, 0x0403), p.bytes('signature algorithms'))),
      extension(43, vector(1, number(2, is13 ? 0x304 : 0x303), p.bytes('versions'))),
      extension(51, vector(2, number(2, 29), vector(2, p.bytes('key share', 32)))),
      extension(21, p.bytes('padding')),
      extension(0x7a7a, p.bytes('unknown extension')),
      extension(65_037, p.bytes('encrypted hello', 30)),
      extension(47, vector(2, vector(2, distinguishedName(p, 'authorities of the client')))),
      extension(65_281, vector(1, p.bytes('renegotiation'))),
      extension(5, Uint8Array.of(1), vector(2, p.bytes('responder')), vector(2)),
      extension(
        41,
        vector(2, vector(2, p.bytes('ticket as identity', 40)), p.bytes('age', 8).subarray(0, 4)),
        vector(2, vector(1, p.bytes('binder', 32))),
      ),
    ),
  );
}

function serverHello(p: Planter, is13: boolean): Uint8Array {
  return message(
    2,
    number(2, 0x303),
    utf8Bytes(p.text('server random', 32)),
    vector(1, p.bytes('session id of the server', 32)),
    number(2, is13 ? AES_128_GCM_SHA256 : 0xc02b),
    Uint8Array.of(0),
    vector(
      2,
      ...(is13
        ? [
            extension(43, number(2, 0x304)),
            extension(51, number(2, 29), vector(2, p.bytes('key share of the server', 32))),
          ]
        : [extension(16, vector(2, vector(1, p.bytes('ALPN of the server')))), extension(65_281, vector(1))]),
      extension(0x7b7b, p.bytes('unknown extension of the server')),
    ),
  );
}

/** In the clear: TLS 1.2 up to the change of the cipher, and what nobody can read. */
export function tlsInTheClear(p: Planter): Talk {
  const list = vector(3, vector(3, certificate(p, 'certificate')), vector(3, certificate(p, 'its issuer')));
  const exchange = message(
    12,
    Uint8Array.of(3),
    number(2, 23),
    vector(1, Uint8Array.of(4), p.bytes('point of the server', 64)),
    number(2, 0x0403),
    vector(2, p.bytes('signature of the exchange', 70)),
  );
  const request = message(
    13,
    vector(1, Uint8Array.of(1, 64)),
    vector(2, number(2, 0x0403)),
    vector(2, vector(2, distinguishedName(p, 'authority asked for'))),
  );
  const flight = concat(
    serverHello(p, false),
    message(11, list),
    message(22, Uint8Array.of(1), vector(3, p.bytes('OCSP answer', 60))),
    exchange,
    request,
    message(99, p.bytes('unknown handshake message')),
    message(14),
  );
  const ours = concat(
    message(11, vector(3, vector(3, certificate(p, 'certificate of the client')))),
    message(16, vector(1, Uint8Array.of(4), p.bytes('point of the client', 64))),
    message(15, number(2, 0x0403), vector(2, p.bytes('signature of the client', 70))),
  );
  return [
    ['client', record(HANDSHAKE, clientHello(p, utf8Bytes(p.text('client random', 32)), false))],
    ['server', concat(record(HANDSHAKE, flight))],
    [
      'client',
      concat(
        record(HANDSHAKE, ours),
        record(20, Uint8Array.of(1)),
        record(HANDSHAKE, p.bytes('sealed Finished', 40)),
      ),
    ],
    [
      'server',
      concat(
        record(HANDSHAKE, message(4, number(4, 7200), vector(2, p.bytes('ticket of the server', 60)))),
        record(20, Uint8Array.of(1)),
        record(HANDSHAKE, p.bytes('sealed Finished of the server', 40)),
        record(24, p.bytes('heartbeat', 30)),
        record(DATA, p.bytes('sealed data', 50)),
      ),
    ],
    [
      'client',
      concat(record(DATA, p.bytes('sealed data of the client', 50)), record(21, p.bytes('sealed alert', 26))),
    ],
  ];
}

/** TLS 1.3 under secrets of a key log, with a protocol's talk inside. */
export function tlsSealed(
  p: Planter,
  inside: Talk,
  ours: boolean,
): { readonly talk: Talk; readonly keyLog: string } {
  const random = utf8Bytes(p.text('client random', 32));
  const secret = (place: string) => utf8Bytes(p.text(`secret of the key log: ${place}`, 32));
  const secrets = {
    clientHandshake: secret('client handshake'),
    serverHandshake: secret('server handshake'),
    clientTraffic: secret('client traffic'),
    serverTraffic: secret('server traffic'),
  };
  const seal = sealer(secrets.serverHandshake);
  const sealClient = sealer(secrets.clientHandshake);
  const flight = [
    message(
      8,
      vector(
        2,
        ...(ours ? [extension(16, vector(2, vector(1, ascii('postgresql'))))] : []),
        extension(0x7c7c, p.bytes('unknown encrypted extension')),
      ),
    ),
    message(
      13,
      vector(1, p.bytes('context of a request')),
      vector(
        2,
        extension(13, vector(2, number(2, 0x0403))),
        extension(47, vector(2, vector(2, distinguishedName(p, 'authority asked for inside')))),
      ),
    ),
    message(
      11,
      vector(1),
      vector(
        3,
        vector(3, certificate(p, 'certificate inside')),
        vector(2, extension(5, p.bytes('stapled answer', 40))),
      ),
    ),
    message(15, number(2, 0x0403), vector(2, p.bytes('signature inside', 70))),
    message(20, p.bytes('Finished of the server', 32)),
  ];
  const data = { client: sealer(secrets.clientTraffic), server: sealer(secrets.serverTraffic) };
  const ticket = message(
    4,
    number(4, 7200),
    p.bytes('age of a ticket', 8).subarray(0, 4),
    vector(1, p.bytes('nonce of a ticket')),
    vector(2, p.bytes('ticket inside', 60)),
    vector(2),
  );
  const talk: Talk = [
    ['client', record(HANDSHAKE, clientHello(p, random, true, ours))],
    [
      'server',
      concat(
        record(HANDSHAKE, serverHello(p, true)),
        record(20, Uint8Array.of(1)),
        ...flight.map((one) => seal(HANDSHAKE, one)),
      ),
    ],
    [
      'client',
      concat(
        record(20, Uint8Array.of(1)),
        sealClient(HANDSHAKE, message(20, p.bytes('Finished of the client', 32))),
      ),
    ],
    ['server', data.server(HANDSHAKE, ticket)],
    ...inside.map(([from, bytes]) => [from, data[from](DATA, bytes)] as const),
  ];
  return { talk, keyLog: keyLogText(random, secrets) };
}

function sealer(secret: Uint8Array) {
  const protection = protectionOf(AES_128_GCM_SHA256);
  if (!protection) throw new Error('no such suite');
  const cipher = new Tls13Cipher(protection, secret);
  return (type: number, content: Uint8Array): Uint8Array => {
    const payload = new Uint8Array(content.length + 1 + protection.tagLength);
    const header = concat(Uint8Array.of(DATA, 3, 3), number(2, payload.length));
    return concat(header, cipher.seal({ type: DATA, version: 0x303, header, payload }, { type, content }));
  };
}
