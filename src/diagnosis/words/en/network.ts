import type { NETWORK_CAUSES } from '../../causes/network';
import type { CauseWords } from '../words';

export const NETWORK_WORDS: Readonly<Record<keyof typeof NETWORK_CAUSES, CauseWords>> = {
  TCP_REFUSED: {
    what: ({ server }) => `Connection refused: nothing is listening on ${server}.`,
    why: () =>
      'The host answered the connection request with a reset; a firewall that rejects does the same.',
    next: ({ product }) => [
      {
        kind: 'server-config',
        text:
          product === 'MongoDB'
            ? 'Check that the server runs, and its net.bindIp and net.port.'
            : 'Check that the server runs, and its listen_addresses and port.',
      },
      { kind: 'network', text: 'Check host and port, and whether a firewall rejects the connection.' },
    ],
    proof: 'The SYN was answered with RST.',
  },
  TCP_NO_ANSWER: {
    what: ({ server }) => `${server} never answered the TCP connection request.`,
    next: () => [
      {
        kind: 'network',
        text: 'Check the address, the route, and firewalls or access lists that drop packets.',
      },
    ],
    proof: 'SYN was sent, also repeatedly, and nothing came back.',
  },
  TCP_ANSWER_LOST: {
    what: ({ server, client }) =>
      `${server} accepted the connection, but its answer never reached the client ${client}.`,
    why: () => 'SYN and SYN+ACK were repeated and no ACK followed.',
    next: () => [
      {
        kind: 'network',
        text: 'Look for an asymmetric route or a firewall that drops packets from the server to the client.',
      },
    ],
    proof: 'SYN and SYN+ACK were repeated and never acknowledged.',
  },
  TCP_CLOSED_AT_ONCE: {
    what: ({ server }) => `${server} accepted the TCP connection and closed it before anything was said.`,
    why: () =>
      'A proxy, load balancer or tunnel without a working server behind it does this, and so does a server that has reached its connection limit or refuses this address.',
    next: () => [
      { kind: 'network', text: 'Check what the proxy, load balancer or tunnel on this port forwards to.' },
      { kind: 'ask', text: "Read the server's log for this moment: connection limit, refused address." },
    ],
    proof: 'SYN and SYN+ACK were seen, then FIN or RST of the server before any byte.',
  },
  TCP_PORT_CHECK: {
    what: () =>
      'The client connected and left without sending anything, as a port check or health check does.',
    next: () => [],
    proof: 'The connection was opened and the client closed it without a byte.',
  },
};
