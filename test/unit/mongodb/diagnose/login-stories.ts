/** Refused logins. */
import type { CauseCode } from '../../../../src/diagnosis/catalogue';
import type { TlsFacts } from '../../../../src/tls/events';
import { noTlsEvidence } from '../../../../src/tls/evidence';
import type { Watcher as Watching } from '../observe';
import { Watcher } from '../observe';
import { CLIENT, SERVER } from '../refusal-stories';
import { ask, type Line, say } from '../story';
import { type CauseStory, challenge, hello, login, MONGOD, proof, refuse, start, talk } from './story';

const wrong = () => refuse(18, 'Authentication failed.');
const asked = { saslSupportedMechs: 'admin.app_user' };
const cr = (): Line[] => [
  ask({ getnonce: 1 }),
  say({ nonce: 'ab' }),
  ask({ authenticate: 1, user: 'app_user', nonce: 'ab', key: 'k' }),
];

/** One answer to a first step. */
function answered(
  mechanism: string,
  db: string,
  code: number,
  words: string,
  payload?: string,
): () => Watching {
  return () => talk(hello(), start(mechanism, db, payload), refuse(code, words));
}

/** A story whose near miss differs in what the server said. */
function byText(
  code: CauseCode,
  [mechanism, db, number, words]: readonly [string, string, number, string],
  [otherCode, otherNumber, otherWords]: readonly [CauseCode, number, string],
): CauseStory {
  return {
    code,
    name: `${number} ${words}`,
    outcome: 'failed',
    params: { code: number, text: words },
    told: answered(mechanism, db, number, words),
    near: [
      {
        name: `${otherNumber} ${otherWords}`,
        code: otherCode,
        told: answered(mechanism, db, otherNumber, otherWords),
      },
    ],
  };
}

interface X509Login {
  readonly facts?: TlsFacts;
  readonly user?: string;
  readonly db?: string;
  readonly secure?: boolean;
  readonly reply?: readonly [number, string];
  /** Whether the server asked for a certificate. */
  readonly requested?: boolean | null;
  /** Whose bytes are missing. */
  readonly lacks?: 'client' | 'server' | null;
}

function x509({
  facts = {},
  user,
  db = '$external',
  secure = true,
  reply = [18, 'Authentication failed.'],
  requested = null,
  lacks = null,
}: X509Login) {
  return () => {
    const watcher = new Watcher(secure);
    for (const from of ['client', 'server'] as const) watcher.open(from);
    if (secure) {
      watcher.observer.handleTlsFacts({ version: 'TLSv1.3', established: true, ...facts });
      watcher.wire.evidence.tls = { ...noTlsEvidence(), certificateRequested: requested };
    }
    if (lacks !== null) watcher.gap(lacks);
    const command = { authenticate: 1, mechanism: 'MONGODB-X509', ...(user === undefined ? {} : { user }) };
    const [asks, says] = [ask(command, db), refuse(...reply)];
    watcher.bytes(...asks);
    watcher.bytes(...says);
    return watcher;
  };
}

const BOTH = { certificates: [SERVER], clientCertificates: [CLIENT] };
const ATLAS = (code: CauseCode, words: string): CauseStory =>
  byText(code, ['SCRAM-SHA-1', 'admin', 8_000, words], ['MONGO_ATLAS_ERROR', 8_000, 'something happened']);

export const LOGIN_STORIES: readonly CauseStory[] = [
  {
    code: 'MONGO_PROOF_REFUSED',
    name: 'a wrong password',
    outcome: 'failed',
    params: { user: 'app_user', database: 'admin', mechanism: 'SCRAM-SHA-256', code: 18 },
    told: () => talk(hello(), start(), challenge(), proof(), wrong()),
    near: [
      {
        name: 'before the proof',
        code: 'MONGO_REFUSED_BEFORE_PROOF',
        told: () => talk(hello(), start(), wrong()),
      },
      {
        name: 'another code',
        code: 'MONGO_LOGIN_REFUSED',
        told: () => talk(hello(), start(), challenge(), proof(), refuse(1, 'internal error')),
      },
    ],
  },
  {
    code: 'MONGO_REFUSED_BEFORE_PROOF',
    name: 'refused at the first step',
    outcome: 'failed',
    told: () => talk(hello(), start(), wrong()),
    near: [
      {
        name: 'the challenge may be in a hole',
        code: 'MONGO_PROOF_REFUSED',
        told: () => {
          const watcher = talk(hello(), start());
          watcher.gap('server');
          watcher.bytes(...wrong());
          return watcher;
        },
      },
    ],
  },
  {
    code: 'MONGO_PLACEHOLDER',
    name: '<user> was left in',
    outcome: 'failed',
    params: { user: '<user>' },
    told: answered('SCRAM-SHA-1', 'admin', 18, 'Authentication failed.', 'n,,n=<user>,r=abcdef'),
    near: [
      {
        name: 'half a bracket',
        code: 'MONGO_REFUSED_BEFORE_PROOF',
        told: answered('SCRAM-SHA-1', 'admin', 18, 'Authentication failed.', 'n,,n=<user,r=abcdef'),
      },
    ],
  },
  {
    code: 'MONGO_USER_NOT_LISTED',
    name: 'no mechanisms of this user',
    outcome: 'failed',
    params: { asked: 'admin.app_user' },
    told: () => talk(hello(MONGOD, asked), start(), challenge(), proof(), wrong()),
    near: [
      {
        name: 'they were listed',
        code: 'MONGO_PROOF_REFUSED',
        told: () =>
          talk(
            hello({ ...MONGOD, saslSupportedMechs: ['SCRAM-SHA-256'] }, asked),
            start(),
            challenge(),
            proof(),
            wrong(),
          ),
      },
      {
        name: 'a server that cannot list',
        code: 'MONGO_PROOF_REFUSED',
        told: () =>
          talk(
            hello({ ...MONGOD, maxWireVersion: 6 }, asked),
            start('SCRAM-SHA-1'),
            challenge(),
            proof(),
            wrong(),
          ),
      },
    ],
  },
  byText(
    'MONGO_USER_UNKNOWN',
    ['SCRAM-SHA-1', 'admin', 11, 'Could not find user app_user@admin'],
    ['MONGO_LOGIN_REFUSED', 10, 'no'],
  ),
  {
    code: 'MONGO_USER_LACKS_MECHANISM',
    name: 'another mechanism is listed',
    outcome: 'failed',
    params: { listed: 'SCRAM-SHA-1', mechanism: 'SCRAM-SHA-256' },
    told: () => talk(hello({ ...MONGOD, saslSupportedMechs: ['SCRAM-SHA-1'] }, asked), start(), wrong()),
    near: [
      {
        name: 'it is listed',
        code: 'MONGO_REFUSED_BEFORE_PROOF',
        told: () =>
          talk(hello({ ...MONGOD, saslSupportedMechs: ['SCRAM-SHA-256'] }, asked), start(), wrong()),
      },
    ],
  },
  {
    code: 'MONGO_WRONG_AUTH_SOURCE',
    name: 'hello found the user elsewhere',
    outcome: 'failed',
    params: { found: 'shop', database: 'admin' },
    told: () =>
      talk(
        hello({ ...MONGOD, saslSupportedMechs: ['SCRAM-SHA-256'] }, { saslSupportedMechs: 'shop.app_user' }),
        start(),
        wrong(),
      ),
    near: [
      {
        name: 'hello asked about another user',
        code: 'MONGO_REFUSED_BEFORE_PROOF',
        told: () =>
          talk(
            hello({ ...MONGOD, saslSupportedMechs: ['SCRAM-SHA-256'] }, { saslSupportedMechs: 'shop.other' }),
            start(),
            wrong(),
          ),
      },
    ],
  },
  {
    code: 'MONGO_CR_REFUSED',
    name: 'MONGODB-CR at server 3.4',
    outcome: 'failed',
    told: () => talk(hello({ ...MONGOD, maxWireVersion: 5 }), cr(), wrong()),
    near: [
      {
        name: 'at server 2.6',
        code: 'MONGO_PROOF_REFUSED',
        told: () => talk(hello({ ...MONGOD, maxWireVersion: 2 }), cr(), wrong()),
      },
    ],
  },
  {
    code: 'MONGO_CR_REMOVED',
    name: 'getnonce is not known',
    outcome: 'failed',
    told: () => talk(hello(), ask({ getnonce: 1 }), refuse(59, "no such command: 'getnonce'")),
    near: [
      {
        name: 'saslStart is not',
        code: 'MONGO_NO_LOGIN_COMMANDS',
        told: () => talk(hello(), start(), refuse(59, "no such command: 'saslStart'")),
      },
    ],
  },
  {
    code: 'MONGO_NO_LOGIN_COMMANDS',
    name: 'no saslStart although the server is new',
    outcome: 'failed',
    params: { server: '4.0' },
    told: () =>
      talk(hello({ ...MONGOD, maxWireVersion: 7 }), start(), refuse(59, "no such command: 'saslStart'")),
    near: [
      {
        name: 'because it is old',
        code: 'MONGO_MECHANISM_TOO_NEW',
        told: () => talk(hello({}), start('SCRAM-SHA-1'), say({ ok: 0, errmsg: 'no such cmd: saslStart' })),
      },
    ],
  },
  {
    code: 'MONGO_MECHANISM_TOO_NEW',
    name: 'SCRAM-SHA-256 at server 3.6',
    outcome: 'failed',
    params: { since: '4.0', server: '3.6' },
    told: () =>
      talk(
        hello({ ...MONGOD, maxWireVersion: 6 }),
        start(),
        refuse(2, 'Unsupported mechanism SCRAM-SHA-256'),
      ),
    near: [
      {
        name: 'at server 7.0',
        code: 'MONGO_MECHANISM_NOT_ENABLED',
        told: () => talk(hello(), start(), refuse(2, 'Unsupported mechanism SCRAM-SHA-256')),
      },
    ],
  },
  // DocumentDB; the same code refuses retryable writes.
  byText(
    'MONGO_MECHANISM_NOT_ENABLED',
    ['SCRAM-SHA-256', 'admin', 301, 'Unsupported mechanism [ -301 ]'],
    ['MONGO_RETRYABLE_WRITES', 301, 'Retryable writes are not supported'],
  ),
  byText(
    'MONGO_ADDRESS_REFUSED',
    [
      'SCRAM-SHA-256',
      'admin',
      13,
      'Request originated from IP 192.0.2.7 through public internet. This is blocked by your Cosmos DB account firewall settings.',
    ],
    ['MONGO_LOGIN_REFUSED', 13, 'not authorized on admin to execute command'],
  ),
  byText(
    'MONGO_MECHANISM_NOT_ENABLED',
    ['PLAIN', 'admin', 18, 'Unsupported authentication mechanism "PLAIN".'],
    ['MONGO_LDAP_REFUSED', 18, 'Authentication failed.'],
  ),
  {
    code: 'MONGO_EXTERNAL_USER_WITH_SCRAM',
    name: 'SCRAM in $external',
    outcome: 'failed',
    told: answered(
      'SCRAM-SHA-256',
      '$external',
      2,
      "Unsupported mechanism 'SCRAM-SHA-256' on authentication database '$external'",
    ),
    near: [
      {
        name: 'in admin',
        code: 'MONGO_REFUSED_BEFORE_PROOF',
        told: answered('SCRAM-SHA-256', 'admin', 18, 'Authentication failed.'),
      },
    ],
  },
  byText(
    'MONGO_CLUSTER_UNREACHABLE',
    [
      'SCRAM-SHA-256',
      'admin',
      133,
      'Could not find host matching read preference { mode: "primary" } for set config',
    ],
    ['MONGO_LOGIN_REFUSED', 134, 'Read concern majority not available yet'],
  ),
  byText(
    'MONGO_USER_LACKS_MECHANISM',
    [
      'SCRAM-SHA-256',
      'admin',
      334,
      'Unable to use SCRAM-SHA-256 based authentication for user without any SCRAM-SHA-256 credentials registered',
    ],
    [
      'MONGO_MECHANISM_NOT_ENABLED',
      334,
      'Received authentication for mechanism SCRAM-SHA-256 which is not enabled',
    ],
  ),
  byText(
    'MONGO_USER_LACKS_MECHANISM',
    [
      'SCRAM-SHA-256',
      'admin',
      2,
      'Unable to use SCRAM-SHA-256 based authentication for user without any SCRAM-SHA-256 credentials registered',
    ],
    ['MONGO_LOGIN_REFUSED', 31, 'Could not use "a name without any credentials"'],
  ),
  byText(
    'MONGO_AUTH_SCHEMA',
    ['SCRAM-SHA-1', 'admin', 69, 'schema version 1'],
    ['MONGO_LOGIN_REFUSED', 68, 'no'],
  ),
  byText(
    'MONGO_USER_DOCUMENT',
    ['SCRAM-SHA-1', 'admin', 45, 'no credentials'],
    ['MONGO_LOGIN_REFUSED', 68, 'no'],
  ),
  byText(
    'MONGO_SASL_SESSION_LOST',
    ['SCRAM-SHA-1', 'admin', 17, 'No SASL session state found'],
    ['MONGO_LOGIN_REFUSED', 16, 'no'],
  ),
  byText(
    'MONGO_OIDC_REFUSED',
    ['MONGODB-OIDC', '$external', 18, 'Authentication failed.'],
    ['MONGO_MECHANISM_NOT_ENABLED', 334, 'MONGODB-OIDC is not enabled'],
  ),
  byText(
    'MONGO_AWS_REFUSED',
    ['MONGODB-AWS', '$external', 18, 'Authentication failed.'],
    ['MONGO_MECHANISM_NOT_ENABLED', 334, 'not enabled'],
  ),
  byText(
    'MONGO_KERBEROS_REFUSED',
    ['GSSAPI', '$external', 18, 'Authentication failed.'],
    ['MONGO_MECHANISM_NOT_ENABLED', 334, 'not enabled'],
  ),
  byText(
    'MONGO_LDAP_REFUSED',
    ['PLAIN', '$external', 18, 'Authentication failed.'],
    ['MONGO_MECHANISM_NOT_ENABLED', 18, 'mechanism PLAIN is not supported'],
  ),
  ATLAS('MONGO_ATLAS_BAD_AUTH', 'bad auth : Authentication failed.'),
  ATLAS('MONGO_ATLAS_NO_SNI', 'no SNI name sent, make sure using a MongoDB 3.4+ driver/shell.'),
  ATLAS('MONGO_ATLAS_ADDRESS', 'connection from this IP address is not in the access list'),
  ATLAS('MONGO_ATLAS_PAUSED', 'cluster is paused'),
  byText(
    'MONGO_ATLAS_BAD_AUTH',
    ['SCRAM-SHA-1', 'admin', 8_000, 'bad auth : user "free" is unknown'],
    ['MONGO_ATLAS_TIER', 8_000, 'bad command : not on the free tier'],
  ),
  ATLAS('MONGO_ATLAS_TIER', 'getLog is not allowed in this atlas tier'),
  {
    code: 'MONGO_UNAUTHORIZED',
    name: 'in the words of Atlas',
    outcome: 'failed',
    params: { code: 8_000 },
    told: () =>
      talk(
        login(),
        ask({ insert: 'orders' }, 'shop'),
        refuse(8_000, 'user is not allowed to do action [insert] on [shop.orders]'),
      ),
    near: [
      {
        name: 'another text',
        code: 'MONGO_ATLAS_ERROR',
        told: answered('SCRAM-SHA-1', 'admin', 8_000, 'something happened'),
      },
    ],
  },
  byText(
    'MONGO_ATLAS_ERROR',
    ['SCRAM-SHA-1', 'admin', 8_000, 'something happened'],
    ['MONGO_LOGIN_REFUSED', 8_001, 'something happened'],
  ),
  byText(
    'MONGO_ACCOUNT_KEY',
    ['SCRAM-SHA-256', 'admin', 2, 'Invalid key'],
    ['MONGO_LOGIN_REFUSED', 2, 'invalid'],
  ),
  byText(
    'MONGO_LOGIN_REFUSED',
    ['SCRAM-SHA-256', 'admin', 1, 'internal error'],
    ['MONGO_REFUSED_BEFORE_PROOF', 18, 'internal error'],
  ),
  {
    code: 'MONGO_X509_WITHOUT_TLS',
    name: 'in the clear',
    outcome: 'failed',
    told: x509({ secure: false }),
    near: [{ name: 'inside TLS', code: 'MONGO_X509_UNSEEN', told: x509({}) }],
  },
  {
    code: 'MONGO_X509_SOURCE',
    name: 'another database',
    outcome: 'failed',
    params: { database: 'shop' },
    told: x509({ facts: BOTH, db: 'shop' }),
    near: [{ name: '$external', code: 'MONGO_X509_NO_USER', told: x509({ facts: BOTH }) }],
  },
  {
    code: 'MONGO_X509_NO_CERTIFICATE',
    name: 'asked for, and none sent',
    outcome: 'failed',
    told: x509({ facts: { certificates: [SERVER], clientCertificates: [] }, requested: true }),
    near: [
      {
        name: 'not asked for',
        code: 'MONGO_X509_NOT_ASKED',
        told: x509({ facts: { certificates: [SERVER] }, requested: false }),
      },
    ],
  },
  {
    code: 'MONGO_X509_NOT_ASKED',
    name: 'the server never asked',
    outcome: 'failed',
    told: x509({ facts: { certificates: [SERVER] }, requested: false }),
    near: [{ name: 'whether it asked is sealed', code: 'MONGO_X509_UNSEEN', told: x509({}) }],
  },
  {
    code: 'MONGO_X509_OTHER_SUBJECT',
    name: 'another user than the subject',
    outcome: 'failed',
    params: { user: 'CN=other', subject: CLIENT.subject, rewritten: 0 },
    told: x509({ facts: BOTH, user: 'CN=other' }),
    near: [
      { name: 'the subject', code: 'MONGO_X509_NO_USER', told: x509({ facts: BOTH, user: CLIENT.subject }) },
    ],
  },
  {
    code: 'MONGO_X509_MEMBER',
    name: 'a certificate of the cluster',
    outcome: 'failed',
    told: x509({
      facts: {
        certificates: [SERVER],
        clientCertificates: [{ ...CLIENT, subject: 'CN=app,OU=servers,O=Example' }],
      },
    }),
    near: [{ name: 'another OU', code: 'MONGO_X509_NO_USER', told: x509({ facts: BOTH }) }],
  },
  {
    code: 'MONGO_X509_NO_USER',
    name: 'nobody of this name',
    outcome: 'failed',
    params: { subject: CLIENT.subject, issuer: CLIENT.issuer },
    told: x509({ facts: BOTH }),
    near: [
      {
        name: 'another code',
        code: 'MONGO_LOGIN_REFUSED',
        told: x509({ facts: BOTH, reply: [1, 'internal error'] }),
      },
    ],
  },
  {
    code: 'MONGO_X509_UNSEEN',
    name: 'the certificate may be among missing bytes',
    outcome: 'failed',
    told: x509({ facts: { certificates: [SERVER] }, user: 'CN=app', lacks: 'client' }),
    near: [],
  },
  {
    code: 'MONGO_X509_UNSEEN',
    name: 'a sealed handshake',
    outcome: 'failed',
    told: x509({ user: 'CN=app' }),
    near: [
      {
        name: 'the certificate of the server was read, and no bytes are missing',
        code: 'MONGO_X509_NO_CERTIFICATE',
        told: x509({ facts: { certificates: [SERVER] }, user: 'CN=app' }),
      },
      {
        name: 'a readable one',
        code: 'MONGO_X509_OTHER_SUBJECT',
        told: x509({ facts: BOTH, user: 'CN=app' }),
      },
    ],
  },
];
