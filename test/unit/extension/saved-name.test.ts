import { describe, expect, it } from 'vitest';
import { savedName } from '../../../src/extension/saved-name';

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
