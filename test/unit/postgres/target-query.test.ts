/** target_session_attrs with a server before 14, which reports neither in_hot_standby nor default_transaction_read_only. */
import { describe, expect, it } from 'vitest';
import type { PostgresClient } from '../../../src/postgres/client/client';
import { buildBackend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage } from '../../../src/postgres/messages/message-types';
import { testClient } from './server';

const encoder = new TextEncoder();

/** Everything written since, as text. */
function written(client: PostgresClient): string {
  let text = '';
  for (let effect = client.pollEffect(); effect; effect = client.pollEffect())
    if (effect.type === 'write') text += new TextDecoder().decode(effect.bytes);
  return text;
}

function say(client: PostgresClient, ...messages: readonly BackendMessage[]): void {
  for (const message of messages) client.handleBytes(buildBackend(message));
}

const READY: BackendMessage = { name: 'ReadyForQuery', status: 'I' };
const parameter = (name: string, value: string): BackendMessage => ({
  name: 'ParameterStatus',
  parameter: name,
  value,
});

/** A client whose server has just said ReadyForQuery. */
function loggedIn(
  target: 'read-write' | 'read-only' | 'primary' | 'standby' | 'any',
  version: string,
): PostgresClient {
  const client = testClient({ targetSessionAttrs: target });
  client.handleConnected();
  written(client);
  say(client, { name: 'AuthenticationOk' }, parameter('server_version', version), READY);
  return client;
}

const WRITABLE = 'SHOW transaction_read_only';
const STANDBY = 'SELECT pg_catalog.pg_is_in_recovery()';

describe('a server before 14 is asked what it is, as libpq asks', () => {
  it.each([
    ['read-write', '13.4', WRITABLE, 'off', null],
    ['read-write', '13.4', WRITABLE, 'on', 'session is read-only'],
    ['read-only', '9.6.24', WRITABLE, 'on', null],
    ['read-only', '9.6.24', WRITABLE, 'off', 'session is not read-only'],
    ['primary', '13.4', STANDBY, 'f', null],
    ['primary', '13.4', STANDBY, 't', 'server is in hot standby mode'],
    ['standby', '13.4', STANDBY, 't', null],
    ['standby', '13.4', STANDBY, 'f', 'server is not in hot standby mode'],
  ] as const)('%s, %s: %s is %s', (target, version, query, value, problem) => {
    const client = loggedIn(target, version);
    expect(written(client)).toBe(new TextDecoder().decode(queryOf(query)));
    expect(client.state).toBe('CONNECTION_CHECK_TARGET');
    say(client, { name: 'DataRow', values: [encoder.encode(value)] });
    say(client, { name: 'CommandComplete', tag: 'SHOW' } as BackendMessage, READY);
    expect(client.failure?.error.message ?? null).toBe(problem);
    expect(client.state).toBe(problem === null ? 'CONNECTION_OK' : 'CONNECTION_BAD');
  });

  it.each([
    ['any', '13.4', 'CONNECTION_OK'],
    ['primary', '8.4.22', 'CONNECTION_OK'],
    ['standby', '8.4.22', 'CONNECTION_BAD'],
  ] as const)('%s, %s: nothing has to be asked', (target, version, state) => {
    expect(loggedIn(target, version).state).toBe(state);
  });

  it('an error, and the end of the connection, are failures', () => {
    const refused = loggedIn('read-write', '13.4');
    say(refused, { name: 'ErrorResponse', fields: [['C', '42501']] } as BackendMessage);
    expect(refused.failure).toMatchObject({ kind: 'wrong-target', error: { code: 'WRONG_TARGET' } });
    const closed = loggedIn('read-write', '13.4');
    closed.handleClosed();
    expect(closed.failure?.error.code).toBe('SERVER_CLOSED');
  });
});

/** A Query message. */
function queryOf(sql: string): Uint8Array {
  const text = encoder.encode(`${sql}\0`);
  return Uint8Array.of(0x51, 0, 0, 0, 4 + text.length, ...text);
}
