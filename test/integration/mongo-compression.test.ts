/** What real clients compress, and what our client does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import type { LabServer } from '../../src/lab/lab-server';
import { startMongoLab } from '../../src/lab/mongo-lab';
import type { Field, Trace } from '../../src/trace/model';
import { nodeDrivers } from '../support/mongo-clients/node-drivers';
import { programClients } from '../support/mongo-clients/programs';
import { run } from './support';

/** What each has built in. */
const SPEAKS: Readonly<Record<string, readonly string[]>> = {
  mongodb: ['zlib'],
  mongodb3: ['zlib'],
  mongosh: ['zlib'],
  pymongo: ['zlib'],
  libmongoc: ['snappy', 'zlib', 'zstd'],
};

let lab: LabServer;
const traces: Trace[] = [];
beforeAll(async () => {
  lab = await startMongoLab();
  lab.onTrace((trace) => traces.push(trace));
});
afterAll(() => lab?.close());

/** Names of the compressors in a trace's messages, by who sent them. */
function compressorsIn(trace: Trace): { readonly from: string; readonly name: string }[] {
  return trace.steps.flatMap(({ from, fields }) => {
    const id = fields.find(({ name }) => name === 'compressorId');
    return id ? [{ from, name: id.value.split(' ')[0] }] : [];
  });
}

const unpackedNames = ({ steps }: Trace): string[] =>
  steps.flatMap(({ fields }) => {
    const content = fields.find(({ name }) => name === 'compressedMessage');
    const body = content?.fields?.find(({ name }) => name === 'body');
    return body?.fields?.[0] ? [(body.fields[0] as Field).name] : [];
  });

const { clients, skipped } = await programClients();

describe('compressed messages', () => {
  const uri = (more: string) =>
    `mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${lab.port}/?authSource=admin${more}`;

  for (const client of [...nodeDrivers(), ...clients]) {
    it.each(SPEAKS[client.name] ?? [])(
      `${client.name} with %s`,
      async (compressor) => {
        traces.length = 0;
        const [answer] = await client.login([uri(`&compressors=${compressor}`)]);
        expect(answer).toEqual({ users: ['app_user'] });
        await expect.poll(() => lab.connections).toBe(0);
        const login = traces.find((trace) => trace.auth.user === 'app_user' && trace.outcome === 'ready');
        expect(login?.findings.map(({ code }) => code)).not.toContain('MG_COMPRESSED_UNREAD');
        const used = login ? compressorsIn(login) : [];
        expect(used).toContainEqual({ from: 'client', name: compressor });
        expect(used).toContainEqual({ from: 'server', name: compressor });
        expect(login && unpackedNames(login)).toContain('ping');
      },
      60_000,
    );
  }
  for (const reason of skipped) it.skip(`skipped: ${reason}`, () => {});

  it.each(['snappy', 'zlib', 'zstd'])('Connect Test with %s', async (compressor) => {
    const result = await run(uri(`&compressors=unheard-of,${compressor}`));
    expect(result.error).toBeNull();
    expect(compressorsIn(result.traces[0])).toEqual([
      { from: 'client', name: compressor },
      { from: 'server', name: compressor },
    ]);
  });

  it('are not sent where the server does not speak them', async () => {
    const silent = await startMongoLab({ service: { compressors: [] } });
    try {
      const result = await run(
        `mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${silent.port}/?compressors=zlib`,
      );
      expect(result.error).toBeNull();
      expect(compressorsIn(result.traces[0])).toEqual([]);
    } finally {
      await silent.close();
    }
  });
});
