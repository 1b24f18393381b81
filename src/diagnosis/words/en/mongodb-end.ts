/** Connections that ended or went silent without a refusal. */
import type { CauseParams } from '../../../trace/diagnosis';
import type { MONGODB_CAUSES } from '../../causes/mongodb';
import type { CauseWords } from '../words';
import { option, SERVER_LOG, sentence, step, who, withMechanism } from './mongodb-parts';

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

/** The parameter of the server that new passwords of this mechanism follow. */
function iterationCount({ mechanism }: CauseParams): string {
  return mechanism === 'SCRAM-SHA-1' ? 'scramIterationCount' : 'scramSHA256IterationCount';
}

const WITH_TLS = option('tls', 'true', 'If the server requires TLS, set tls=true in the connection string.');

export const MONGODB_END_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_IDLE_CLOSED: {
    what: (p) =>
      p.unused === undefined
        ? `The connection${p.user === undefined ? '' : ` of ${who(p)}`} was idle for ${p.seconds} s when the server's side ${p.how ?? 'closed'} it.`
        : `The server's side ${closed(p)}, on which only hello had been sent, after ${p.seconds} s without a message.`,
    why: (p) =>
      p.unused === undefined
        ? 'Nothing was outstanding, so this looks like an idle timeout of a proxy, load balancer or firewall in between.'
        : 'Nothing was outstanding: the server was stopped or restarted, or a proxy, load balancer or firewall in between ended an idle connection.',
    next: (p) =>
      p.unused === undefined
        ? [
            option(
              'maxIdleTimeMS',
              String(Math.max(1, Math.floor(Number(p.seconds ?? 0) * 0.8)) * 1000),
              `Set maxIdleTimeMS below ${p.seconds} s, so that the driver replaces idle connections first; or raise the idle timeout in between.`,
            ),
            step('server-config', 'Or let TCP keepalive start earlier on the client and the server.', {
              snippet: 'sysctl -w net.ipv4.tcp_keepalive_time=120',
            }),
          ]
        : [
            step(
              'ask',
              "Check in the server's log whether it was stopped at this moment, and look at other connections to it.",
            ),
          ],
    proof: "Every request was answered, and after a silence the FIN or RST came from the server's side.",
    tellApart: 'It happens after the same idle time again and again, to one connection at a time.',
  },
  MONGO_CLOSED_WHILE_WORKING: {
    what: (p) => `The server's side ${closed(p)} while the client waited for the reply to ${p.command}.`,
    why: () => 'The server crashed or was stopped, or a proxy in between lost its connection or timed out.',
    next: () => [SERVER_LOG, step('network', 'Check the timeouts of proxies and firewalls in between.')],
    proof: 'A command was sent on a connection that was ready, and FIN or RST came instead of its reply.',
  },
  MONGO_CLOSED_ON_HELLO: {
    what: (p) => `The server ${closed(p)} without answering hello.`,
    why: ({ service }) =>
      service === undefined
        ? 'It may require TLS, refuse this address, have reached its connection limit, or not be MongoDB.'
        : `This is the port of ${service}, which accepts only TLS and closes what comes in the clear. Another server may refuse this address, have reached its connection limit, or not be MongoDB.`,
    next: ({ service }) =>
      service === undefined
        ? [
            step(
              'ask',
              "Check what a proxy or tunnel on this port forwards to, and read the server's log (connection limit, refused address); if the server requires TLS, set tls=true.",
              { option: { name: 'tls', value: 'true' } },
            ),
          ]
        : [WITH_TLS, SERVER_LOG],
    proof: 'hello was sent in the clear, and the server ended the connection without a byte.',
  },
  MONGO_CLOSED_ON_HELLO_IN_TLS: {
    what: (p) => `The server ${closed(p)} inside TLS without answering hello.`,
    why: () =>
      'It may require a client certificate or refuse the one it received, refuse this address, or be a proxy that cannot reach the server behind it.',
    next: () => [
      SERVER_LOG,
      step('client-option', 'If the server requires a client certificate, set tlsCertificateKeyFile.'),
      step(
        'server-config',
        'If the client sent one, check that net.tls.CAFile of the server contains its issuer.',
      ),
    ],
    proof: 'The TLS handshake ended, hello was sent inside, and the server ended the connection.',
  },
  MONGO_CLOSED_AFTER_HELLO: {
    what: (p) => `The server's side ${closed(p)} right after answering hello.`,
    why: () =>
      'A proxy, load balancer or firewall in between often does this; so does a server that has reached its connection limit.',
    next: () => [
      SERVER_LOG,
      step('network', "Connect from the server's own host to compare, and check what is in between."),
    ],
    proof: 'hello was answered, nothing was outstanding, and FIN or RST came from the server at once.',
  },
  MONGO_CLOSED_DURING_LOGIN: {
    what: (p) =>
      `The server's side ${closed(p)} during the login of ${who(p)} (${p.command} was not answered).`,
    next: () => [
      SERVER_LOG,
      step(
        'network',
        'Check the proxies in between: some close the connection instead of forwarding the refusal.',
      ),
    ],
    proof: 'A step of the login was sent, and FIN or RST came instead of its reply.',
  },
  MONGO_UNKNOWN_OPCODE: {
    what: (p) =>
      `The client sent a message with the operation code ${p.opcode}, which MongoDB does not have, and the server ${closed(p)}.`,
    why: () => 'A server does not reply to an unknown operation code; it closes the connection.',
    next: () => [
      step(
        'client-option',
        'Check what the client is: a driver for another protocol or version, or a tool that probes ports.',
      ),
    ],
    proof:
      'The last request has an operation code that MongoDB never had, and the server closed the connection after it.',
  },
  MONGO_NOT_MONGODB: {
    what: (p) => `The reply from ${p.server} is not MongoDB protocol.`,
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
        `Raise ${iterationCount(p)} to at least ${p.least}, and set the password again.`,
        {
          snippet: `db.adminCommand({setParameter: 1, ${iterationCount(p)}: 15000})`,
        },
      ),
    ],
    proof:
      'The challenge asks for fewer than 4096 iterations, and the client ended the connection instead of answering.',
  },
  MONGO_NONCE_CHANGED: {
    what: () =>
      "The client gave up because the nonce in the server's challenge does not begin with the client's own: the reply does not belong to this login.",
    next: () => [
      step(
        'network',
        'Look for something in between that alters or mixes up messages, and connect without it.',
      ),
    ],
    proof: "The server's nonce does not begin with the client's, and the client ended the connection.",
  },
  MONGO_SIGNATURE_REFUSED: {
    what: (p) =>
      `The client left when it received the server's proof (SCRAM signature) in the login of ${who(p)}.`,
    why: () =>
      'A driver does this when the proof is wrong, which means that what answered does not know the password. The client may also have been stopped at that moment.',
    next: () => [
      step(
        'client-option',
        "Read the client's own error message: it names a wrong server signature if that was the reason.",
      ),
      step('network', 'Check that the host name and the port lead to the right server.'),
    ],
    proof:
      'The whole login was captured, the server sent its signature, and the client left instead of finishing.',
  },
  MONGO_ABANDONED: {
    what: (p) => `The client left in the middle of its login${withMechanism(p)} (last message: ${p.last}).`,
    next: () => [step('ask', "Read the client's own log: it names the reason.")],
    proof: 'The client ended the connection after a reply of the server and before the end of its login.',
  },
  MONGO_ENDED: {
    what: (p) =>
      `The ${p.by} ${closed(p)}${p.last === undefined ? ' before either side sent anything' : ` after ${p.last}`}.`,
    why: () => 'What was captured does not show the reason.',
    next: () => [step('ask', 'Read the logs of client and server for this moment.')],
    proof: 'A FIN or RST was seen, and no other cause fits.',
  },
  MONGO_CLIENT_ERROR: {
    what: ({ text }) => sentence(String(text)),
    next: () => [],
    proof: 'The Connect Test itself reported it; a capture does not show it.',
  },
};
