import { utf8Bytes } from '../../base/bytes';
import type { Fault } from './fault';
import { DIRECT, HTTP_ANSWER, VERIFY } from './fault-messages';

/** What goes wrong in TLS: the handshake and the certificate. */
export const TLS_FAULTS: readonly Fault[] = [
  {
    name: 'close-after-s',
    title: 'Closes after S',
    does: 'answers S and closes when TLS begins',
    shows: 'the TLS handshake ends before it began',
    script: [{ at: 'ClientHello', next: 'close' }],
  },
  {
    name: 'plain-text-in-tls',
    title: 'Plain text where TLS belongs',
    does: 'answers the ClientHello with text',
    shows: 'the client reads a TLS record that is none',
    script: [{ at: 'ClientHello', write: () => utf8Bytes(HTTP_ANSWER), next: 'close' }],
  },
  {
    name: 'silent-in-tls',
    title: 'Silence inside the TLS handshake',
    does: 'answers S and then nothing to the ClientHello',
    shows: 'what a firewall that drops large or unknown packets looks like',
    script: [{ at: 'ClientHello', next: 'silence' }],
    silent: true,
  },
  {
    name: 'close-after-tls',
    title: 'Closes once TLS is up',
    does: 'finishes the TLS handshake and closes',
    shows: 'TLS is fine; the server behind it is not',
    script: [{ at: 'TLS established', next: 'close' }],
  },
  {
    name: 'tls-too-old',
    title: 'TLS 1.1 at most',
    does: 'speaks no TLS version newer than 1.1',
    shows: 'client and server have no version in common',
    tls: { tooOld: true },
  },
  {
    name: 'wrong-name',
    title: 'A certificate for another name',
    does: 'shows a certificate for db.example.com',
    shows: 'verify-full refuses it, verify-ca would not',
    options: VERIFY,
    tls: { certificate: 'wrong-name' },
  },
  {
    name: 'expired',
    title: 'An expired certificate',
    does: 'shows a certificate that ended yesterday',
    shows: 'verify-ca and verify-full refuse it',
    options: VERIFY,
    tls: { certificate: 'expired' },
  },
  {
    name: 'not-yet-valid',
    title: 'A certificate from the future',
    does: 'shows a certificate that begins tomorrow',
    shows: 'one of the two clocks is wrong',
    options: VERIFY,
    tls: { certificate: 'not-yet-valid' },
  },
  {
    name: 'self-signed',
    title: 'A self-signed certificate',
    does: 'shows a certificate that nobody else vouches for',
    shows: 'verify-ca and verify-full refuse it unless it is the root file itself',
    options: VERIFY,
    tls: { certificate: 'self-signed', authority: 'other' },
  },
  {
    name: 'unknown-ca',
    title: 'A certificate of an unknown authority',
    does: 'shows a certificate that the client’s root file does not cover',
    shows: 'verify-ca and verify-full refuse it',
    options: VERIFY,
    tls: { authority: 'other' },
  },
  {
    name: 'no-alpn',
    title: 'Direct TLS without ALPN',
    does: 'takes TLS from the first byte and chooses no application protocol',
    shows: 'libpq refuses it, for TLS without ALPN may be another service (ALPACA)',
    options: DIRECT,
    tls: { noAlpn: true },
  },
];
