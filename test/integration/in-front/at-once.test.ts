/** What accepts and resets at once, before its client has heard that it is connected. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { causesOf } from '../../support/in-front/watch';
import { run, TinyServer } from '../support';

let server: TinyServer;
beforeAll(async () => {
  server = await TinyServer.start((socket) => socket.resetAndDestroy());
});
afterAll(() => server.stop());

it.each([
  ['PostgreSQL', 'postgresql', '/appdb?sslmode=disable', 'PG_PLAIN_START_CLOSED server'],
  ['MongoDB', 'mongodb', '/?directConnection=true', 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED'],
])('a reset at once, where %s was meant', async (_product, scheme, rest, spoken) => {
  const result = await run(`${scheme}://127.0.0.1:${server.port}${rest}`);
  const { live, saved } = causesOf(result);
  expect(live).toEqual([expect.toBeOneOf(['TCP_CLOSED_AT_ONCE server', spoken])]);
  expect(saved).toEqual(live);
});
