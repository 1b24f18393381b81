/** The cause of every connection that failed in real life is the one that it had. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/files/read-capture';
import { readKeyLog } from '../../src/files/read-key-log';
import { besidePath, isBeside, notBeside } from '../support/beside';
import { blanksOf } from '../support/blanks';
import { CASES } from './cases.table';

const own = resolve(__dirname, '../cases');
/** Of the names in the table, those that are not ours. */
const BESIDE = 'captures/';

/** Several right names, or what else is known of a connection that is of two minds. */
const UNTOLD = new Set(['mongodb/late-capture-server-ends.pcap']);

const pathOf = (name: string) => (name.startsWith(BESIDE) ? besidePath(`cases/${name}`) : join(own, name));

const missing = isBeside('cases/captures') ? '' : notBeside('cases/captures');

async function tracesOf(path: string) {
  const keys = path.replace(/\.\w+$/, '.keys');
  const keyLog = existsSync(keys) ? await readKeyLog(keys) : undefined;
  return (await readCapture(path, { keyLog })).document.traces;
}

describe('connections that failed in real life', () => {
  const there = Object.entries(CASES).filter(([name]) => !(missing && name.startsWith(BESIDE)));
  if (missing) it.skip(`${Object.keys(CASES).length - there.length} of other origin: ${missing}`);

  it.each(there)('%s', async (name, causes) => {
    const traces = await tracesOf(pathOf(name));
    const told = traces.map(({ diagnosis, verdict }) => `${diagnosis.code}: ${verdict}`);
    expect(told).toHaveLength(causes.length);
    expect(traces.flatMap(({ diagnosis }) => blanksOf(diagnosis))).toEqual([]);
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

  const retries = async (name: string) => (await tracesOf(pathOf(name))).map(({ retryOf }) => retryOf);

  it('does not link the attempts of two clients', async () => {
    expect(await retries('postgres/two-clients-one-address.pcapng')).toEqual([null, null]);
  });

  it.runIf(!missing)('links the attempts that belong together', async () => {
    expect(await retries('captures/two-attempts-chain.pcap')).toEqual([null, 't1', null, 't3']);
  });
});
