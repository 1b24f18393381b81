import { describe } from 'vitest';
import { TLS_RULES } from '../../../src/diagnosis/rules/tls';
import type { AlertEvidence, SealedEvidence } from '../../../src/tls/evidence';
import {
  certificate,
  everyCauseIsTold,
  type Happening,
  markAt,
  OPENED,
  type Story,
  tellStories,
} from './story';

const HELLO: Happening = { at: 2, from: 'client', bytes: 300, message: 'ClientHello', layer: 'tls' };
const FLIGHT: Happening = { at: 5, from: 'server', bytes: 2000, message: 'ServerHello', layer: 'tls' };
const HELLOS = { clientHello: markAt(2), serverHello: markAt(5) };
const SEEN = { ...HELLOS, serverCertificate: true };

function alert(from: 'client' | 'server', description: string, at = 8): AlertEvidence {
  return { from, level: 'fatal', description, sealed: false, mark: markAt(at) };
}

function warning(from: 'client' | 'server', description: string, at = 8): AlertEvidence {
  return { ...alert(from, description, at), level: 'warning' };
}

function sealed(
  from: 'client' | 'server',
  what: 'alert' | 'handshake' | 'data',
  at = 8,
  length = what === 'alert' ? 19 : 100,
): SealedEvidence {
  return { from, length, alertSized: what === 'alert', handshake: what === 'handshake', mark: markAt(at) };
}

/** Hello, the server's flight, one alert, and a close by its sender. */
function ofAlert(from: 'client' | 'server', description: string, more: Partial<Story> = {}): Story {
  const { tls, ...rest } = more;
  return {
    happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: from }],
    tls: { ...SEEN, alerts: [alert(from, description)], ...tls },
    ...rest,
  };
}

const EXPIRED = certificate({ notAfter: '2023-06-01T00:00:00Z' });

describe('an alert that can be read', () => {
  tellStories(TLS_RULES, [
    ['the client does not know the authority', 'TLS_CERTIFICATE_UNTRUSTED', ofAlert('client', 'unknown_ca')],
    [
      'the certificate is its own authority',
      'TLS_CERTIFICATE_UNTRUSTED',
      ofAlert('client', 'unknown_ca', { certificates: [certificate({ selfSigned: true })] }),
      { selfSigned: 1 },
    ],
    [
      'expired',
      'TLS_CERTIFICATE_EXPIRED',
      ofAlert('client', 'certificate_expired', { certificates: [EXPIRED] }),
      { when: 'expired', date: '2023-06-01T00:00:00Z' },
    ],
    [
      'expired by the clock of the client alone',
      'TLS_CERTIFICATE_EXPIRED',
      ofAlert('client', 'certificate_expired', { certificates: [certificate()] }),
      { when: 'valid' },
    ],
    ['revoked', 'TLS_CERTIFICATE_REVOKED', ofAlert('client', 'certificate_revoked')],
    [
      'Go: a name that is not in the certificate',
      'TLS_CERTIFICATE_WRONG_NAME',
      ofAlert('client', 'bad_certificate', { certificates: [certificate()], sni: 'other.example' }),
      { name: 'other.example', names: 'db.example' },
    ],
    [
      'Go: a common name alone, though it is right',
      'TLS_CERTIFICATE_WITHOUT_SAN',
      ofAlert('client', 'bad_certificate', { certificates: [certificate({ names: [] })], sni: 'db.example' }),
    ],
    [
      'Java: an expired certificate',
      'TLS_CERTIFICATE_EXPIRED',
      ofAlert('client', 'certificate_unknown', { certificates: [EXPIRED], sni: 'db.example' }),
    ],
    [
      'Java: nothing is wrong with the certificate itself',
      'TLS_CERTIFICATE_REFUSED',
      ofAlert('client', 'certificate_unknown', { certificates: [certificate()], sni: 'db.example' }),
    ],
    ['the certificate was not seen', 'TLS_CERTIFICATE_REFUSED', ofAlert('client', 'bad_certificate')],
    [
      'no certificate of the client',
      'TLS_CLIENT_CERTIFICATE_MISSING',
      ofAlert('server', 'certificate_required'),
    ],
    [
      'the same before TLS 1.3',
      'TLS_CLIENT_CERTIFICATE_MISSING',
      ofAlert('server', 'handshake_failure', { tls: { clientCertificate: 'none' }, version: 'TLSv1.2' }),
    ],
    ['its authority is not known', 'TLS_CLIENT_CERTIFICATE_REFUSED', ofAlert('server', 'unknown_ca')],
    ['no cipher in common', 'TLS_NO_COMMON_CIPHER', ofAlert('server', 'handshake_failure')],
    ['no version in common', 'TLS_NO_COMMON_VERSION', ofAlert('server', 'protocol_version')],
    [
      'the server chose an old version',
      'TLS_NO_COMMON_VERSION',
      ofAlert('client', 'protocol_version'),
      { from: 'client' },
    ],
    ['no ALPN in common', 'TLS_NO_COMMON_ALPN', ofAlert('server', 'no_application_protocol')],
    ['a host name that is not served', 'TLS_SERVER_NAME_UNKNOWN', ofAlert('server', 'unrecognized_name')],
    ['no reason given', 'TLS_INTERNAL_ERROR', ofAlert('server', 'internal_error', { product: 'MongoDB' })],
    ['a damaged message', 'TLS_MESSAGES_DAMAGED', ofAlert('client', 'decrypt_error')],
    ['anything else', 'TLS_ALERT', ofAlert('server', 'no_renegotiation')],
    [
      'of two alerts the first counts',
      'TLS_CERTIFICATE_UNTRUSTED',
      ofAlert('client', 'unknown_ca', {
        tls: { alerts: [alert('client', 'unknown_ca'), alert('server', 'internal_error', 9)] },
      }),
    ],
    [
      'an alert that answers a FIN is an echo: the client refused',
      'TLS_CERTIFICATE_WRONG_NAME',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 6, close: 'client' }],
        tls: { ...SEEN, alerts: [alert('server', 'decode_error')] },
        certificates: [certificate()],
        sni: 'other.example',
      },
    ],
    [
      'a warning before TLS 1.3 ends nothing',
      null,
      {
        happens: [...OPENED, HELLO, FLIGHT],
        tls: { ...SEEN, alerts: [{ ...alert('server', 'unrecognized_name'), level: 'warning' }] },
        version: 'TLSv1.2',
      },
    ],
  ]);
});

describe('TLS 1.3 without keys', () => {
  const flight = [sealed('server', 'handshake', 5), sealed('server', 'handshake', 5)];
  const finished = { client: true, server: false };
  tellStories(TLS_RULES, [
    [
      'an alert in the place of the Finished, and the FIN of the server is the first',
      'TLS_CERTIFICATE_REFUSED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, from: 'client', bytes: 24 }, { at: 9, close: 'server' }],
        tls: { ...SEEN, sealed: [...flight, sealed('client', 'alert')] },
      },
    ],
    [
      'an alert behind the Finished, which the server echoes',
      'TLS_CERTIFICATE_REFUSED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, from: 'client', bytes: 98 }, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          finished,
          sealed: [
            ...flight,
            sealed('client', 'handshake', 8, 69),
            sealed('client', 'alert', 8),
            sealed('server', 'alert', 9),
          ],
        },
      },
    ],
    [
      'session tickets came before the client left',
      'TLS_CERTIFICATE_REFUSED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, from: 'client', bytes: 98 }, { at: 9, close: 'client' }],
        tls: {
          ...SEEN,
          finished,
          data: { client: 0, server: 2 },
          sealed: [...flight, sealed('server', 'data', 7), sealed('client', 'alert', 8)],
        },
        established: true,
      },
    ],
    [
      'the client leaves without a byte',
      'TLS_CERTIFICATE_REFUSED',
      { happens: [...OPENED, HELLO, FLIGHT, { at: 8, close: 'client' }], tls: { ...SEEN, sealed: flight } },
    ],
    [
      'a warning of the server that ends nothing, and the client leaves without a byte',
      'TLS_CERTIFICATE_REFUSED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, close: 'client' }],
        tls: { ...SEEN, alerts: [warning('server', 'unrecognized_name', 5)] },
        version: 'TLSv1.2',
      },
    ],
    [
      'a warning of the client that ends nothing, and the server leaves',
      'TLS_ENDED_BY_SERVER',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, from: 'client', bytes: 7 }, { at: 9, close: 'server' }],
        tls: { ...SEEN, alerts: [warning('client', 'no_renegotiation')] },
        version: 'TLSv1.2',
      },
    ],
    [
      'the server says goodbye, and the FIN of the client is the first',
      'TLS_ENDED_BY_SERVER',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, from: 'server', bytes: 7 }, { at: 9, close: 'client' }],
        tls: { ...SEEN, alerts: [warning('server', 'close_notify')] },
        version: 'TLSv1.2',
      },
    ],
    [
      'the client answers the leave of the server with a goodbye',
      'TLS_ENDED_BY_SERVER',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, close: 'server' }],
        tls: { ...SEEN, alerts: [warning('client', 'close_notify', 9)] },
        version: 'TLSv1.2',
      },
    ],
    [
      'the client leaves after a long wait',
      'TLS_ENDED_BY_CLIENT',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 20_000, close: 'client' }],
        tls: { ...SEEN, sealed: flight },
      },
      { seconds: 20 },
    ],
    [
      'an empty certificate, and the server sends an alert after the first message',
      'TLS_CLIENT_CERTIFICATE_MISSING',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          finished,
          clientCertificate: 'none',
          data: { client: 1, server: 0 },
          sealed: [...flight, sealed('client', 'data', 7), sealed('server', 'alert')],
        },
      },
    ],
    [
      'a certificate in the flight of the client, and an alert of the server',
      'TLS_CLIENT_CERTIFICATE_REFUSED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          finished,
          sealed: [
            ...flight,
            sealed('client', 'handshake', 7, 721),
            sealed('client', 'handshake', 7, 281),
            sealed('client', 'handshake', 7, 69),
            sealed('server', 'alert'),
          ],
        },
      },
    ],
    [
      'no certificate was asked for, and the server closes after the first message',
      null,
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          finished,
          data: { client: 1, server: 0 },
          sealed: [...flight, sealed('client', 'handshake', 7, 69), sealed('server', 'alert')],
        },
        established: true,
      },
    ],
    [
      'both have sent data: what ends it is no refusal',
      null,
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'client' }],
        tls: {
          ...SEEN,
          finished,
          clientCertificate: 'none',
          data: { client: 5, server: 5 },
          sealed: [...flight, sealed('client', 'alert')],
        },
        established: true,
      },
    ],
    [
      'bytes are missing',
      null,
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, close: 'client' }],
        tls: { ...SEEN, sealed: flight },
        missing: { kind: 'bytes', whose: 'client' },
      },
    ],
  ]);
});

describe('TLS 1.2 without an alert that can be read', () => {
  const version = 'TLSv1.2';
  tellStories(TLS_RULES, [
    [
      'the client leaves after the certificate',
      'TLS_CERTIFICATE_UNTRUSTED',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 8, close: 'client' }],
        tls: SEEN,
        version,
        certificates: [certificate({ selfSigned: true, issuer: 'CN=db.example' })],
        sni: 'db.example',
      },
    ],
    [
      'an empty certificate, then the server closes',
      'TLS_CLIENT_CERTIFICATE_MISSING',
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          certificateRequested: true,
          clientCertificate: 'none',
          finished: { client: true, server: true },
        },
        version,
        established: true,
      },
    ],
    [
      'the server closes in the middle',
      'TLS_ENDED_BY_SERVER',
      { happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }], tls: HELLOS, version },
    ],
    [
      'the server says goodbye in words: no refusal of the certificate',
      null,
      {
        happens: [...OPENED, HELLO, FLIGHT, { at: 9, close: 'server' }],
        tls: {
          ...SEEN,
          clientCertificate: 'none',
          alerts: [{ ...alert('server', 'close_notify'), level: 'warning' }],
        },
        version,
        established: true,
      },
    ],
  ]);
});

describe('a ClientHello', () => {
  tellStories(TLS_RULES, [
    [
      'on which the server closes',
      'TLS_CLOSED_ON_HELLO',
      {
        product: 'MongoDB',
        happens: [...OPENED, HELLO, { at: 3, close: 'server', how: 'rst' }],
        tls: { clientHello: markAt(2) },
      },
      { how: 'reset' },
    ],
    [
      'that is answered in the clear is for other rules',
      null,
      {
        happens: [...OPENED, HELLO, { at: 3, from: 'server', bytes: 'ERROR' }, { at: 4, close: 'client' }],
        tls: { clientHello: markAt(2), notTls: { from: 'server', head: new Uint8Array(5) } },
      },
    ],
    [
      'after which the client waits in vain is for other rules',
      null,
      { happens: [...OPENED, HELLO, { at: 4000, close: 'client' }], tls: { clientHello: markAt(2) } },
    ],
  ]);
});

describe('all of them', () => everyCauseIsTold(TLS_RULES));
