import { describe, expect, it } from 'vitest';
import { recordingName, savedName } from '../../../src/extension/saved-name';

describe('savedName', () => {
  it.each([
    ['app.pcap', 'handshakes', null, 'app-handshakes.pcapng'],
    ['app.pcapng', 'redacted', null, 'app-handshakes-redacted.pcapng'],
    ['app.pcap.gz', 'handshakes', 't3', 'app-t3.pcapng'],
    ['a.b.CAP.zst', 'redacted', 't12', 'a.b-t12-redacted.pcapng'],
    ['dump', 'handshakes', null, 'dump-handshakes.pcapng'],
  ] as const)('%s %s %s: %s', (capture, form, id, name) => {
    expect(savedName(capture, form, id)).toBe(name);
  });
});

/** As recordings are named: of Windows' interfaces by the GUID. */
const GUID = '1A2B3C4D-5E6F-7081-92A3-B4C5D6E7F809-20260102-030405';

describe('recordingName', () => {
  it.each([
    ['eth0-20260102-030405.pcap', 'handshakes', 'eth0-20260102-030405.pcapng'],
    ['eth0-20260102-030405.pcap', 'redacted', 'eth0-20260102-030405-redacted.pcapng'],
    ['eth0-20260102-030405.pcap', 'everything', 'eth0-20260102-030405.pcap'],
    [`${GUID}.pcap`, 'handshakes', `${GUID}.pcapng`],
    [`${GUID}.pcap`, 'redacted', `${GUID}-redacted.pcapng`],
    [`${GUID}.pcap`, 'everything', `${GUID}.pcap`],
    [
      `${'i'.repeat(40)}-20260102-030405.pcap`,
      'redacted',
      `${'i'.repeat(40)}-20260102-030405-redacted.pcapng`,
    ],
  ] as const)('%s %s: %s', (file, form, name) => {
    expect(recordingName(file, form)).toBe(name);
  });
});
