import type { POSTGRES_CLOSE_CAUSES } from '../../causes/postgres-close';
import type { CauseWords } from '../words';
import { ask, clientOption, duration } from './phrases';

export const POSTGRES_CLOSE_WORDS: Readonly<Record<keyof typeof POSTGRES_CLOSE_CAUSES, CauseWords>> = {
  PG_SERVER_STALLED: {
    what: ({ after, waited, server }) =>
      `${server} sent nothing more for ${duration(waited)} after ${after}, and the client gave up.`,
    why: () =>
      "It was the server's turn: the server, or a pooler or proxy in front of it, may be hung, overloaded or waiting for something behind it.",
    next: () => [
      ask(
        'Read the log of the server and of any pooler for this moment, and check whether it answers other clients.',
      ),
    ],
    proof: "It was the server's turn, and it sent nothing until the client closed.",
  },
  PG_CLIENT_LEFT: {
    what: ({ after, waited }) =>
      `The client closed the connection ${waited === undefined ? '' : `${duration(waited)} `}after ${after}, before the session was ready.`,
    next: () => [ask("Read the client's own error message, and check its connect timeout.")],
    proof: 'The client ended the connection, and nothing on the wire says why.',
  },
  PG_MESSAGE_CUT: {
    what: ({ bytes }) =>
      `The server closed the connection in the middle of a message, after the first ${bytes} bytes.`,
    why: () => 'A server process that crashed or a proxy that cut the stream does this.',
    next: () => [ask('Read the server log for this moment.')],
    proof: 'The last message of the server is shorter than its length word says.',
  },
  PG_CLOSED_AT_STARTUP: {
    what: ({ how }) =>
      `The server ${how ?? 'closed'} the connection after the StartupMessage without an error message.`,
    why: () =>
      'A server process that crashed does this, and so does a proxy or pooler that cannot reach the server behind it or does not know this user or database.',
    next: () => [ask('Read the log of the server and of any pooler or proxy in front for this moment.')],
    proof: 'The StartupMessage is the last message, and the server ended the connection.',
  },
  PG_CLOSED_AT_ENCRYPTION: {
    what: ({ request, answer, waited, how }) =>
      `The server answered ${request ?? 'the request for encryption'}${answer === undefined ? '' : ` with ${answer}`} and ${how ?? 'closed'} the connection${waited === undefined ? '' : ` ${duration(waited)} later`}, before the client continued.`,
    why: ({ waited }) =>
      Number(waited) >= 1000
        ? 'The client sent nothing for that long: it may be hung, or may be waiting for something such as a key or a ticket. The server, or a proxy in front of it, gave up waiting.'
        : 'The client may have left at the same moment; otherwise a server process ended, or a proxy cut the connection.',
    next: () => [
      ask("Read the client's own error message, and the log of the server and of any proxy for this moment."),
    ],
    proof:
      'The answer to the request for encryption is the last message, and the server ended the connection.',
  },
  PG_CLOSED_INSIDE_TLS: {
    what: ({ how }) =>
      `The TLS handshake succeeded, and then the server ${how ?? 'closed'} the connection without sending anything.`,
    why: () =>
      'A proxy that terminates TLS and cannot reach the server behind it does this, and so does a server process that crashed.',
    next: () => [ask('Read the logs of the proxy and of the server for this moment.')],
    proof: 'TLS was established, the server sent nothing inside it and ended the connection.',
  },
  PG_CLOSED_AT_REQUEST: {
    what: ({ method, waited, how }) =>
      `The server asked for ${method} and ${how ?? 'closed'} the connection ${duration(waited)} later, before the client answered.`,
    why: () =>
      'The client may have left at the same moment because it has no password; otherwise a server process ended, or a proxy cut the connection.',
    next: () => [
      clientOption(
        'password',
        '…',
        'Check that the client has a password for this user (PGPASSWORD, .pgpass, or the connection string).',
      ),
      ask('Read the server log for this moment.'),
    ],
    proof:
      'The request for authentication is the last message, and the server ended the connection soon after it.',
  },
  PG_CLOSED_AT_ANSWER: {
    what: ({ method, how, untried }) =>
      untried === undefined
        ? `The server ${how ?? 'closed'} the connection after the client's ${method} answer without an error message, so whether the password was right cannot be determined.`
        : `The server asked for ${method} and ${how ?? 'closed'} the connection when the client began that exchange, before any password was checked.`,
    why: () => 'A server process that crashed or a proxy that cut the connection does this.',
    next: () => [ask('Read the server log for this moment.')],
    proof: "The client's answer to the request for authentication is the last message.",
  },
  PG_CLOSED_AFTER_LOGIN: {
    what: ({ how }) =>
      `The server accepted the login and ${how ?? 'closed'} the connection before the session was ready.`,
    why: () =>
      'A server process that crashed, a failing login trigger, an extension that is loaded at connect (session_preload_libraries) or a proxy does this.',
    next: () => [ask('Read the server log for this moment.')],
    proof: 'AuthenticationOk was seen, ReadyForQuery was not, and the server ended the connection.',
  },
  PG_STOPPED_WITHOUT_START: {
    what: ({ after }) =>
      `The client left after ${after} without starting a session, as a check of TLS or of the port does.`,
    next: () => [],
    proof:
      'The server answered the request for encryption, and the client left in good order without a StartupMessage.',
  },
};
