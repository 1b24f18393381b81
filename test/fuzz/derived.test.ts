/**
 * No false accusation: whatever a recording of a connection lacks, its diagnosis is that of the whole recording or says what is missing. It
 * never blames another side or cause.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { besidePath, isBeside, notBeside } from '../support/beside';
import { blanksOf } from '../support/blanks';
import { derive } from '../support/derived/derive';
import { FORGIVEN, forgives } from '../support/derived/forgiven';
import { type Accusation, accusations } from '../support/derived/judge';
import { inspect, readPackets } from '../support/derived/packets';

const OWN = ['fixtures', 'fixtures/suites', 'cases/postgres', 'cases/mongodb'];
const BESIDE = ['captures/postgres', 'captures/mongodb', 'captures/tls', 'cases/captures'];

const captures = [
  ...OWN.map((folder) => resolve(__dirname, '..', folder)),
  ...BESIDE.filter(isBeside).map(besidePath),
].flatMap((folder) =>
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
    const blank: string[] = [];
    for (const derived of derive(packets)) {
      judged++;
      const traces = inspect(derived.packets, secrets);
      blank.push(...traces.flatMap(({ diagnosis }) => blanksOf(diagnosis)));
      for (const accusation of accusations(whole, traces, derived)) {
        const row = forgives(accusation);
        if (row === undefined) accused.push(accusation);
        else forgiven.set(row.reason, (forgiven.get(row.reason) ?? 0) + 1);
      }
    }
    expect(
      accused.map(({ how, whole, derived, verdict }) => `${how}: ${whole} became ${derived}: ${verdict}`),
    ).toEqual([]);
    expect(blank).toEqual([]);
  });

  const missing = BESIDE.filter((folder) => !isBeside(folder));
  for (const folder of missing) it.skip(`captures of other origin: ${notBeside(folder)}`);

  afterAll(() => {
    const rows = [...forgiven].map(([reason, count]) => `  forgiven ${count} times: ${reason}`);
    process.stdout.write(`${[`${judged} derived captures judged`, ...rows].join('\n')}\n`);
    const needed = FORGIVEN.filter(({ seenIn }) => seenIn === undefined || isBeside(seenIn));
    const unused = needed.filter(({ reason }) => !forgiven.has(reason));
    expect(unused.map(({ reason }) => reason)).toEqual([]);
  });
});
