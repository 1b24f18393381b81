import type { HbaRule } from '../backend/backend-options';
import type { Fault } from './fault';
import { CLEAR } from './fault-messages';

const ALL: Omit<HbaRule, 'type' | 'method'> = { database: 'all', user: 'all' };

/** What goes wrong although nothing is wrong with the connection: pg_hba.conf, the state of the server, the start of the session. */
export const SESSION_FAULTS: readonly Fault[] = [
  {
    name: 'no-hba-entry',
    title: 'No pg_hba.conf line',
    does: 'has a line for connections without TLS only',
    shows: 'the finding gives the line that would have matched',
    server: { hba: [{ type: 'hostnossl', ...ALL, method: 'scram-sha-256' }] },
  },
  {
    name: 'hba-reject',
    title: 'A pg_hba.conf line that rejects',
    does: 'has a reject line before all others',
    shows: 'a refusal by a line is told apart from no line at all',
    server: { hba: [{ type: 'host', ...ALL, method: 'reject' }] },
  },
  {
    name: 'starting-up',
    title: 'The server is starting up',
    does: 'answers 57P03 to everybody',
    shows: 'libpq goes to the next host of its list',
    server: { condition: 'starting-up' },
  },
  {
    name: 'too-many-connections',
    title: 'No connection slot left',
    does: 'answers 53300 to everybody',
    shows: 'nothing is wrong with the client',
    server: { condition: 'too-many-connections' },
  },
  {
    name: 'close-after-auth-ok',
    title: 'Closes after AuthenticationOk',
    does: 'accepts the password and closes before the session starts',
    shows: 'authentication was right; what comes after it fails',
    options: CLEAR,
    script: [{ at: 'ParameterStatus', next: 'close' }],
  },
  {
    name: 'close-before-ready',
    title: 'Closes when the session is almost there',
    does: 'reports its parameters and closes instead of sending ReadyForQuery',
    shows: 'authenticated, greeted, and gone',
    options: CLEAR,
    script: [{ at: 'ReadyForQuery', next: 'close' }],
  },
  {
    name: 'silent-before-ready',
    title: 'Never ready for a query',
    does: 'accepts the password and never sends ReadyForQuery',
    shows: 'a client that waits although it is authenticated',
    options: CLEAR,
    script: [{ at: 'ReadyForQuery', next: 'silence' }],
    silent: true,
  },
];
