import { describe, expect, it } from 'vitest';
import type { DriverOptions } from '../../../src/mongodb/client/client-options';
import type { ServiceOptions } from '../../../src/mongodb/server/service';
import type { CredentialMechanism } from '../../../src/mongodb/server/user-store';
import { makeLab, runPair } from './support';

const USER = { user: 'app_user', db: 'admin', password: 'correct horse' };
const ALL: readonly CredentialMechanism[] = ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];

interface Row {
  readonly name: string;
  readonly client?: Partial<DriverOptions>;
  readonly server?: Partial<ServiceOptions>;
  readonly stored?: readonly CredentialMechanism[];
  readonly schema?: number;
  /** Mechanism when it succeeds, code when it fails. */
  readonly outcome: string;
}

const ROWS: readonly Row[] = [
  { name: 'negotiates SHA-256 and speculates', outcome: 'SCRAM-SHA-256' },
  {
    name: 'negotiates SHA-256 without speculation',
    client: { speculative: false },
    outcome: 'SCRAM-SHA-256',
  },
  { name: 'falls back to SHA-1 when the user has no other', stored: ['SCRAM-SHA-1'], outcome: 'SCRAM-SHA-1' },
  { name: 'SHA-1 by name', client: { mechanism: 'SCRAM-SHA-1' }, outcome: 'SCRAM-SHA-1' },
  { name: 'MONGODB-CR by name', client: { mechanism: 'MONGODB-CR' }, outcome: 'MONGODB-CR' },
  { name: 'a 2.6 server gets MONGODB-CR', server: { maxWireVersion: 2 }, outcome: 'MONGODB-CR' },
  {
    name: 'a 3.0 server gets SHA-1 over OP_QUERY',
    server: { maxWireVersion: 3 },
    stored: ['SCRAM-SHA-1'],
    outcome: 'SCRAM-SHA-1',
  },
  {
    name: 'SHA-1 against the digest of an older schema',
    stored: ['MONGODB-CR'],
    schema: 3,
    outcome: 'SCRAM-SHA-1',
  },
  {
    name: 'MONGODB-CR without its credential',
    client: { mechanism: 'MONGODB-CR' },
    stored: ['SCRAM-SHA-1'],
    outcome: '18',
  },
  { name: 'wrong password, SHA-256', client: { password: 'wrong' }, outcome: '18' },
  { name: 'wrong password, SHA-1', client: { password: 'wrong', mechanism: 'SCRAM-SHA-1' }, outcome: '18' },
  {
    name: 'wrong password, MONGODB-CR',
    client: { password: 'wrong', mechanism: 'MONGODB-CR' },
    outcome: '18',
  },
  { name: 'unknown user, SHA-256', client: { user: 'nobody' }, outcome: '18' },
  { name: 'unknown user, MONGODB-CR', client: { user: 'nobody', mechanism: 'MONGODB-CR' }, outcome: '18' },
  { name: 'wrong authSource', client: { authSource: 'app' }, outcome: '18' },
  {
    name: 'mechanism not enabled',
    client: { mechanism: 'SCRAM-SHA-256' },
    server: { mechanisms: ['SCRAM-SHA-1'] },
    outcome: '334',
  },
  {
    name: 'mechanism not enabled, 3.x',
    client: { mechanism: 'SCRAM-SHA-256' },
    server: { mechanisms: ['SCRAM-SHA-1'], maxWireVersion: 6 },
    outcome: '2',
  },
  {
    name: 'MONGODB-CR disabled',
    client: { mechanism: 'MONGODB-CR' },
    server: { mechanisms: ['SCRAM-SHA-1'] },
    outcome: '2',
  },
  { name: 'schema of 2.4', schema: 1, client: { mechanism: 'MONGODB-CR' }, outcome: '18' },
  { name: 'PLAIN is not a mechanism of this server', client: { mechanism: 'PLAIN' }, outcome: '334' },
  ...(['GSSAPI', 'MONGODB-AWS', 'MONGODB-OIDC'] as const).map((mechanism) => ({
    name: `${mechanism}, which this client does not speak`,
    client: { mechanism },
    outcome: 'MONGO_MECHANISM_UNSUPPORTED',
  })),
  {
    name: 'the same without a user: nobody is let in unasked',
    client: { mechanism: 'MONGODB-AWS', user: undefined, password: undefined },
    outcome: 'MONGO_MECHANISM_UNSUPPORTED',
  },
  {
    name: 'a mongos is no member of a replica set',
    client: { replicaSet: 'rs0' },
    outcome: 'MONGO_REPLICA_SET',
  },
];

describe('a driver against mongos, in memory', () => {
  it.each(ROWS)('$name: $outcome', async (row) => {
    const lab = await makeLab([{ ...USER, mechanisms: row.stored ?? ALL }], row.server, row.schema);
    const { client, ready, error, server } = runPair(lab, {
      user: USER.user,
      password: USER.password,
      ...row.client,
    });
    if (/^\d|^MONGO_/.test(row.outcome)) {
      expect(error?.code).toBe(row.outcome);
      expect(ready).toBe(false);
      expect(server.state).toBe('CLOSED');
      expect(lab.service.users.cachedUsers).toBe(0);
    } else {
      expect(error).toBeUndefined();
      expect(ready).toBe(true);
      expect(client.mechanism).toBe(row.outcome);
      expect(client.state).toBe('READY');
      expect(server.state).toBe('AUTHORIZED');
      server.handleClosed();
      expect(lab.service.users.cachedUsers).toBe(0);
    }
    expect(lab.service.connections).toBe(0);
  });

  it('connects without credentials', async () => {
    const lab = await makeLab([], { authorization: false });
    const { client, ready } = runPair(lab, {});
    expect(ready).toBe(true);
    expect(client.path).toEqual(['CONNECTING', 'CONNECTED', 'HANDSHAKE', 'NEGOTIATED', 'COMMAND', 'READY']);
  });

  // The users and passwords of the authentication specification's test plan: the password is prepared, the name is not.
  it.each([
    ['IX', 'IX', true],
    ['IX', 'I\u00ADX', true],
    ['\u2168', 'IV', true],
    ['\u2168', 'I\u00ADV', true],
    ['\u2168', '\u2163', true],
    ['IX', '\u2163', false],
    ['I\u00ADX', 'IX', false],
  ])('SASLprep: user %j with password %j: %s', async (user, password, expected) => {
    const lab = await makeLab([
      { user: 'IX', db: 'admin', password: 'IX', mechanisms: ['SCRAM-SHA-256'] },
      { user: '\u2168', db: 'admin', password: '\u2163', mechanisms: ['SCRAM-SHA-256'] },
    ]);
    expect(runPair(lab, { user, password }).ready).toBe(expected);
  });

  it('asks for the password once', async () => {
    const lab = await makeLab([USER]);
    const asked = runPair(lab, { user: USER.user }, { password: USER.password });
    expect(asked.ready).toBe(true);
    expect(asked.effects.filter((effect) => effect.type === 'askPassword')).toHaveLength(1);
  });

  it.each(['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256', undefined] as const)(
    'asks for the password only when the server wants it: %s',
    async (mechanism) => {
      const lab = await makeLab([{ ...USER, mechanisms: ALL }]);
      for (const speculative of [true, false]) {
        const { effects, ready } = runPair(lab, { user: USER.user, mechanism, speculative }, USER);
        const types = effects.map(({ type }) => type);
        expect(types.slice(0, types.indexOf('askPassword'))).toContain('write');
        expect(ready).toBe(true);
      }
      // Nobody answers: what was asked before is not asked again, and nothing is sent in place of the answer.
      const { effects } = runPair(lab, { user: USER.user, mechanism });
      expect(effects.at(-1)).toEqual({ type: 'askPassword' });
    },
  );

  it('asks nobody for a password that a refusal makes needless', async () => {
    const lab = await makeLab([USER], { mechanisms: ['SCRAM-SHA-1'] });
    const { effects, error } = runPair(lab, { user: USER.user, mechanism: 'SCRAM-SHA-256' });
    expect(error?.code).toBe('334');
    expect(effects.map(({ type }) => type)).not.toContain('askPassword');
  });
});
