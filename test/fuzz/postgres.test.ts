import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../src/base/bytes';
import { detectPostgres } from '../../src/postgres/detect';
import { fatal } from '../../src/postgres/messages/error-fields';
import { frameStartup, frameTyped } from '../../src/postgres/messages/frame';
import { parseBackend } from '../../src/postgres/messages/message-backend';
import { buildBackend, buildFrontend } from '../../src/postgres/messages/message-build';
import {
  type AuthContext,
  parseFrontend,
  parseStartupPacket,
} from '../../src/postgres/messages/message-frontend';
import type { BackendMessage, FrontendMessage } from '../../src/postgres/messages/message-types';
import { connectionSettings } from '../../src/postgres/options/settings';
import { parseConnectionString } from '../../src/postgres/options/uri';
import { CLIENT_STATES, SERVER_STATES, UNKNOWN_STATE } from '../../src/postgres/states';
import { TRACE_LIMITS } from '../../src/trace/builder';
import { guarded } from '../support/guard';
import { hba, testBackend, testClient, testServer } from '../unit/postgres/server';
import { type Happening, show } from '../unit/postgres/watch';

/** `npm run fuzz` asks for more. */
const RUNS = fc.readConfigureGlobal().numRuns ?? 500;

const raw = fc.uint8Array({ maxLength: 120 });

const frontends: readonly FrontendMessage[] = [
  { name: 'SSLRequest' },
  { name: 'GSSENCRequest' },
  { name: 'CancelRequest', processId: 1, secretKey: Uint8Array.of(1, 2, 3, 4) },
  {
    name: 'StartupMessage',
    version: { major: 3, minor: 0 },
    parameters: [
      ['user', 'app_user'],
      ['database', 'app'],
    ],
  },
  { name: 'PasswordMessage', password: 'correct horse' },
  { name: 'SASLInitialResponse', mechanism: 'SCRAM-SHA-256', response: utf8Bytes('n,,n=,r=abc') },
  { name: 'SASLResponse', data: utf8Bytes('c=biws,r=abc,p=QUJD') },
  { name: 'Query', sql: 'select 1' },
  { name: 'Terminate' },
];
const backends: readonly BackendMessage[] = [
  { name: 'AuthenticationOk' },
  { name: 'AuthenticationCleartextPassword' },
  { name: 'AuthenticationMD5Password', salt: Uint8Array.of(1, 2, 3, 4) },
  { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
  { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256'] },
  { name: 'AuthenticationSASLContinue', data: utf8Bytes('r=abc,s=QUJD,i=4096') },
  { name: 'AuthenticationSASLFinal', data: utf8Bytes('v=QUJD') },
  { name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] },
  { name: 'ParameterStatus', parameter: 'server_version', value: '18.4' },
  { name: 'BackendKeyData', processId: 1, secretKey: Uint8Array.of(1, 2, 3, 4) },
  { name: 'ReadyForQuery', status: 'I' },
  fatal('28P01', 'no'),
];

/** Real messages, cut, glued and with bytes changed: random bytes alone never get past the first length. */
function damaged(whole: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const letters = fc.constantFrom(...['S', 'N', 'E', 'G', 'HTTP/1.1 200 OK\r\n'].map(utf8Bytes));
  const part = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...whole) }, letters, raw);
  const edit = fc.tuple(fc.nat(200), fc.nat(255));
  return fc
    .tuple(fc.array(part, { maxLength: 5 }), fc.array(edit, { maxLength: 2 }), fc.option(fc.nat(200)))
    .map(([parts, edits, cut]) => {
      const bytes = concat(...parts);
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
      return cut === null ? bytes : bytes.subarray(0, cut);
    });
}

const fromClient = damaged(frontends.map(buildFrontend));
const fromServer = damaged(backends.map(buildBackend));
const side = fc.constantFrom('client' as const, 'server' as const);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ client: fromClient }) },
  { weight: 6, arbitrary: fc.record({ server: fromServer }) },
  fc.record({ open: side }),
  fc.record({ close: side, how: fc.constantFrom('fin' as const, 'rst' as const) }),
  fc.record({ gap: side, length: fc.nat(5000) }),
  fc.constantFrom<Happening>(
    { tls: 'ClientHello' },
    { tls: 'Finished', from: 'server' },
    { established: true },
  ),
  fc.record({ alert: fc.constantFrom('unknown_ca', '250'), from: side }),
  fc.record({ sealed: side }),
);

const CLIENT_NAMES = new Set<string>([...Object.keys(CLIENT_STATES), UNKNOWN_STATE]);
const SERVER_NAMES = new Set<string>([...Object.keys(SERVER_STATES), UNKNOWN_STATE]);

/** Bytes that both sides say. */
function sizeOf(story: readonly Happening[]): number {
  const said = story.map((happened) => {
    if ('client' in happened) return happened.client;
    return 'server' in happened ? happened.server : undefined;
  });
  return lengthOf(said.filter((bytes) => bytes instanceof Uint8Array));
}

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

describe('PostgreSQL and hostile input', () => {
  it('parsers return a value or an issue for anything', () => {
    const contexts: readonly AuthContext[] = ['password', 'sasl-initial', 'sasl', 'gss'];
    fc.assert(
      fc.property(fc.oneof(raw, fromClient, fromServer), fc.constantFrom(...contexts), (bytes, context) => {
        const all = guarded('PostgreSQL', bytes.length, () => {
          frameStartup(bytes);
          frameTyped(bytes, { min: 4, max: 1000 });
          detectPostgres(bytes, new Uint8Array(0));
          detectPostgres(new Uint8Array(0), bytes);
          return [parseStartupPacket(bytes), parseFrontend(bytes, context), parseBackend(bytes)];
        });
        for (const decoded of all) {
          expect(decoded.value === null).toBe(decoded.issues.length > 0);
          expect(decoded.title).not.toBe('');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('the observer takes any story and ends with a verdict and an outcome', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 14 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        (story, direct, chunk) => {
          const trace = guarded('PostgreSQL', sizeOf(story), () => {
            const observer = show(story, { direct, chunk });
            observer.finish();
            return observer.trace.finish('t1');
          });
          expect(trace.verdict).not.toBe('');
          expect(trace.steps.length).toBeLessThanOrEqual(TRACE_LIMITS.steps);
          for (const step of trace.steps) {
            expect(CLIENT_NAMES).toContain(step.clientState);
            expect(SERVER_NAMES).toContain(step.serverState);
          }
          if (trace.outcome === 'ready') expect(trace.error).toBeNull();
          if (trace.error !== null) expect(trace.outcome).toBe('failed');
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('the client ends with fail and close, once, or goes on', () => {
    const encryption = fc.constantFrom('plain' as const, 'ssl' as const, 'direct' as const);
    fc.assert(
      fc.property(
        fc.array(fromServer, { maxLength: 8 }),
        encryption,
        fc.boolean(),
        (parts, kind, plainAfterRefusal) => {
          const client = testClient({ encryption: kind, plainAfterRefusal });
          client.handleConnected();
          const seen: string[] = [];
          const drain = (): void => {
            for (let effect = client.pollEffect(); effect; effect = client.pollEffect()) {
              seen.push(effect.type);
              if (effect.type === 'derive') client.handleDerived(effect.id, new Uint8Array(32));
              if (effect.type === 'startTls') {
                client.handleTls({ ok: true, alpn: 'postgresql', version: 'TLSv1.3', peerCertificate: null });
              }
            }
          };
          guarded('PostgreSQL', lengthOf(parts), () => {
            drain();
            for (const part of parts) {
              client.handleBytes(part);
              drain();
            }
            client.handleClosed();
            drain();
          });
          expect(seen.filter((type) => type === 'fail').length).toBe(client.failure ? 1 : 0);
          expect(client.failure !== null || client.phase === 'ready').toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('the backend lets nobody in without the password', () => {
    const server = testServer({ hba: [hba('scram-sha-256')] });
    fc.assert(
      fc.property(fc.array(fromClient, { maxLength: 8 }), (parts) => {
        const backend = testBackend(server);
        backend.handleConnected();
        const seen: string[] = [];
        const drain = (): void => {
          for (let effect = backend.pollEffect(); effect; effect = backend.pollEffect()) {
            seen.push(effect.type);
            if (effect.type === 'startTls') {
              backend.handleTls({ ok: true, alpn: 'postgresql', version: 'TLSv1.3', peerCertificate: null });
            }
          }
        };
        guarded('PostgreSQL', lengthOf(parts), () => {
          for (const part of parts) {
            backend.handleBytes(part);
            drain();
          }
          backend.handleClosed();
          drain();
        });
        expect(seen).not.toContain('ready');
        expect(seen.filter((type) => type === 'close')).toHaveLength(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('connection strings are read or refused with words', () => {
    const pieces = fc.constantFrom(
      'postgres://',
      'host',
      '=',
      '&',
      '?',
      '[',
      ']',
      "'",
      '\\',
      ' ',
      '%4',
      '%41',
      '@',
      ':',
      '/',
      ',',
      'ssl',
      'sslmode',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 16 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        guarded('PostgreSQL', value.length, () => {
          const parsed = parseConnectionString(value);
          if (!parsed.ok) expect(parsed.message).not.toBe('');
          else connectionSettings(parsed.options);
        });
      }),
      { numRuns: RUNS },
    );
  });
});
