import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import mongodb3 from 'mongodb3';
import type { Recording } from '../../src/inspect/recording';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import type { IssuedCertificate } from '../../src/lab/certificates';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import { RecordingProxy } from './proxy';
import type { Story } from './story';

interface Login {
  readonly user: string;
  readonly password?: string;
  readonly mechanism?: string;
}

/** Drivers by the major version of the npm package `mongodb`. */
const DRIVERS = { current: loginCurrent, 3: loginVersion3 } as const;

interface MongoStory {
  readonly name: string;
  readonly says: string;
  readonly driver: keyof typeof DRIVERS;
  readonly login: Login;
  readonly tls?: boolean;
  /** Common name of a client certificate, and whether there is a user for it: MONGODB-X509 in TLS 1.2, where it crosses in the clear. */
  readonly certificate?: { readonly name: string; readonly user: boolean };
}

const STORIES: readonly MongoStory[] = [
  {
    name: 'mongo-scram-sha-256',
    says: 'the current driver, mechanism negotiated',
    driver: 'current',
    login: { user: 'app_user' },
  },
  {
    name: 'mongo-scram-sha-1',
    says: 'the current driver, SCRAM-SHA-1',
    driver: 'current',
    login: { user: 'sha1_user', mechanism: 'SCRAM-SHA-1' },
  },
  {
    name: 'mongo-wrong-password',
    says: 'the current driver with a wrong password: AuthenticationFailed',
    driver: 'current',
    login: { user: 'app_user', password: 'not-the-password' },
  },
  {
    name: 'mongo-tls-scram-keys',
    says: 'TLS from the first byte, SCRAM-SHA-256, with the session secrets',
    driver: 'current',
    login: { user: 'app_user' },
    tls: true,
  },
  {
    name: 'mongo-tls12-x509',
    says: 'MONGODB-X509 in TLS 1.2: the client certificate crosses in the clear; with the session secrets',
    driver: 'current',
    login: { user: '', mechanism: 'MONGODB-X509' },
    tls: true,
    certificate: { name: 'app_client', user: true },
  },
  {
    name: 'mongo-tls12-x509-no-user',
    says: 'the same with a certificate that no user is named for: AuthenticationFailed',
    driver: 'current',
    login: { user: '', mechanism: 'MONGODB-X509' },
    tls: true,
    certificate: { name: 'stranger', user: false },
  },
  {
    name: 'mongo3-cr',
    says: 'driver 3.7 with MONGODB-CR: getnonce and authenticate',
    driver: 3,
    login: { user: 'cr_user', mechanism: 'MONGODB-CR' },
  },
  {
    name: 'mongo3-cr-wrong-password',
    says: 'driver 3.7 with MONGODB-CR and a wrong password',
    driver: 3,
    login: { user: 'cr_user', password: 'not-the-password', mechanism: 'MONGODB-CR' },
  },
  {
    name: 'mongo3-scram-sha-1',
    says: 'driver 3.7, SCRAM-SHA-1',
    driver: 3,
    login: { user: 'sha1_user', mechanism: 'SCRAM-SHA-1' },
  },
];

/** Records all MongoDB stories: real drivers against the lab's mongos. */
export async function* mongoStories(): AsyncGenerator<Story> {
  const release = os.release;
  // Drivers tell the server which kernel they run on; a fixture names no machine.
  os.release = () => '6.1.0';
  syncBuiltinESMExports();
  try {
    for (const story of STORIES) {
      const lab = await startMongoLab({ tls: story.tls });
      try {
        yield { name: story.name, says: story.says, recordings: await record(story, lab) };
      } finally {
        await lab.close();
      }
    }
  } finally {
    os.release = release;
    syncBuiltinESMExports();
  }
}

async function record(story: MongoStory, lab: MongoLab): Promise<Recording[]> {
  let keyLog = '';
  lab.onTrace((_trace, recording) => {
    keyLog += recording.keyLog;
  });
  const proxy = await RecordingProxy.start(lab.port, 'mongodb', 27017);
  try {
    const { certificate } = story;
    const client = certificate && (await lab.issueClient(certificate.name, { user: certificate.user }));
    const ca = story.tls ? lab.caCertificatePem : undefined;
    await DRIVERS[story.driver](proxy.port, story.login, ca, client);
    await proxy.stop();
    // The secrets are the server's: they are complete once it has said so of every connection.
    await lab.close();
    return proxy.recordings(keyLog);
  } finally {
    await proxy.stop();
  }
}

function uri(port: number, { user, password = LAB_PASSWORD, mechanism }: Login): string {
  const more = mechanism ? `&authMechanism=${mechanism}` : '';
  const account = user === '' ? '' : `${user}:${encodeURIComponent(password)}@`;
  const source = user === '' ? '$external' : 'admin';
  return `mongodb://${account}localhost:${port}/?authSource=${source}&directConnection=true${more}`;
}

/** What two generations of the driver have in common. */
interface AnyDriver {
  connect(): Promise<unknown>;
  db(name: string): { command(command: { ping: 1 }): Promise<unknown> };
  close(): Promise<void>;
}

/** Connects, runs one command and closes. Gives what it was refused with, undefined when it was let in. */
async function pinged(client: AnyDriver): Promise<Error | undefined> {
  try {
    await client.connect();
    await client.db('admin').command({ ping: 1 });
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await client.close();
  }
}

/** Logs in with the current driver and runs one command. Gives what it was refused with, undefined when it was let in. */
export async function loginCurrent(
  port: number,
  login: Login,
  ca?: string,
  client12?: IssuedCertificate,
): Promise<Error | undefined> {
  const client = new MongoClient(uri(port, login), {
    serverSelectionTimeoutMS: 5_000,
    maxPoolSize: 1,
    ...(ca ? { tls: true, ca } : {}),
    ...(client12 ? { cert: client12.certificate, key: client12.key, secureProtocol: 'TLSv1_2_method' } : {}),
  });
  return pinged(client);
}

/** The same with driver 3.7, which wants the authority's certificate in a file. */
export async function loginVersion3(port: number, login: Login, ca?: string): Promise<Error | undefined> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-driver-'));
  const tlsCAFile = path.join(folder, 'ca.crt');
  if (ca) writeFileSync(tlsCAFile, ca);
  const client = new mongodb3.MongoClient(uri(port, login), {
    useNewUrlParser: true,
    useUnifiedTopology: true,
    serverSelectionTimeoutMS: 5_000,
    poolSize: 1,
    ...(ca ? { tls: true, tlsCAFile } : {}),
  });
  try {
    return await pinged(client);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
