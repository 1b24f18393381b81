import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { Recording } from '../../src/inspect/recording';
import { makeServerCertificate } from '../../src/lab/certificates';
import { DATABASE, PostgresServer, ROLES } from './postgres-server';
import { RecordingProxy } from './proxy';
import { psql } from './psql';
import type { Story } from './story';

/** The name that fixtures know the server by; only the certificate and the SNI hold it. */
const HOST = 'db.example.test';

interface Machine {
  readonly server: PostgresServer;
  /** Folder of libpq 18. */
  readonly libpq: string;
}

type Run = (port: number, machine: Machine, keyLogFile: string) => Promise<unknown>;

interface PostgresStory {
  readonly name: string;
  readonly says: string;
  readonly ssl?: boolean;
  /** Put the session secrets into the file. */
  readonly keys?: boolean;
  readonly run: Run;
}

function target(port: number, user: string, more: string, database: string = DATABASE): string {
  return `host=${HOST} hostaddr=127.0.0.1 port=${port} user=${user} dbname=${database} ${more}`;
}

/** A run of psql with libpq 18. */
function withLibpq18(user: string, more: string, password?: string, database?: string): Run {
  return (port, { libpq, server }, keyLogFile) => {
    const text = more.replace('ROOT', server.rootCertificate).replace('KEYLOG', keyLogFile);
    return psql(target(port, user, text, database), { libpq, password });
  };
}

const { scram, md5, trust, clear, unlisted } = ROLES;

const STORIES_18: readonly PostgresStory[] = [
  {
    name: 'pg18-tls-scram-keys',
    says: 'verify-full, TLS 1.3, SCRAM-SHA-256-PLUS, with the session secrets',
    keys: true,
    run: withLibpq18(scram.user, 'sslmode=verify-full sslrootcert=ROOT sslkeylogfile=KEYLOG', scram.password),
  },
  {
    name: 'pg18-tls-scram',
    says: 'the same without the secrets: encrypted',
    run: withLibpq18(scram.user, 'sslmode=verify-full sslrootcert=ROOT', scram.password),
  },
  {
    name: 'pg18-direct-tls-keys',
    says: 'sslnegotiation=direct, ALPN postgresql, with the session secrets',
    keys: true,
    run: withLibpq18(
      scram.user,
      'sslmode=require sslnegotiation=direct sslkeylogfile=KEYLOG',
      scram.password,
    ),
  },
  {
    name: 'pg18-wrong-password-prefer',
    says: 'a wrong password under sslmode=prefer: two failed logins, the first inside TLS (with its secrets)',
    keys: true,
    run: withLibpq18(scram.user, 'sslmode=prefer sslkeylogfile=KEYLOG', 'not-the-password'),
  },
  {
    name: 'pg18-untrusted-certificate',
    says: 'verify-ca against a certificate of another authority: the client sends an alert',
    run: async (port, { libpq }) => {
      const other = await makeServerCertificate();
      const folder = mkdtempSync(path.join(tmpdir(), 'handshake-ca-'));
      try {
        const file = path.join(folder, 'other-ca.crt');
        writeFileSync(file, other.caCertificate);
        await psql(target(port, scram.user, `sslmode=verify-ca sslrootcert=${file}`), {
          libpq,
          password: scram.password,
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  {
    name: 'pg18-no-hba-entry',
    says: 'no pg_hba.conf entry for the role, under sslmode=disable',
    run: withLibpq18(unlisted.user, 'sslmode=disable'),
  },
  {
    name: 'pg18-unknown-database',
    says: 'authentication succeeds, the database does not exist',
    run: withLibpq18(scram.user, 'sslmode=disable', scram.password, 'no_such_database'),
  },
  {
    name: 'pg18-protocol-3-2',
    says: 'max_protocol_version=latest: protocol 3.2 with a long cancel key',
    run: withLibpq18(scram.user, 'sslmode=disable max_protocol_version=latest', scram.password),
  },
  {
    name: 'pg18-md5',
    says: 'md5 password',
    run: withLibpq18(md5.user, 'sslmode=disable', md5.password),
  },
  {
    name: 'pg18-cleartext-password',
    says: 'password in the clear',
    run: withLibpq18(clear.user, 'sslmode=disable', clear.password),
  },
  { name: 'pg18-trust', says: 'no authentication asked', run: withLibpq18(trust.user, 'sslmode=disable') },
  {
    name: 'pg18-cancel',
    says: 'a query cancelled: CancelRequest on a second connection',
    run: (port, { libpq }) =>
      psql(target(port, trust.user, 'sslmode=disable'), {
        libpq,
        command: 'SELECT pg_sleep(10)',
        interruptAfterMs: 700,
      }),
  },
  {
    name: 'pg18-node-pg-scram',
    says: 'the npm client pg, without TLS',
    run: async (port) => {
      const client = new Client({
        host: '127.0.0.1',
        port,
        user: scram.user,
        password: scram.password,
        database: DATABASE,
        ssl: false,
      });
      await client.connect();
      await client.end();
    },
  },
  {
    name: 'pg18-ssl-off-prefer',
    says: 'the server has no TLS, sslmode=prefer: N, then plain on the same connection',
    ssl: false,
    run: withLibpq18(scram.user, 'sslmode=prefer', scram.password),
  },
  {
    name: 'pg18-ssl-off-require',
    says: 'the server has no TLS, sslmode=require: N, and the client gives up',
    ssl: false,
    run: withLibpq18(scram.user, 'sslmode=require', scram.password),
  },
];

const STORIES_OLDER: readonly PostgresStory[] = [
  {
    name: 'pg15-scram',
    says: "the operating system's server and libpq, without TLS",
    run: (port) => psql(target(port, scram.user, 'sslmode=disable'), { password: scram.password }),
  },
  {
    name: 'pg15-negotiate-3-2',
    says: 'libpq 18 asks an older server for protocol 3.2: NegotiateProtocolVersion',
    run: withLibpq18(scram.user, 'sslmode=disable max_protocol_version=latest', scram.password),
  },
];

/** Records all PostgreSQL stories, one server at a time. */
export async function* postgresStories(
  bin18: string,
  libpq: string,
  binOlder: string,
): AsyncGenerator<Story> {
  const certificate = await makeServerCertificate({ names: [HOST] });
  for (const [bin, stories] of [
    [bin18, STORIES_18],
    [binOlder, STORIES_OLDER],
  ] as const) {
    const server = await PostgresServer.start(bin, { certificate });
    try {
      let ssl = true;
      for (const story of stories) {
        const wanted = story.ssl ?? true;
        if (wanted !== ssl) await server.setSsl(wanted);
        ssl = wanted;
        yield { name: story.name, says: story.says, recordings: await record(story, { server, libpq }) };
      }
    } finally {
      await server.stop();
    }
  }
}

async function record(story: PostgresStory, machine: Machine): Promise<Recording[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handshake-record-'));
  const keyLogFile = path.join(folder, 'keys');
  const proxy = await RecordingProxy.start(machine.server.port, 'postgres', 5432);
  try {
    await story.run(proxy.port, machine, keyLogFile);
    await proxy.stop();
    if (story.keys && !existsSync(keyLogFile)) throw new Error(`${story.name}: the client wrote no secrets`);
    return proxy.recordings(story.keys ? readFileSync(keyLogFile, 'utf8') : '');
  } finally {
    await proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
