/** Wireshark's own reader, where it is installed, reads what we write. What it sees in captures is compared in agreement.test.ts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../src/base/bytes';
import { PcapngWriter } from '../../src/capture/pcapng-writer';
import { ConversationBuilder } from '../unit/network/conversation-builder';

const present = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined;

/** One row per frame with the fields asked for. Wireshark's preferences are its defaults but for those given. */
function tshark(file: string, fields: readonly string[], options: readonly string[] = []): string[][] {
  const args = ['-n', '-r', file, ...options, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const run = spawnSync('tshark', args, { encoding: 'utf8' });
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t'));
}

describe.skipIf(!present)('tshark', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-tshark-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['IPv4', '192.0.2.1', '192.0.2.2'],
    ['IPv6', '2001:db8::1', '2001:db8::2'],
  ])('reads what we write without complaint: %s', (_, client, server) => {
    const talk = new ConversationBuilder({ address: client, port: 50_000 }, { address: server, port: 5432 });
    const writer = new PcapngWriter({ application: 'Handshake Inspector' });
    writer.addSecrets(utf8Bytes(`CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`));
    const packets = [
      ...talk.connect(),
      ...talk.accept(),
      ...talk.data('client', Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f)),
      ...talk.data('server', utf8Bytes('N')),
      ...talk.data('client', new Uint8Array(100_000)),
      ...talk.close('client', 'fin'),
      ...talk.close('server', 'rst'),
    ];
    packets.forEach((packet, i) => {
      writer.addPacket({ seconds: 1_767_225_600, nanos: i }, packet, i === 3 ? 'SSLRequest' : undefined);
    });
    const file = join(folder, 'written.pcapng');
    writeFileSync(file, writer.toBytes());
    const check = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const fields = [
      'frame.time_epoch',
      'tcp.stream',
      'frame.comment',
      'tcp.checksum.status',
      'tcp.analysis.flags',
    ];
    const rows = tshark(file, fields, check);
    expect(rows).toEqual(
      packets.map((_packet, i) => {
        const epoch = `1767225600.${String(i).padStart(9, '0')}`;
        return [epoch, '0', i === 3 ? 'SSLRequest' : '', '1', ''];
      }),
    );
    const complaint = execFileSync(
      'tshark',
      ['-n', '-r', file, '-Y', '_ws.malformed || ip.checksum.status == 0'],
      {
        encoding: 'utf8',
      },
    );
    expect(complaint).toBe('');
    const info = spawnSync('tshark', ['-n', '-r', file, '-Y', 'frame.number == 1'], { encoding: 'utf8' });
    expect(info.status).toBe(0);
    expect(info.stderr.replace(/^.*Running as user.*\n?/gm, '').trim()).toBe('');
  });
});
