/** hello: refused, or answered in a way that makes a driver leave. */
import type { CauseParams } from '../../../trace/diagnosis';
import type { MONGODB_CAUSES } from '../../causes/mongodb';
import type { CauseWords } from '../words';
import { driverText, option, quoted, SERVER_LOG, serverText, step, who } from './mongodb-parts';
import { capital } from './phrases';

type Codes = Extract<
  keyof typeof MONGODB_CAUSES,
  `MONGO_${
    | 'ONLY_HELLO'
    | 'SHUTTING_DOWN'
    | 'API_VERSION'
    | 'OP_QUERY_REMOVED'
    | 'KEYS_NOT_FOUND'
    | 'HELLO_NEEDS_LOGIN'
    | 'HELLO_REFUSED'
    | 'WIRE_VERSION_TOO_OLD'
    | 'WIRE_VERSION_TOO_NEW'
    | 'OLD_SERVER'
    | 'NO_SERVICE_ID'
    | 'SET_NAME'
    | 'MEMBER_NAMES'
    | 'NOT_INITIATED'
    | 'ARBITER'
    | 'MEMBER_UNAVAILABLE'
    | 'HIDDEN_MEMBER'
    | 'NO_PRIMARY'}`
>;

/** What the server said to the login, where one was tried. */
function refusedLogin(p: CauseParams): string {
  return p.text === undefined ? '' : ` The login of ${who(p)} was refused: ${quoted(p)}.`;
}

const DIRECT = option(
  'directConnection',
  'true',
  'To use this address alone, set directConnection=true in the connection string.',
);

export const MONGODB_HELLO_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_ONLY_HELLO: {
    what: (p) =>
      `${capital(serverText(p))} answered hello, and ${p.both === undefined ? 'the client left' : 'the connection was closed'} without a command, as monitoring connections and health checks do.`,
    why: ({ driver }) =>
      `If the application${driver === undefined ? '' : ` (${driver})`} reports an error, the client rejected the reply: its own error message says why.`,
    next: () => [],
    proof: 'hello was answered, and the client ended the connection without another command.',
    tellApart: 'The application works: it has other connections that log in.',
  },
  MONGO_SHUTTING_DOWN: {
    what: (p) =>
      p.text === undefined
        ? 'The server was stopped or restarted.'
        : `The server is shutting down: ${quoted(p)}.`,
    next: () => [
      step(
        'server-command',
        'Wait until the server is back, or use another member of the replica set or another mongos.',
      ),
    ],
    proof: 'Error 91 or 11600, or a text that says that the server is shutting down.',
    tellApart: 'All connections to the server end at the same moment, and new ones are refused for a while.',
  },
  MONGO_API_VERSION: {
    what: (p) =>
      `The server refused the Stable API request${p.apiVersion === undefined ? '' : ` (apiVersion ${p.apiVersion})`}: ${quoted(p)}.`,
    why: (p) =>
      p.missing === undefined
        ? 'Servers before 5.0 and some compatible products do not support apiVersion; with apiStrict a server refuses what is not part of that version.'
        : 'The server parameter requireApiVersion is on, and the client sent no apiVersion.',
    next: (p) =>
      p.missing === undefined
        ? [
            step(
              'client-option',
              "Remove serverApi (apiVersion, apiStrict) from the client's options, or use a server that supports it.",
            ),
          ]
        : [
            step('client-option', 'Set serverApi with version "1" in the client.'),
            step('server-command', 'Or switch off requireApiVersion on the server.', {
              snippet: 'db.adminCommand({setParameter: 1, requireApiVersion: false})',
            }),
          ],
    proof: 'Error 322, 323, 324, or a text that speaks of apiVersion.',
  },
  MONGO_OP_QUERY_REMOVED: {
    what: (p) =>
      `The client is too old for this server: ${driverText(p)} sent ${p.command} as OP_QUERY, which server 6.0 removed: ${quoted(p)}.`,
    next: () => [
      step(
        'client-option',
        'Update the driver to one that speaks OP_MSG (any that supports server 3.6 or later).',
      ),
    ],
    proof: 'Error 352 (UnsupportedOpQueryCommand).',
  },
  MONGO_KEYS_NOT_FOUND: {
    what: (p) => `The server cannot check cluster times because it found no signing keys: ${quoted(p)}.`,
    why: () =>
      'The member is new or cannot read admin.system.keys, or the client sends a cluster time of another cluster.',
    next: () => [
      step('server-command', 'Check that the config servers or the primary can be reached from this member.'),
      step('client-option', 'If the client was connected to another cluster before, restart it.'),
    ],
    proof: 'Error 211 (KeyNotFound).',
  },
  MONGO_HELLO_NEEDS_LOGIN: {
    what: (p) => `The server refused ${p.command} because the client is not authenticated: ${quoted(p)}.`,
    why: () => 'mongod and mongos answer hello without a login, so this is a proxy or another product.',
    next: () => [
      step(
        'ask',
        'Read how this product expects clients to log in, and connect to the server directly to compare.',
      ),
    ],
    proof: 'hello was refused with 13.',
  },
  MONGO_HELLO_REFUSED: {
    what: (p) => `The server refused ${p.command}: ${quoted(p)}.`,
    next: () => [SERVER_LOG],
    proof: 'hello was answered with this error.',
  },
  MONGO_WIRE_VERSION_TOO_OLD: {
    what: (p) =>
      `The server is too old for ${driverText(p)}: it speaks wire versions up to ${p.wire} (server ${p.server})${p.needed === undefined ? '' : `, and this driver needs ${p.needed} (server ${p.neededServer}) or later`}.`,
    next: (p) => [
      step('client-option', `Use an older driver that supports server ${p.server}, or upgrade the server.`),
    ],
    proof:
      "The server's maxWireVersion is below what the driver named in hello accepts, and the client left after the reply.",
  },
  MONGO_WIRE_VERSION_TOO_NEW: {
    what: (p) =>
      `The server speaks wire versions from ${p.wire} on (server ${p.server}), which is too new for ${driverText(p)}.`,
    next: () => [step('client-option', 'Update the driver.')],
    proof: "The server's minWireVersion is above zero and the client left after the reply.",
  },
  MONGO_OLD_SERVER: {
    what: (p) =>
      `Connected to ${serverText(p)}, but it speaks wire versions up to ${p.wire} (server ${p.server}): current drivers refuse servers before ${p.neededServer}.`,
    next: (p) => [
      step('client-option', `Use a driver that supports server ${p.server}, or upgrade the server.`),
    ],
    proof:
      'The Connect Test could use the server, and its maxWireVersion is below what current drivers need.',
  },
  MONGO_NO_SERVICE_ID: {
    what: (p) =>
      `The client asked for a load balanced connection (loadBalanced=true), and ${serverText(p)} answered without a serviceId; the client left.`,
    why: () => 'Only Atlas Serverless and mongos with loadBalancerPort support load balancer mode.',
    next: () => [
      step(
        'client-option',
        'Remove loadBalanced=true from the connection string (also from the TXT record of mongodb+srv).',
      ),
      step('server-config', 'Or connect to the load balancer port of mongos (loadBalancerPort).'),
    ],
    proof: 'hello said loadBalanced: true, its reply has no serviceId, and the client left.',
  },
  MONGO_SET_NAME: {
    what: (p) =>
      p.setName === undefined
        ? 'The client expects a replica set (replicaSet=…), and this server is not a member of that set.'
        : `The client expects another replica set than "${p.setName}" (replicaSet=…).`,
    next: () => [step('client-option', 'Correct replicaSet in the connection string, or leave it out.')],
    proof:
      'The Connect Test was given a replicaSet that the server is not a member of; a capture does not show this option.',
    tellApart: "The client's own error names the replica set that it expected.",
  },
  MONGO_MEMBER_NAMES: {
    what: (p) =>
      p.stayed === undefined
        ? `${capital(serverText(p))} answered hello, and the client left: the replica set lists its members as ${p.hosts}, which does not include the address that the client used (${p.server}).`
        : `Connected to ${serverText(p)}, but its replica set lists its members as ${p.hosts}, which does not include the address that was used (${p.server}).`,
    why: () =>
      'A driver connects to the names in this list instead of the address it was given. If they cannot be resolved or reached from the client, it finds no server.',
    next: () => [
      DIRECT,
      step('network', 'Make these names resolve to reachable addresses on the client.'),
      step('server-command', 'Or give the members names that clients can resolve.', {
        snippet: 'cfg = rs.conf(); cfg.members[0].host = "<name>:<port>"; rs.reconfig(cfg)',
      }),
    ],
    proof: 'hosts in the reply does not contain the address that was used, and the client left after hello.',
    tellApart: 'The application reports ENOTFOUND or a server selection timeout for these names.',
  },
  MONGO_NOT_INITIATED: {
    what: (p) =>
      `The server belongs to a replica set that was never initiated${p.info === undefined ? '' : `: "${p.info}"`}.${refusedLogin(p)}`,
    why: () =>
      'Before the set is initiated there is no primary and there are no users, so no login is possible.',
    next: () => [
      step('server-command', 'Initiate the replica set on this member.', { snippet: 'rs.initiate()' }),
      step('server-config', 'Or remove replication.replSetName, if it should be a standalone server.'),
    ],
    proof: 'hello says isreplicaset: true and names no set.',
  },
  MONGO_ARBITER: {
    what: (p) =>
      `The server is an arbiter${p.setName === undefined ? '' : ` of ${p.setName}`}: it holds no data and no users, so applications cannot log in or read from it.${refusedLogin(p)}`,
    next: () => [
      step(
        'client-option',
        'Name a data-bearing member in the connection string, and leave out directConnection=true.',
      ),
    ],
    proof: 'hello says arbiterOnly: true.',
  },
  MONGO_MEMBER_UNAVAILABLE: {
    what: (p) =>
      `The server is a member of ${p.setName} that is neither primary nor secondary now (starting, recovering, or rolling back).${refusedLogin(p)}`,
    why: ({ info }) => (info === undefined ? null : `It says: "${info}".`),
    next: () => [
      step('server-command', 'Check its state; it may only need time to catch up.', {
        snippet: 'rs.status()',
      }),
      step('client-option', 'Name other members in the connection string, too.'),
    ],
    proof: 'hello names a set, and neither isWritablePrimary, secondary nor arbiterOnly is true.',
  },
  MONGO_HIDDEN_MEMBER: {
    what: (p) => `The server is a hidden member of ${p.setName}, which drivers do not use; the client left.`,
    next: () => [step('client-option', 'Name visible members of the set in the connection string.'), DIRECT],
    proof: 'hello says hidden: true, and the client left after it.',
  },
  MONGO_NO_PRIMARY: {
    what: (p) => `The replica set ${p.setName} has no primary that ${serverText(p)} knows of.`,
    why: () => 'Without a primary all writes fail, and so do reads that are not sent to secondaries.',
    next: () => [
      step(
        'server-command',
        'Find out why no primary is elected: a majority of the members must be up and reach each other.',
        {
          snippet: 'rs.status()',
        },
      ),
      option(
        'readPreference',
        'secondaryPreferred',
        'For reads only: set readPreference=secondaryPreferred.',
      ),
    ],
    proof: 'hello of a secondary names no primary.',
  },
};
