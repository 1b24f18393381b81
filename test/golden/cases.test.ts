/** The cause of every connection that failed in real life is the one that it had. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/files/read-capture';
import { readKeyLog } from '../../src/files/read-key-log';
import { CASES } from './cases.table';

const own = resolve(__dirname, '../cases');
const beside = resolve(__dirname, '../../../shared/cases');

/** Several right names, or what else is known of a connection that is of two minds. */
const UNTOLD = new Set(['mongodb/late-capture-server-ends.pcap']);

function pathOf(name: string): string | undefined {
  return [join(own, name), join(beside, name)].find((path) => existsSync(path));
}

async function tracesOf(path: string) {
  const keys = path.replace(/\.\w+$/, '.keys');
  const keyLog = existsSync(keys) ? await readKeyLog(keys) : undefined;
  return (await readCapture(path, { keyLog })).document.traces;
}

describe('connections that failed in real life', () => {
  it.each(Object.entries(CASES))('%s', async (name, causes) => {
    const path = pathOf(name);
    if (path === undefined) return;
    const traces = await tracesOf(path);
    const told = traces.map(({ diagnosis, verdict }) => `${diagnosis.code}: ${verdict}`);
    expect(told).toHaveLength(causes.length);
    traces.forEach(({ diagnosis }, at) => {
      const cause = causes[at];
      if (typeof cause === 'string') expect(diagnosis.code, told[at]).toBe(cause);
      else expect(diagnosis.code, told[at]).toMatch(cause);
    });
  });

  it('has a row for every recording', () => {
    const names = ['postgres', 'mongodb'].flatMap((folder) =>
      readdirSync(join(own, folder))
        .filter((name) => !name.endsWith('.keys'))
        .map((name) => `${folder}/${name}`),
    );
    expect(names.filter((name) => !(name in CASES) && !UNTOLD.has(name))).toEqual([]);
  });

  it('links the attempts that belong together, and no others', async () => {
    const retries = async (name: string) =>
      (await tracesOf(pathOf(name) ?? '')).map(({ retryOf }) => retryOf);
    expect(await retries('postgres/two-clients-one-address.pcapng')).toEqual([null, null]);
    if (pathOf('captures/two-attempts-chain.pcap') === undefined) return;
    expect(await retries('captures/two-attempts-chain.pcap')).toEqual([null, 't1', null, 't3']);
  });
});
