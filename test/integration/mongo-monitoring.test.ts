/** Drivers watch the lab as they watch a real mongos: by a hello that is answered again and again. */
import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient4 } from 'mongodb4';
import { afterEach, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type MongoLab, type MongoLabOptions, startMongoLab } from '../../src/lab/mongo-lab';
import type { Step, Trace } from '../../src/trace/model';

let lab: MongoLab | undefined;
const traces: Trace[] = [];
afterEach(async () => {
  await lab?.close();
  lab = undefined;
  traces.length = 0;
});

const flagsOf = ({ fields }: Step): string =>
  fields.flatMap(({ name, value }) => (name.startsWith('flag') ? [value] : [])).join();

const DRIVERS = [
  ['current', MongoClient],
  ['4.x', MongoClient4 as unknown as typeof MongoClient],
] as const;

describe.each(DRIVERS)('driver %s', (_name, Client) => {
  /** @param beats answers to wait for; the first is the handshake's */
  async function watch(
    beats: number,
    options: MongoLabOptions = {},
  ): Promise<{ client: MongoClient; beats: number }> {
    lab = await startMongoLab(options);
    lab.onTrace((trace) => traces.push(trace));
    const uri = `mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${lab.port}/?heartbeatFrequencyMS=500`;
    const client = new Client(uri);
    const seen = { client, beats: 0 };
    client.on('serverHeartbeatSucceeded', () => seen.beats++);
    await client.db('admin').command({ ping: 1 });
    await expect.poll(() => seen.beats, { timeout: 10_000 }).toBeGreaterThanOrEqual(beats);
    return seen;
  }

  it('is sent hello replies that it did not ask for one by one, until it goes', async () => {
    const { client } = await watch(4);
    await client.close();
    await expect.poll(() => lab?.connections, { timeout: 5_000 }).toBe(0);
    const stream = traces.find(({ steps }) => steps.some((step) => flagsOf(step) === 'exhaustAllowed'));
    const asked = stream?.steps.findIndex((step) => flagsOf(step) === 'exhaustAllowed') ?? 0;
    const replies = stream?.steps.slice(asked).filter((step) => flagsOf(step) === 'moreToCome') ?? [];
    expect(replies.length).toBeGreaterThanOrEqual(3);
    const states = replies.map(({ clientState, serverState }) => `${clientState} ${serverState}`);
    expect(new Set(states)).toEqual(new Set(['MONITORING awaitHelloResponse']));
    // Half a second between them, and one question for all.
    expect(replies[1].time - replies[0].time).toBeGreaterThan(400);
    const questions = stream?.steps
      .slice(asked)
      .filter(({ from, layer }) => from === 'client' && layer === 'mongodb');
    expect(questions).toHaveLength(1);
    expect(stream?.findings.map(({ code }) => code)).not.toContain('MG_RESPONSE_TO');
    expect(stream?.steps.at(-1)?.serverState).toBe('CLOSED');
  });

  it('may be silent as long as it is being told', async () => {
    let failures = 0;
    const { client } = await watch(2, { handshakeTimeoutMs: 1_500 });
    client.on('serverHeartbeatFailed', () => failures++);
    // Longer than the lab waits for a client that says nothing.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(failures).toBe(0);
    await client.close();
  });

  it('is told when the server shuts down', async () => {
    const { client } = await watch(3);
    const failed = new Promise<unknown>((resolve) =>
      client.once('serverHeartbeatFailed', ({ failure }) => resolve(failure)),
    );
    await lab?.close();
    expect(await failed).toMatchObject({ code: 91, message: expect.stringContaining('quiesce mode') });
    await client.close();
  });
});
