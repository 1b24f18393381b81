import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../src/capture/reader';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { KeyLog } from '../../../src/tls/keylog';
import { besidePath, isBeside, notBeside } from '../../support/beside';
import { byteByByte, type Chunk, observe } from './observed';

const BESIDE = 'captures/tls';
const FOLDER = `${besidePath(BESIDE)}/`;

/** The conversations of a capture without loss, by the client's port, and the secrets in it. */
function conversations(file: string): { flows: Map<number, Chunk[]>; keyLog: KeyLog } {
  const flows = new Map<number, Chunk[]>();
  const keyLog = new KeyLog();
  const segment = new SegmentView();
  const reader = new CaptureReader({
    handlePacket(packet) {
      if (!decodeSegment(packet, segment) || segment.payloadEnd === segment.payloadStart) return;
      const fromClient = segment.destinationPort === 443 || segment.destinationPort === 8400;
      const port = fromClient ? segment.sourcePort : segment.destinationPort;
      const flow = flows.get(port) ?? [];
      flows.set(port, flow);
      flow.push({
        from: fromClient ? 'client' : 'server',
        bytes: segment.buffer.slice(segment.payloadStart, segment.payloadEnd),
        mark: { frame: packet.frame, seconds: packet.seconds, nanos: packet.nanos },
      });
    },
    handleSecrets: (text) => void keyLog.add(text),
  });
  reader.push(readFileSync(FOLDER + file));
  reader.finish();
  return { flows, keyLog };
}

function keysOf(file: string): KeyLog {
  return KeyLog.parse(readFileSync(FOLDER + file)).value;
}

const framesOf = (observed: ReturnType<typeof observe>['observed']) =>
  observed.messages.map((message) => `${message.frames.join('+')} ${message.from} ${message.name}`);

if (!isBeside(BESIDE)) it.skip(`sessions recorded by others: ${notBeside(BESIDE)}`);

describe.runIf(isBeside(BESIDE))('sessions recorded by others', () => {
  it('TLS 1.2 with ECDHE and AES-256-GCM', () => {
    const { flows } = conversations('tls12-decryption.pcap');
    const [chunks] = flows.values();
    const { observed } = observe(chunks, keysOf('tls12-decryption.keylog'));
    expect(framesOf(observed)).toEqual([
      '4 client ClientHello',
      '6 server ServerHello',
      '6 server Certificate',
      '6 server ServerKeyExchange',
      '6 server ServerHelloDone',
      '8 client ClientKeyExchange',
      '8 client ChangeCipherSpec',
      '8 client Finished',
      '9 server NewSessionTicket',
      '9 server ChangeCipherSpec',
      '9 server Finished',
      '13 client Alert',
    ]);
    expect(observed.facts).toMatchObject({
      version: 'TLSv1.2',
      cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      established: true,
    });
    expect(observed.text('client')).toMatch(/^GET \S+ HTTP\/1\.1\r\n/);
    expect(observed.text('server')).toMatch(/^HTTP\/1\.1 \d{3}/);
    expect(observe(byteByByte(chunks), keysOf('tls12-decryption.keylog')).observed.messages).toEqual(
      observed.messages,
    );
  });

  it('TLS 1.2 with the keys inside the capture', () => {
    const { flows, keyLog } = conversations('tls12-dsb.pcapng');
    expect(keyLog.size).toBe(2);
    expect(flows.size).toBe(2);
    for (const chunks of flows.values()) {
      const { observed } = observe(chunks, keyLog);
      expect(observed.text('client')).toMatch(/^HEAD \/ HTTP\/1\.1\r\n/);
      expect(observed.text('server')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(observed.facts.cipher).toBe('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    }
  });

  it('TLS 1.2: a message in two segments has the frames of both', () => {
    const { flows, keyLog } = conversations('tls12-dsb.pcapng');
    const [chunks] = flows.values();
    const { observed } = observe(chunks, keyLog);
    expect(framesOf(observed).slice(0, 4)).toEqual([
      '1 client ClientHello',
      '2 server ServerHello',
      '2+3 server Certificate',
      '3 server ServerKeyExchange',
    ]);
  });

  it('TLS 1.3', () => {
    const { flows } = conversations('tls13-illustrated.pcap');
    const [chunks] = flows.values();
    const { observed } = observe(chunks, keysOf('tls13-illustrated.keylog'));
    expect(framesOf(observed)).toEqual([
      '5 client ClientHello',
      '7 server ServerHello',
      '7 server ChangeCipherSpec',
      '7 server EncryptedExtensions',
      '7 server Certificate',
      '7 server CertificateVerify',
      '7 server Finished',
      '9 client ChangeCipherSpec',
      '9 client Finished',
      '13 server NewSessionTicket',
      '15 server NewSessionTicket',
    ]);
    expect([observed.text('client'), observed.text('server')]).toEqual(['ping', 'pong']);
    expect(observed.facts).toMatchObject({
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      decrypted: true,
    });
  });
});
