import type { CauseParams } from '../../../trace/diagnosis';
import type { SERVICE_CAUSES } from '../../causes/service';
import type { ServiceName } from '../../services';
import type { CauseWords } from '../words';

/** What each service is called, as a server and as a client. */
const NAMES: Readonly<Record<ServiceName, readonly [server: string, client: string]>> = {
  http: ['an HTTP server', 'an HTTP request'],
  rtsp: ['an RTSP or SIP server', 'an RTSP or SIP request'],
  ssh: ['an SSH server', 'an SSH client'],
  mysql: ['a MySQL or MariaDB server', 'a MySQL client'],
  mail: ['a mail server (SMTP)', 'a mail client (SMTP)'],
  ftp: ['an FTP or mail server', 'an FTP client'],
  imap: ['an IMAP server', 'an IMAP client'],
  pop3: ['a POP3 server', 'a POP3 client'],
  redis: ['a Redis server', 'a Redis client'],
  memcached: ['a Memcached server', 'a Memcached client'],
  amqp: ['an AMQP broker such as RabbitMQ', 'an AMQP client'],
  ldap: ['an LDAP server', 'an LDAP client'],
  oracle: ['an Oracle listener', 'an Oracle client'],
  mssql: ['a Microsoft SQL Server', 'a client of Microsoft SQL Server'],
  cassandra: ['a Cassandra server', 'a Cassandra client'],
  kafka: ['a Kafka broker', 'a Kafka client'],
  zookeeper: ['a ZooKeeper server', 'a ZooKeeper client'],
  nats: ['a NATS server', 'a NATS client'],
  vnc: ['a VNC server', 'a VNC client'],
  rdp: ['a Remote Desktop server', 'a Remote Desktop client'],
  telnet: ['a Telnet server', 'a Telnet client'],
  mongodb: ['a MongoDB server', 'a MongoDB client'],
  postgres: ['a PostgreSQL server', 'a PostgreSQL client'],
  tls: ['a server that speaks TLS from the first byte', 'a TLS client'],
  json: ['a server that answers in JSON', 'a request in JSON'],
  text: ['a service that answers in plain text', 'text that is not a request to a database'],
};

export const SERVICE_WORDS: Readonly<Record<keyof typeof SERVICE_CAUSES, CauseWords>> = {
  SERVICE_OTHER_ANSWERED: {
    what: ({ server, product, service, inside }) =>
      `${server} is not ${product}: ${serviceText(service)} answered${inside === undefined ? '' : ' inside TLS'}.`,
    why: ({ text }) => (text === undefined ? null : `It said "${text}".`),
    next: ({ product, service }) => [
      {
        kind: 'client-option',
        text: `Check host and port of the connection string: ${product === 'MongoDB' ? 'MongoDB listens on 27017' : 'PostgreSQL listens on 5432'} by default.`,
      },
      {
        kind: 'network',
        text:
          service === 'http'
            ? 'If a load balancer or proxy is in front, forward this port as plain TCP, not as HTTP.'
            : 'Check what a load balancer or port forwarding on this port forwards to.',
      },
    ],
    proof: "The server's first bytes are those of another service.",
  },
  SERVICE_OTHER_CLIENT: {
    what: ({ client, server, product, service }) =>
      `${clientWords(service)} from ${client} reached the ${product} port ${server}.`,
    why: ({ text, service, product }) =>
      `${text === undefined ? '' : `It began with "${text}". `}${service === 'http' ? 'An HTTP health check, a scanner or a browser does this' : 'A client with a wrong port, a health check or a scanner does this'}; ${product} closes such a connection.`,
    next: ({ service }) => [
      {
        kind: 'network',
        text:
          service === 'http'
            ? 'Change the health check of the load balancer or orchestrator to a TCP check, or send it to the right port.'
            : 'Correct the port of that client, or ignore it if it is a scanner.',
      },
    ],
    proof: "The client's first bytes are those of another protocol.",
  },
  SERVICE_TLS_EXPECTED: {
    what: ({ server }) => `${server} expects TLS from the first byte, and the client did not begin with TLS.`,
    why: () => 'The server answered with a TLS alert in the clear.',
    next: tlsSteps,
    proof: "The server's first bytes are a TLS record, and the client sent none.",
  },
  SERVICE_PROXY_HEADER: {
    what: ({ version, product }) =>
      `The connection begins with a PROXY protocol header (version ${version}), which ${product} does not accept.`,
    why: ({ about }) => `The load balancer in front adds it (${about}).`,
    next: () => [
      {
        kind: 'network',
        text: 'Switch off the PROXY protocol for this backend: remove send-proxy or send-proxy-v2 in HAProxy, "proxy_protocol on" in nginx, or the proxy protocol attribute of the load balancer\'s target group.',
      },
    ],
    proof:
      'The first bytes of the client are a PROXY protocol header, and the server does not answer in its own protocol.',
  },
};

function tlsSteps({ product }: CauseParams) {
  return product === 'MongoDB'
    ? [
        {
          kind: 'client-option',
          text: 'Connect with TLS: tls=true.',
          option: { name: 'tls', value: 'true' },
        } as const,
      ]
    : [
        {
          kind: 'client-option',
          text: 'Start with TLS: sslmode=require and sslnegotiation=direct (libpq 17 or later).',
          option: { name: 'sslnegotiation', value: 'direct' },
        } as const,
        { kind: 'network', text: 'Or let the proxy in front understand SSLRequest.' } as const,
      ];
}

/** What a service is called, as a server. */
export function serviceText(service: unknown): string {
  return NAMES[service as ServiceName]?.[0] ?? 'another service';
}

function clientWords(service: unknown): string {
  const words = NAMES[service as ServiceName]?.[1] ?? 'another protocol';
  return words.charAt(0).toUpperCase() + words.slice(1);
}
