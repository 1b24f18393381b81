import type { POSTGRES_SESSION_CAUSES } from '../../causes/postgres-session';
import type { CauseWords } from '../words';
import { ask, capture, clientOption, tlsName, userName } from './phrases';

export const POSTGRES_SESSION_WORDS: Readonly<Record<keyof typeof POSTGRES_SESSION_CAUSES, CauseWords>> = {
  PG_READY: {
    what: ({ user, database, encryption, mechanism }) => {
      const who = user === undefined ? 'Connected' : `Connected as ${user} to ${database}`;
      return [
        who,
        encryption === undefined ? 'not encrypted' : tlsName(encryption),
        mechanism ?? 'the authentication was not captured',
      ].join(' · ');
    },
    next: () => [],
    proof: 'ReadyForQuery was seen.',
  },
  PG_WRONG_TARGET: {
    what: ({ kind, message }) =>
      message === undefined
        ? `The login succeeded, and the client left at once without a query: this server is ${kind}, and a client with target_session_attrs=read-write or primary does not stay on such a server.`
        : `The login succeeded, but this server does not meet the client's target_session_attrs: ${message}.`,
    next: () => [
      clientOption(
        'host',
        'host1,host2',
        'List all hosts of the cluster in the connection string so that the client finds the one it wants.',
      ),
      clientOption(
        'target_session_attrs',
        'any',
        'Set target_session_attrs=any if a read-only server is acceptable.',
      ),
    ],
    proof:
      'The server reported in_hot_standby or default_transaction_read_only as on, and the first thing that the client sent after ReadyForQuery was Terminate.',
    tellApart:
      'Look at target_session_attrs (or targetServerType) of the client; a connection test also leaves without a query.',
  },
  PG_NEGOTIATION_IGNORED: {
    what: ({ asked }) =>
      `The client asked for protocol ${asked}; the server went on as if it were 3.0, without NegotiateProtocolVersion, and the client left.`,
    why: () =>
      'A server that does not support the requested version must say so. Old servers and some poolers and proxies do not.',
    next: () => [
      clientOption('max_protocol_version', '3.0', 'Set max_protocol_version=3.0 in the connection string.'),
      ask('Update the server, or the pooler or proxy that answers for it.'),
    ],
    proof:
      'The StartupMessage asks for more than 3.0, no NegotiateProtocolVersion precedes the login, and the client leaves without a query.',
  },
  PG_CANCEL: {
    what: () => 'The client sent a CancelRequest. The server never replies to one.',
    why: () => 'Error 57014 on the original connection means that the query was cancelled.',
    next: () => [],
    proof: 'The first message of the client is a CancelRequest.',
  },
  PG_SESSION_OPEN: {
    what: (params) =>
      params.user === undefined
        ? 'This PostgreSQL session was already in use when the capture started, so its login is not in the capture.'
        : `This PostgreSQL session of ${userName(params)} was already in use when the capture started.`,
    next: () => [capture('Start the capture before the client connects to see the login.')],
    proof: 'Queries and their answers were seen, and neither the beginning of the connection nor a login.',
  },
  PG_ENCRYPTED: {
    what: ({ encryption, early }) =>
      early === undefined
        ? `Encrypted from here on (${tlsName(encryption ?? 'TLS')}): the login cannot be seen.`
        : `Encrypted from here on (${tlsName(encryption ?? 'TLS')}); the server closed the connection early, as it does after a refused login.`,
    next: () => [
      capture(
        'Load a key log to see the login: sslkeylogfile in libpq 18 and later, or SSLKEYLOGFILE in other clients.',
      ),
    ],
    proof: 'TLS was established, and no key opens its records.',
  },
};
