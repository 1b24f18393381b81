/** Tunnels, link layers and fragments: Wireshark finds the same segment in the packets of our tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENCAPSULATIONS, fragmentsOf, fragmentsOf6, ipv4, wrapped } from '../unit/network/encapsulations';
import { ipOf } from '../unit/network/packets';

const present = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined;
const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
const RAW = 101;

/** A classic capture of one link type. */
function capture(linkType: number, packets: readonly Uint8Array[]): Buffer {
  const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  const records = packets.flatMap((packet, i) => [
    words(1_767_225_600 + i, 0, packet.length, packet.length),
    packet,
  ]);
  return Buffer.concat([words(0xa1b2c3d4, 0x00040002, 0, 0, 262_144, linkType), ...records]);
}

describe.skipIf(!present)('tshark finds in encapsulated packets what we find', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-encapsulation-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function rows(linkType: number, packets: readonly Uint8Array[]): string[] {
    const file = join(folder, `${linkType}-${packets.length}.pcap`);
    writeFileSync(file, capture(linkType, packets));
    const fields = ['-T', 'fields', '-e', 'tcp.dstport', '-e', 'tcp.len'];
    // VXLAN by port and radiotap padding are on by default; checks of checksums are off.
    const { stdout } = spawnSync('tshark', ['-n', '-r', file, ...fields], { encoding: 'utf8' });
    return stdout.split('\n').slice(0, -1);
  }

  const linkTypes = [...new Set(ENCAPSULATIONS.map((each) => each.linkType))];
  it.each(linkTypes)('link type %i', (linkType) => {
    const encapsulations = ENCAPSULATIONS.filter((each) => each.linkType === linkType);
    const found = rows(
      linkType,
      encapsulations.map((each) => wrapped(each, { payload })),
    );
    expect(encapsulations.map((each, i) => [each.name, found[i]])).toEqual(
      encapsulations.map((each) => [each.name, '5432\t100']),
    );
  });

  it('fragments', () => {
    const v6 = {
      source: { address: '2001:db8::1', port: 50_312 },
      destination: { address: '2001:db8::2', port: 5432 },
    };
    const four = fragmentsOf(ipOf({ payload }), 48);
    const six = fragmentsOf6(ipOf({ ...v6, payload }), 48);
    const inside = fragmentsOf(ipOf({ payload, sequence: 2000 }), 48).map((piece) => ipv4(4, piece));
    const found = rows(RAW, [...four, ...six, ...inside]);
    expect(found.map((row) => row.trim())).toEqual([
      '',
      '',
      '5432\t100',
      '',
      '',
      '5432\t100',
      '',
      '',
      '5432\t100',
    ]);
  });
});
