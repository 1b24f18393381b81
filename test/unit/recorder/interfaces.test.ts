import { describe, expect, it } from 'vitest';
import { offeredInterfaces, parseDumpcapList, parseTcpdumpList } from '../../../src/recorder/interfaces';

const DUMPCAP_MACHINE =
  '1. eth0\t\t\t0\t192.0.2.2,fd00::2\tnetwork\t\n2. any\t\t\t0\t\tnetwork\t\n3. lo\t\tLoopback\t0\t127.0.0.1,::1\tloopback\t\n' +
  '4. bluetooth-monitor\t\t\t4\t\tnetwork\t\n5. nflog\t\t\t0\t\tnetwork\t\n6. dbus-system\t\t\t0\t\tnetwork\t\n';
const DUMPCAP_WINDOWS =
  '1. \\Device\\NPF_{0A1B2C3D-0000-4000-8000-000000000001}\tIntel(R) Ethernet\tEthernet\t0\t192.0.2.9\tnetwork\r\n' +
  '2. \\Device\\NPF_Loopback\tAdapter for loopback traffic capture\tAdapter for loopback traffic capture\t0\t\tloopback\r\n';
const DUMPCAP_PLAIN = '1. en0 (Wi-Fi)\n2. lo0 (Loopback)\n3. utun0\n';
const TCPDUMP =
  '1.eth0 [Up, Running, Connected]\n2.any (Pseudo-device that captures on all interfaces) [Up, Running]\n' +
  '3.lo [Up, Running, Loopback]\n4.nfqueue (Linux netfilter queue (NFQUEUE) interface) [none]\n';
const TCPDUMP_OLD = '1.en0\n2.lo0\n';

describe('lists of interfaces', () => {
  it('reads dumpcap -D -M', () => {
    expect(parseDumpcapList(DUMPCAP_MACHINE).slice(0, 3)).toEqual([
      { name: 'eth0', title: null, addresses: ['192.0.2.2', 'fd00::2'], loopback: false, all: false },
      { name: 'any', title: null, addresses: [], loopback: false, all: true },
      { name: 'lo', title: 'Loopback', addresses: ['127.0.0.1', '::1'], loopback: true, all: false },
    ]);
  });

  it('reads the names that Windows gives', () => {
    expect(parseDumpcapList(DUMPCAP_WINDOWS).map(({ title, loopback }) => [title, loopback])).toEqual([
      ['Ethernet', false],
      ['Adapter for loopback traffic capture', true],
    ]);
    expect(parseDumpcapList(DUMPCAP_WINDOWS)[0].name).toBe(
      '\\Device\\NPF_{0A1B2C3D-0000-4000-8000-000000000001}',
    );
  });

  it('reads dumpcap -D', () => {
    expect(
      parseDumpcapList(DUMPCAP_PLAIN).map(({ name, title, loopback }) => [name, title, loopback]),
    ).toEqual([
      ['en0', 'Wi-Fi', false],
      ['lo0', 'Loopback', true],
      ['utun0', null, false],
    ]);
  });

  it('reads tcpdump -D, of today and of old', () => {
    expect(parseTcpdumpList(TCPDUMP).map(({ name, loopback, all }) => [name, loopback, all])).toEqual([
      ['eth0', false, false],
      ['any', false, true],
      ['lo', true, false],
      ['nfqueue', false, false],
    ]);
    expect(parseTcpdumpList(TCPDUMP_OLD).map(({ name, loopback }) => [name, loopback])).toEqual([
      ['en0', false],
      ['lo0', true],
    ]);
  });

  it('offers all and loopback first, and leaves out what carries no IP', () => {
    const names = (output: string) => offeredInterfaces(parseDumpcapList(output)).map(({ name }) => name);
    expect(names(DUMPCAP_MACHINE)).toEqual(['any', 'lo', 'eth0', 'nflog']);
    expect(offeredInterfaces(parseTcpdumpList(TCPDUMP)).map(({ name }) => name)).toEqual([
      'any',
      'lo',
      'eth0',
    ]);
  });

  it('takes nothing from other text, and is bounded', () => {
    expect(parseDumpcapList('dumpcap: nothing here\n\n1.\n')).toEqual([]);
    const many = Array.from({ length: 5_000 }, (_, i) => `${i + 1}. if${i}`).join('\n');
    expect(parseDumpcapList(many)).toHaveLength(200);
    expect(parseDumpcapList('1. lo\n2. lo\n')).toHaveLength(1);
  });
});
