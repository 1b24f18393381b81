import type { CauseParams, NextStep } from '../../../trace/diagnosis';
import type { NETWORK_CAUSES } from '../../causes/network';
import type { CauseWords } from '../words';

export const NETWORK_WORDS: Readonly<Record<keyof typeof NETWORK_CAUSES, CauseWords>> = {
  TCP_REFUSED: {
    what: ({ server }) => `Connection refused: nothing is listening on ${server}.`,
    why: ({ loopback }) =>
      loopback === undefined
        ? 'The host answered the connection request with a reset; a firewall that rejects does the same.'
        : `This is the ${loopback} address of localhost: the server may listen on ${otherFamily(loopback)} only, or not run on this machine (in a container, localhost is the container itself).`,
    next: listenSteps,
    proof: 'The SYN was answered with RST.',
    tellApart:
      'Run ss -ltn on the server: if the port is not listed, nothing is listening; if it is, a firewall rejects the connection.',
  },
  TCP_REJECTED: {
    what: ({ server, from }) => `A firewall${sentBy(from, server)} rejected the connection to ${server}.`,
    why: ({ kind }) => `The client received the ICMP error "${kind}".`,
    next: ({ server }) => [
      {
        kind: 'network',
        text: `Allow the client's address and this port in the firewall, security group or network policy in front of ${server}.`,
      },
    ],
    proof:
      'An ICMP error that quotes a packet of the connection says that it is prohibited or that the port is unreachable.',
  },
  TCP_UNREACHABLE: {
    what: ({ server, from, kind }) => `${server} cannot be reached: ${from} answered "${kind}".`,
    next: () => [
      {
        kind: 'network',
        text: 'Check the address, that the host is up, and the route to it (VPN, peering, routing table).',
      },
    ],
    proof:
      'An ICMP error that quotes a packet of the connection says that the host or network is unreachable.',
  },
  TCP_NO_ANSWER: {
    what: ({ server, times, seconds }) =>
      `${server} never answered the TCP connection request${Number(times) > 1 ? ` (sent ${times} times in ${seconds} s)` : ''}.`,
    why: () => 'A firewall or access list drops the packets, or there is no host at this address.',
    next: ({ product }) => [
      {
        kind: 'network',
        text: `Check the address, the route, and firewalls, security groups or access lists${product === 'MongoDB' ? ' (in Atlas, the IP access list)' : ''} that drop packets.`,
      },
    ],
    proof: 'A SYN was sent, usually several times, and nothing came back.',
    tellApart: 'If the host is up and nothing is listening on the port, it answers with a reset.',
  },
  TCP_ANSWER_LOST: {
    what: ({ server, client }) =>
      `${server} answered the connection request, but its answer never reached the client ${client}.`,
    why: ({ times }) => `The server sent its SYN+ACK ${times} times and no ACK followed.`,
    next: () => [
      {
        kind: 'network',
        text: 'Look for an asymmetric route or a firewall that drops packets from the server to the client.',
      },
    ],
    proof: 'SYN+ACK was repeated and never acknowledged.',
  },
  TCP_CLOSED_AT_ONCE: {
    what: ({ server, how }) =>
      `${server} accepted the TCP connection and ${how} it before any data was exchanged.`,
    why: () =>
      'A proxy, load balancer, tunnel or port forwarding without a working server behind it does this, and so does a server that has reached its connection limit or does not accept this address.',
    next: ({ product }) => [
      {
        kind: 'network',
        text: 'Check what the proxy, load balancer, tunnel or port forwarding on this port forwards to, and that it is up.',
      },
      {
        kind: 'server-config',
        text:
          product === 'MongoDB'
            ? "Check the server's connection limit (net.maxIncomingConnections) and the IP access list."
            : 'Check the connection limit of the pooler or server, and that the address is allowed.',
      },
      { kind: 'ask', text: 'Read the log of the server or proxy for this moment.' },
    ],
    proof: 'SYN and SYN+ACK were seen, then a FIN or RST from the server before it had received any data.',
    tellApart:
      'Connect to the server itself, without the proxy: if that works, the proxy or its target is the cause.',
  },
  TCP_PORT_CHECK: {
    what: () =>
      'The client connected and left without sending anything, as a port check or health check does.',
    next: () => [],
    proof: 'The connection was opened and the client closed it without sending a byte.',
  },
  TCP_LARGE_PACKETS_LOST: {
    what: ({ from, server }) =>
      from === 'client'
        ? `Large packets from the client never reached ${server}; small ones did.`
        : `Large packets from ${server} never reached the client; small ones did.`,
    why: ({ times, size, mtu, router, bytes }) => {
      const told =
        router === undefined
          ? ''
          : ` ${router} reported that the packets are too big${mtu === undefined ? '' : ` (MTU ${mtu})`}, and the sender did not make them smaller.`;
      if (times === undefined)
        return `${bytes} bytes at the beginning of what was sent are missing on both sides, although what was sent after them arrived: a full-size packet does not fit through the path (path MTU).${told}`;
      return `A segment of ${size} bytes was sent ${times} times and never acknowledged: a full-size packet does not fit through the path (path MTU).${told}`;
    },
    next: ({ server, mtu, from }) => [
      {
        kind: 'network',
        text: `Lower the MTU (or clamp the MSS) of the ${from === 'client' ? "client's" : "server's"} interface, VPN or tunnel${mtu === undefined ? '' : ` to ${mtu}`}, and let ICMP "fragmentation needed" through.`,
      },
      {
        kind: 'network',
        text: 'Find the largest packet that gets through: lower the size (-s) until ping is answered.',
        snippet: `ping -M do -s 1372 ${hostOf(server)}`,
      },
    ],
    proof:
      'A full-size segment was sent at least three times and never acknowledged, or the large packets at the beginning of a message never arrived while the smaller one at its end did.',
    tellApart:
      'Small messages pass in the same direction; with a smaller MTU on the sending side the connection works.',
  },
  TCP_PACKETS_LOST: {
    what: ({ from, server }) =>
      from === 'client'
        ? `What the client sent never reached ${server}, although the connection was open.`
        : `What ${server} sent never reached the client, although the connection was open.`,
    why: ({ times, bytes }) =>
      times === undefined
        ? `${bytes} bytes are missing on both sides, and no retransmission of them arrived.`
        : `${bytes} bytes were sent ${times} times and never acknowledged.`,
    next: () => [
      {
        kind: 'network',
        text: 'Look for a firewall or NAT device that forgot or blocks the connection, a failing link, or an asymmetric route.',
      },
    ],
    proof: 'Bytes were sent at least three times and never acknowledged.',
  },
  TCP_CLOSED_TOGETHER: {
    what: () =>
      'Client and server closed the connection at the same moment, so which of them closed first cannot be determined.',
    next: ({ server }) => [
      {
        kind: 'ask',
        text: `Read the client's own error message, and the log of ${server ?? 'the server'} for this moment: the side that closed first knows why.`,
      },
    ],
    proof:
      'Both sides sent a FIN before they had received that of the other, so the order of the two in the capture proves nothing.',
    tellApart: 'A capture taken on the host of the client or of the server shows which side closed first.',
  },
  TCP_CLIENT_CANCELLED: {
    what: ({ millis, after }) =>
      `The client closed the connection ${millis} ms after ${after === undefined ? 'its last message' : `it sent ${after}`}, before the server could answer.`,
    why: () =>
      'A connection pool does this when it no longer needs the connection; so does a client that tries several addresses at once, when another one answered first.',
    next: () => [
      {
        kind: 'ask',
        text: "Look at the client's other connections at that moment: if one of them succeeded, nothing is wrong. Otherwise read the client's log, and raise its connect timeout.",
      },
    ],
    proof: 'The client spoke last and closed within 100 ms, without an answer.',
    tellApart: 'A timeout takes longer, usually a whole number of seconds.',
  },
  TCP_SERVER_SILENT: {
    what: ({ server, after, seconds, open }) =>
      `${server} did not answer ${after === undefined ? 'the client' : after} ${open === undefined ? `within ${seconds} s, and the client gave up` : `before the capture ended (${seconds} s later)`}.`,
    why: ({ unread }) =>
      unread === undefined
        ? 'The server, or a pooler or proxy in its place, may be overloaded, hung or waiting for a server behind it; a firewall may also drop its answer.'
        : "The server's host does not even acknowledge the bytes: the host is down, or something in between drops them.",
    next: ({ product }) => [
      {
        kind: 'ask',
        text: `Check the server's load, free connections and log at that moment; if a pooler or proxy answers on this port, check that it reaches ${product === 'MongoDB' ? 'mongod' : 'PostgreSQL'}.`,
      },
      {
        kind: 'network',
        text: 'Capture at the server to see whether it sends an answer that is lost on the way.',
      },
    ],
    proof: 'The client spoke last, its bytes are in the capture, and nothing from the server followed.',
    tellApart: 'A capture at the server shows whether it answered.',
  },
  TCP_CLIENT_SILENT: {
    what: ({ client, after, seconds }) =>
      `The client ${client} did not answer ${after === undefined ? 'the server' : after} before the capture ended (${seconds} s later).`,
    next: () => [
      {
        kind: 'ask',
        text: 'Find out what the client is waiting for: a password prompt, a debugger, a blocked thread, or a pool that opens connections in advance.',
      },
    ],
    proof: 'The server spoke last, and the connection stayed open while the capture went on.',
  },
};

function listenSteps({ product, loopback, port }: CauseParams): readonly NextStep[] {
  const mongo = product === 'MongoDB';
  const listen: NextStep = {
    kind: 'server-config',
    text: mongo
      ? 'Check that the server is running, and check its net.bindIp and net.port.'
      : 'Check that the server is running, and check its listen_addresses and port.',
    snippet: `ss -ltn 'sport = :${port ?? (mongo ? 27017 : 5432)}'`,
  };
  const other: NextStep = {
    kind: 'network',
    text: 'Check host and port, and whether a firewall rejects the connection.',
  };
  if (loopback === undefined) return [listen, other];
  const address = loopback === 'IPv6' ? '127.0.0.1' : '[::1]';
  const host = loopback === 'IPv6' ? '127.0.0.1' : '::1';
  const connect: NextStep = {
    kind: 'client-option',
    text: `Connect to ${address} instead of localhost, or let the server listen on ${loopback} too${mongo ? ' (net.bindIp, net.ipv6)' : ' (listen_addresses)'}.`,
    ...(mongo ? {} : { option: { name: 'host', value: host } }),
  };
  // ::1 is often tried for localhost, and seldom listened on; 127.0.0.1 is refused by a server that does not run.
  return loopback === 'IPv6' ? [connect, listen] : [listen, connect];
}

function otherFamily(loopback: unknown): string {
  return loopback === 'IPv6' ? 'IPv4' : 'IPv6';
}

function sentBy(from: unknown, server: unknown): string {
  return from === undefined || hostOf(server) === from ? '' : ` (${from})`;
}

/** The host of `host:port`. */
function hostOf(server: unknown): string {
  return String(server ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
}
