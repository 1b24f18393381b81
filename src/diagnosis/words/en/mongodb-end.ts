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
    | 'UNKNOWN_OPCODE'
    | 'NOT_MONGODB'
    | 'TOO_FEW_ITERATIONS'
    | 'NONCE_CHANGED'
    | 'SIGNATURE_REFUSED'
    | 'ABANDONED'
    | 'ENDED'
    | 'CLIENT_ERROR'}`
>;

/** `closed the connection`, `reset the connection`. */
function closed({ how }: CauseParams): string {
  return `${how ?? 'closed'} the connection`;
}

const WITH_TLS = option('tls', 'true', 'If the server demands TLS, set tls=true in the connection string.');

export const MONGODB_END_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_IDLE_CLOSED: {
    what: (p) =>
      p.unused === undefined
        ? `The connection${p.user === undefined ? '' : ` of ${who(p)}`} was idle for ${p.seconds} s when the server's side ${p.how ?? 'closed'} it.`
        : `The server's side ${closed(p)}, on which only hello had been asked, after ${p.seconds} s without a message.`,
    why: (p) =>
      p.unused === undefined
        ? 'Nothing was outstanding, so it looks like an idle time-out of a proxy, load balancer or firewall in between.'
        : 'Nothing was outstanding: the server was stopped or restarted, or a proxy, load balancer or firewall in between ended an idle connection.',
    next: (p) =>
      p.unused === undefined
        ? [
            option(
              'maxIdleTimeMS',
              String(Math.max(1, Math.floor(Number(p.seconds ?? 0) * 0.8)) * 1000),
              `Set maxIdleTimeMS below ${p.seconds} s, so that the driver replaces idle connections first; or raise the idle time-out in between.`,
            ),
            step('server-config', 'Or keep connections alive at client and server.', {
              snippet: 'sysctl -w net.ipv4.tcp_keepalive_time=120',
            }),
          ]
        : [
            step(
              'ask',
              "Look in the server's log whether it was stopped at this moment, and at other connections to it.",
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
        : `This is the port of ${service}, which accepts only TLS and closes what comes in the clear. Another server may refuse this address, be out of connections, or not be MongoDB.`,
    next: ({ service }) =>
      service === undefined
        ? [
            step(
              'ask',
              "Check what a proxy or tunnel on this port forwards to, and read the server's log (connection limit, refused address); if the server demands TLS, set tls=true.",
              { option: { name: 'tls', value: 'true' } },
            ),
          ]
        : [WITH_TLS, SERVER_LOG],
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
    what: (p) => `The reply of ${p.server} is not MongoDB protocol.`,
    next: () => [
      step('network', 'Check host and port, and what a load balancer or proxy on this port forwards to.'),
    ],
    proof: "The server's first bytes are not a message of MongoDB.",
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
  MONGO_ENDED: {
    what: (p) =>
      `The ${p.by} ${closed(p)}${p.last === undefined ? ' before anything was said' : ` after ${p.last}`}.`,
    why: () => 'What was captured does not tell the reason.',
    next: () => [step('ask', 'Read the logs of client and server for this moment.')],
    proof: 'A FIN or RST was seen, and no other cause fits.',
  },
  MONGO_CLIENT_ERROR: {
    what: ({ text }) => sentence(String(text)),
    next: () => [],
    proof: 'The Connect Test itself reported it; it does not show on the wire.',
  },
};
