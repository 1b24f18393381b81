/**
 * No false accusation: whatever a recording of a connection lacks, its diagnosis is that of the whole recording or says what is missing. It
 * never blames another side or cause.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { derive } from '../support/derived/derive';
import { FORGIVEN, forgives } from '../support/derived/forgiven';
import { type Accusation, accusations } from '../support/derived/judge';
import { inspect, readPackets } from '../support/derived/packets';

const root = resolve(__dirname, '../..');

/** Folders of captures; those beside the checkout are used where they are there. */
const FOLDERS = [
  'test/fixtures',
  'test/fixtures/suites',
  'test/cases/postgres',
  'test/cases/mongodb',
  '../shared/captures/postgres',
  '../shared/captures/mongodb',
  '../shared/captures/tls',
  '../shared/cases/captures',
].map((folder) => join(root, folder));

const captures = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
    .map((name) => join(folder, name)),
);

let judged = 0;
const forgiven = new Map<string, number>();

describe('no false accusation', () => {
  it.each(captures)('%s', async (path) => {
    const keys = path.replace(/\.\w+$/, '.keys');
    const { packets, secrets } = await readPackets(path, existsSync(keys) ? keys : undefined);
    const whole = inspect(packets, secrets);
    const accused: Accusation[] = [];
    for (const derived of derive(packets)) {
      judged++;
      for (const accusation of accusations(whole, inspect(derived.packets, secrets), derived)) {
        const row = forgives(accusation);
        if (row === undefined) accused.push(accusation);
        else forgiven.set(row.reason, (forgiven.get(row.reason) ?? 0) + 1);
      }
    }
    expect(
      accused.map(({ how, whole, derived, verdict }) => `${how}: ${whole} became ${derived}: ${verdict}`),
    ).toEqual([]);
  });

  afterAll(() => {
    const rows = [...forgiven].map(([reason, count]) => `  forgiven ${count} times: ${reason}`);
    process.stdout.write(`${[`${judged} derived captures judged`, ...rows].join('\n')}\n`);
    const unused = FORGIVEN.filter(({ reason }) => !forgiven.has(reason));
    if (captures.length > 60) expect(unused.map(({ reason }) => reason)).toEqual([]);
  });
});
