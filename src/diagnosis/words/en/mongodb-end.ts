/** Connections that ended or went silent without a refusal. */
import type { CauseParams } from '../../../trace/diagnosis';
import type { MONGODB_CAUSES } from '../../causes/mongodb';
import type { CauseWords } from '../words';
import { option, SERVER_LOG, sentence, step, who } from './mongodb-parts';

type Codes = Extract<
  keyof typeof MONGODB_CAUSES,
  `MONGO_${
    | 'IDLE_CLOSED'
    | 'CLOSED_WHILE_WORKING'
    | 'CLOSED_ON_HELLO'
    | 'CLOSED_ON_HELLO_IN_TLS'
    | 'CLOSED_AFTER_HELLO'
    | 'CLOSED_DURING_LOGIN'
    | 'CLOSED_IN_TLS_HANDSHAKE'
    | 'UNKNOWN_OPCODE'
    | 'NOT_MONGODB'
    | 'DAMAGED'
    | 'HELLO_UNANSWERED'
    | 'REQUEST_UNANSWERED'
    | 'CLIENT_LEFT_EARLY'
    | 'TOO_FEW_ITERATIONS'
    | 'NONCE_CHANGED'
    | 'SIGNATURE_REFUSED'
    | 'ABANDONED'
    | 'CLIENT_ERROR'}`
>;

/** `closed the connection`, `reset the connection`. */
function closed({ how }: CauseParams): string {
  return `${how ?? 'closed'} the connection`;
}

/** What came of a silence: the client left, or the capture went on. */
function silence({ seconds, left }: CauseParams): string {
  return left === undefined
    ? `for the ${seconds} s that the capture went on`
    : `for ${seconds} s; then the client gave up`;
}

const WITH_TLS = option('tls', 'true', 'If the server demands TLS, set tls=true in the connection string.');

export const MONGODB_END_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_IDLE_CLOSED: {
    what: (p) =>
      `${p.user === undefined ? 'The connection' : `The connection of ${who(p)}`} was idle for ${p.seconds} s when the server's side ${closed(p)}.`,
    why: () =>
      'Nothing was outstanding, so it looks like an idle time-out of a proxy, load balancer or firewall in between.',
    next: (p) => [
      option(
        'maxIdleTimeMS',
        String(Math.max(1, Math.floor(Number(p.seconds ?? 0) * 0.8)) * 1000),
        `Set maxIdleTimeMS below ${p.seconds} s, so that the driver replaces idle connections first; or raise the idle time-out in between.`,
      ),
      step(
        'server-config',
        'Or keep connections alive: net.ipv4.tcp_keepalive_time=120 at client and server.',
      ),
    ],
    proof: "Every request was answered, and after a silence the FIN or RST came from the server's side.",
    tellApart: 'It happens after the same idle time again and again, to one connection at a time.',
  },
  MONGO_CLOSED_WHILE_WORKING: {
    what: (p) => `The server's side ${closed(p)} while the client waited for the reply to ${p.command}.`,
    why: () =>
      'The server crashed or was stopped, or a proxy in between lost it or ran into its own time-out.',
    next: () => [SERVER_LOG, step('network', 'Check the time-outs of proxies and firewalls in between.')],
    proof: 'A command was sent on a connection that was ready, and FIN or RST came instead of its reply.',
  },
  MONGO_CLOSED_ON_HELLO: {
    what: (p) => `The server ${closed(p)} without answering hello.`,
    why: ({ service }) =>
      service === undefined
        ? 'It may demand TLS, refuse this address, be out of connections, or not be MongoDB.'
        : `${service} accepts only TLS, and closes what comes in the clear.`,
    next: () => [
      WITH_TLS,
      step('ask', "Read the server's log for this moment: TLS mode, refused address, connection limit."),
      step('network', 'Check host and port, and what a proxy on this port forwards to.'),
    ],
    proof: 'hello was sent in the clear, and the server ended the connection without a byte.',
  },
  MONGO_CLOSED_ON_HELLO_IN_TLS: {
    what: (p) => `The server ${closed(p)} inside TLS without answering hello.`,
    why: () =>
      'It may want a client certificate or refuse the one it got, refuse this address, or be a proxy that cannot reach the server behind it.',
    next: () => [
      SERVER_LOG,
      step('client-option', 'If the server wants a client certificate, set tlsCertificateKeyFile.'),
      step('server-config', 'If it got one, check that net.tls.CAFile of the server has its issuer.'),
    ],
    proof: 'The TLS handshake ended, hello was sent inside, and the server ended the connection.',
  },
  MONGO_CLOSED_AFTER_HELLO: {
    what: (p) => `The server's side ${closed(p)} right after answering hello.`,
    why: () =>
      'A proxy, load balancer or firewall in between often does this; so does a server that has reached its connection limit.',
    next: () => [
      SERVER_LOG,
      step('network', 'Connect from the server itself to compare, and look at what is in between.'),
    ],
    proof: 'hello was answered, nothing was outstanding, and FIN or RST came from the server at once.',
  },
  MONGO_CLOSED_DURING_LOGIN: {
    what: (p) =>
      `The server's side ${closed(p)} during the login of ${who(p)} (${p.command} was not answered).`,
    next: () => [
      SERVER_LOG,
      step('network', 'Look at proxies in between: some close instead of passing a refusal on.'),
    ],
    proof: 'A step of the login was sent, and FIN or RST came instead of its reply.',
  },
  MONGO_CLOSED_IN_TLS_HANDSHAKE: {
    what: (p) => `The server ${closed(p)} during the TLS handshake.`,
    why: () =>
      'TLS may be switched off there (net.tls.mode), or the port belongs to something that does not speak TLS.',
    next: () => [
      step('server-config', 'Check net.tls.mode of the server; without TLS there, leave tls=true out.'),
      SERVER_LOG,
    ],
    proof: 'A ClientHello was sent, and the server ended the connection without a TLS record.',
  },
  MONGO_UNKNOWN_OPCODE: {
    what: (p) =>
      `The client sent a message with the operation code ${p.opcode}, which the server does not know, and the server ${closed(p)}.`,
    why: () => 'A server closes on an operation code that it does not know, without a reply.',
    next: () => [
      step(
        'client-option',
        'Check what the client is: a driver for another protocol or version, or a tool that probes ports.',
      ),
    ],
    proof:
      'The last request has an operation code that never was one of MongoDB, and the server closed after it.',
  },
  MONGO_NOT_MONGODB: {
    what: (p) =>
      `The server's reply is not MongoDB protocol${p.seen === undefined ? '' : `: it begins with "${p.seen}"`}.`,
    next: () => [
      step('network', 'Check host and port, and what a load balancer or proxy on this port forwards to.'),
    ],
    proof: "The server's first bytes are not a message of MongoDB.",
  },
  MONGO_DAMAGED: {
    what: (p) => `Bytes from the ${p.side} are not MongoDB messages any more.`,
    next: () => [
      step('network', 'If the capture is complete, look for a proxy in between that alters the data.'),
    ],
    proof: 'Messages were read, and then bytes came that are none.',
  },
  MONGO_HELLO_UNANSWERED: {
    what: (p) => `The server accepted the connection but did not answer hello ${silence(p)}.`,
    why: () =>
      'It may be hung or overloaded, the port may belong to another service, or to a proxy that waits for the server behind it.',
    next: () => [
      step('ask', 'Check that the server answers locally.', { snippet: 'mongosh --eval "db.hello()"' }),
      WITH_TLS,
      step('network', 'Check what a proxy or tunnel on this port forwards to.'),
    ],
    proof: 'hello was sent and acknowledged, and no byte came back until the client left.',
  },
  MONGO_REQUEST_UNANSWERED: {
    what: (p) => `The server did not answer ${p.command} ${silence(p)}.`,
    next: () => [
      step(
        'ask',
        "Look at the server's load and slow operations, and for a proxy in between that lost its server.",
      ),
      step('client-option', "The limit is the client's own: socketTimeoutMS, connectTimeoutMS or timeoutMS."),
    ],
    proof: 'A request was sent, and no byte came back until the client left.',
  },
  MONGO_CLIENT_LEFT_EARLY: {
    what: (p) => `The client left ${p.seconds} s after it sent ${p.command}, before the server could answer.`,
    why: () =>
      'A pool or an application that gives up other attempts does this; nothing says that the server failed.',
    next: () => [],
    proof: 'The client ended the connection within a fraction of a second after its request.',
  },
  MONGO_TOO_FEW_ITERATIONS: {
    what: (p) =>
      `The client gave up because the server asks for ${p.iterations} SCRAM iterations, and drivers refuse fewer than ${p.least}.`,
    next: (p) => [
      step(
        'server-command',
        `Raise scramIterationCount (scramSHA256IterationCount) to at least ${p.least} and set the password again.`,
        {
          snippet: `db.adminCommand({setParameter: 1, scramSHA256IterationCount: 15000})`,
        },
      ),
    ],
    proof:
      'The challenge asks for fewer than 4096 iterations, and the client ended the connection instead of answering.',
  },
  MONGO_NONCE_CHANGED: {
    what: () =>
      "The client gave up because the nonce in the server's challenge does not continue its own: the reply is not for this login.",
    next: () => [
      step('network', 'Look for something in between that alters or mixes up messages, and connect past it.'),
    ],
    proof: "The server's nonce does not begin with the client's, and the client ended the connection.",
  },
  MONGO_SIGNATURE_REFUSED: {
    what: (p) => `The client left after the server's proof in the login of ${who(p)}.`,
    why: () =>
      'A driver leaves there when the proof is wrong: then whatever answers does not know the password. It may also have been stopped at this moment.',
    next: () => [
      step(
        'client-option',
        "Read the client's own error: it names a wrong server signature, if that was it.",
      ),
      step('network', 'Check that the name and port lead to the real server.'),
    ],
    proof:
      'The whole login was captured, the server sent its signature, and the client left instead of finishing.',
  },
  MONGO_ABANDONED: {
    what: (p) =>
      `The client left in the middle of its login${p.mechanism === undefined ? '' : ` (${p.mechanism})`}, after ${p.last}.`,
    next: () => [step('ask', "Read the client's own log: it has the reason.")],
    proof: 'The client ended the connection after a reply of the server and before the end of its login.',
  },
  MONGO_CLIENT_ERROR: {
    what: ({ text }) => sentence(String(text)),
    next: () => [],
    proof: 'The Connect Test itself reported it; it does not show on the wire.',
  },
};
