import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unprivilegedUser } from '../../scripts/toolchain/index.mjs';
import { freePort } from '../support/free-port';
import { accountsSql, DATABASE, KEY_PASSWORD, pgHba, READ_ONLY_DATABASE } from './accounts';
import { Authority, type Issued, sealed, selfSigned, serialNumberOf } from './certificates';
import { PASSWORDS, SERVICES, SYSTEM_SERVICES } from './tables/environment';

const execute = promisify(execFile);

/** Names that the good certificate holds. */
export const NAMES = ['localhost', '*.example.test', '127.0.0.1'] as const;

type CertificateKind = 'good' | 'other-name' | 'expired' | 'self-signed' | 'common-name';

interface Kind {
  readonly version: 15 | 18;
  /** Without it SSL is off. */
  readonly certificate?: CertificateKind;
  /** Lines for postgresql.conf. */
  readonly config?: readonly string[];
  /** Starts in recovery and stays there. */
  readonly standby?: boolean;
}

/** Trusts the clients' authority, and so asks every client for a certificate. */
const ASKS = "ssl_ca_file = 'clients.crt'";

/** The servers of the suite. All share their roles and pg_hba.conf. */
const KINDS = {
  on18: { version: 18, certificate: 'good' },
  off18: { version: 18 },
  name18: { version: 18, certificate: 'other-name' },
  cn18: { version: 18, certificate: 'common-name' },
  expired18: { version: 18, certificate: 'expired' },
  selfsigned18: { version: 18, certificate: 'self-signed' },
  /** Its certificate is in `revoked.crl`. */
  revoked18: { version: 18, certificate: 'good' },
  asks18: { version: 18, certificate: 'good', config: [ASKS] },
  tls12: { version: 18, certificate: 'good', config: ['ssl_max_protocol_version = TLSv1.2', ASKS] },
  tls13: { version: 18, certificate: 'good', config: ['ssl_min_protocol_version = TLSv1.3'] },
  standby18: { version: 18, certificate: 'good', standby: true },
  /** Answers 57P03. */
  recovering18: { version: 18, certificate: 'good', standby: true, config: ['hot_standby = off'] },
  on15: { version: 15, certificate: 'good' },
  off15: { version: 15 },
  asks15: { version: 15, certificate: 'good', config: [ASKS] },
  standby15: { version: 15, certificate: 'good', standby: true },
} as const satisfies Record<string, Kind>;

export type ServerName = keyof typeof KINDS;

export interface RunningServer {
  readonly port: number;
  /** Path of its Unix socket. */
  readonly socket: string;
}

/** Files that options name. */
export interface Files {
  readonly folder: string;
  /** The authority of the servers' certificates. */
  readonly root: string;
  /** Another authority. */
  readonly otherRoot: string;
  readonly missing: string;
  /** Not a certificate. */
  readonly garbage: string;
}

/** Every server of the suite, started once: one cluster for each version, copied for each configuration. */
export class Servers {
  readonly #processes: ChildProcess[] = [];
  readonly #running = new Map<string, RunningServer>();
  readonly #log = new Map<string, string>();
  readonly #kill = () => {
    for (const child of this.#processes) child.kill('SIGQUIT');
  };

  private constructor(
    readonly folder: string,
    private readonly bins: Readonly<Record<15 | 18, string>>,
    readonly files: Files,
    private readonly authority: Authority,
  ) {
    process.once('exit', this.#kill);
  }

  static async start(bins: Readonly<Record<15 | 18, string>>): Promise<Servers> {
    const folder = mkdtempSync(path.join(tmpdir(), 'handshake-parity-'));
    chmodSync(folder, 0o755);
    const authority = await Authority.create('Parity CA');
    const servers = new Servers(folder, bins, await makeFiles(folder, authority), authority);
    try {
      await all(([18, 15] as const).map((version) => servers.#startVersion(version)));
      return servers;
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  get(name: ServerName): RunningServer {
    const found = this.#running.get(name);
    if (!found) throw new Error(`${name} does not run`);
    return found;
  }

  /** What the server wrote to its log. */
  log(name: ServerName): string {
    return this.#log.get(name) ?? '';
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    await Promise.all(this.#processes.map(stopProcess));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #startVersion(version: 15 | 18): Promise<void> {
    const template = path.join(this.folder, `template${version}`);
    const owner = ownerOnly();
    mkdirSync(template);
    own(template);
    chmodSync(template, 0o700);
    await execute(
      path.join(this.bins[version], 'initdb'),
      [
        '-D',
        template,
        '-U',
        'postgres',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
        '--wal-segsize=1',
      ],
      { cwd: this.folder, env: serverEnvironment(), ...owner },
    );
    await this.#singleUser(version, template, `${accountsSql()}\n`);
    writeOwned(path.join(template, 'pg_hba.conf'), pgHba());
    const kinds = Object.entries<Kind>(KINDS).filter(([, kind]) => kind.version === version);
    await all(kinds.map(([name, kind]) => this.#startServer(name, kind, template)));
  }

  /** Runs SQL on a cluster that no server has open. */
  async #singleUser(version: 15 | 18, data: string, sql: string): Promise<void> {
    const child = spawn(
      path.join(this.bins[version], 'postgres'),
      ['--single', '-j', '-F', '-D', data, 'postgres'],
      {
        cwd: this.folder,
        env: serverEnvironment(),
        stdio: ['pipe', 'ignore', 'pipe'],
        ...ownerOnly(),
      },
    );
    let log = '';
    child.stderr?.on('data', (text: Buffer) => {
      log += text.toString();
    });
    const statements = [
      ...sql.split('\n'),
      `CREATE DATABASE ${DATABASE};`,
      `CREATE DATABASE ${READ_ONLY_DATABASE};`,
      `ALTER DATABASE ${READ_ONLY_DATABASE} SET default_transaction_read_only = on;`,
    ].filter((line) => line.trim() !== '');
    // With -j a statement ends at a semicolon followed by an empty line.
    child.stdin?.end(`${statements.join('\n\n')}\n\n`);
    const status = await new Promise((resolve) => child.once('exit', resolve));
    if (status !== 0 || /ERROR|FATAL/.test(log)) throw new Error(`the roles could not be made:\n${log}`);
  }

  async #startServer(name: string, kind: Kind, template: string): Promise<void> {
    const data = path.join(this.folder, name);
    await execute('cp', ['-a', template, data]);
    const port = await freePort();
    const socketFolder = path.join(this.folder, `${name}-socket`);
    mkdirSync(socketFolder);
    own(socketFolder);
    const lines = [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${socketFolder}'`,
      'fsync = off',
      'shared_buffers = 4MB',
      'autovacuum = off',
      ...(kind.certificate ? ['ssl = on'] : []),
      ...(kind.config ?? []),
    ];
    if (kind.certificate) {
      const { certificate, key } = await this.#certificate(kind.certificate);
      if (name === 'revoked18') {
        const list = await this.authority.revoke([serialNumberOf(certificate)]);
        writeFileSync(path.join(this.files.folder, 'revoked.crl'), list);
        await makeListFolders(this.files.folder);
      }
      writeOwned(path.join(data, 'server.crt'), certificate);
      writeOwned(path.join(data, 'server.key'), key, 0o600);
      writeOwned(path.join(data, 'clients.crt'), readFileSync(this.files.root, 'utf8'));
    }
    writeOwned(path.join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`);
    if (kind.standby) writeOwned(path.join(data, 'standby.signal'), '');
    await this.#launch(name, kind, data);
    this.#running.set(name, { port, socket: path.join(socketFolder, `.s.PGSQL.${port}`) });
  }

  #certificate(kind: CertificateKind): Promise<Issued> {
    const { authority } = this;
    switch (kind) {
      case 'other-name':
        return authority.issue({ commonName: 'other.example.net', names: ['other.example.net'] });
      case 'common-name':
        return authority.issue({ commonName: 'localhost' });
      case 'expired':
        return authority.issue({ commonName: 'localhost', names: NAMES, expired: true });
      case 'self-signed':
        return selfSigned(NAMES);
      default:
        return authority.issue({ commonName: 'localhost', names: NAMES });
    }
  }

  async #launch(name: string, kind: Kind, data: string): Promise<void> {
    const child = spawn(path.join(this.bins[kind.version], 'postgres'), ['-D', data], {
      cwd: this.folder,
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      ...ownerOnly(),
    });
    this.#processes.push(child);
    const refuses = kind.config?.includes('hot_standby = off') ?? false;
    const up = refuses
      ? /entering standby mode|consistent recovery state/
      : /ready to accept (read-only )?connections/;
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (text: Buffer) => {
        const log = ((this.#log.get(name) ?? '') + text.toString()).slice(-65_536);
        this.#log.set(name, log);
        if (up.test(log)) resolve();
      });
      child.once('exit', () => reject(new Error(`${name} did not start:\n${this.log(name as ServerName)}`)));
    });
  }
}

/** Waits for all before it rejects: nothing may still write into a folder that is about to be removed. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

async function makeFiles(folder: string, authority: Authority): Promise<Files> {
  const file = (name: string) => path.join(folder, name);
  const files: Files = {
    folder,
    root: file('root.crt'),
    otherRoot: file('other.crt'),
    missing: file('missing.crt'),
    garbage: file('garbage.crt'),
  };
  const other = await Authority.create('Other CA');
  writeFileSync(files.root, authority.certificate);
  writeFileSync(files.otherRoot, other.certificate);
  writeFileSync(files.garbage, 'this is no certificate\n');
  const clients: readonly (readonly [string, Issued])[] = [
    ['client', await authority.issue({ commonName: 'cert_user' })],
    ['stranger', await other.issue({ commonName: 'cert_user' })],
    ['somebody', await authority.issue({ commonName: 'somebody' })],
  ];
  for (const [name, { certificate, key }] of clients) {
    writeFileSync(file(`${name}.crt`), certificate);
    writeFileSync(file(`${name}.key`), key, { mode: 0o600 });
  }
  writeFileSync(file('sealed.key'), sealed(clients[0][1].key, KEY_PASSWORD), { mode: 0o600 });
  writeFileSync(file('nobody.crl'), await authority.revoke([]));
  writeFileSync(file('other.crl'), await other.revoke([]));
  writeFileSync(file('services'), SERVICES);
  writeFileSync(file('pg_service.conf'), SYSTEM_SERVICES);
  writeFileSync(file('passwords'), PASSWORDS, { mode: 0o600 });
  writeFileSync(file('open-passwords'), PASSWORDS);
  chmodSync(file('open-passwords'), 0o644);
  writeFileSync(file('nokey.key'), 'this is no key\n', { mode: 0o600 });
  writeFileSync(file('open.key'), clients[0][1].key);
  chmodSync(file('open.key'), 0o644);
  return files;
}

/** Folders of revocation lists, as `openssl rehash` makes them: named after the lists that are in them. */
async function makeListFolders(folder: string): Promise<void> {
  const list = (name: string) => path.join(folder, `${name}.crl`);
  const hash = async (name: string) => {
    const { stdout } = await execute('openssl', ['crl', '-hash', '-noout', '-in', list(name)]);
    return stdout.trim();
  };
  const folders: Readonly<Record<string, readonly string[]>> = {
    'lists-revoked': ['revoked'],
    'lists-nobody': ['nobody'],
    'lists-other': ['other'],
    'lists-both': ['nobody', 'other'],
    'lists-empty': [],
  };
  for (const [name, lists] of Object.entries(folders)) {
    mkdirSync(path.join(folder, name));
    for (const one of lists) copyFileSync(list(one), path.join(folder, name, `${await hash(one)}.r0`));
  }
  mkdirSync(path.join(folder, 'lists-unhashed'));
  copyFileSync(list('nobody'), path.join(folder, 'lists-unhashed', 'nobody.crl'));
  mkdirSync(path.join(folder, 'lists-misnamed'));
  copyFileSync(list('nobody'), path.join(folder, 'lists-misnamed', `${await hash('other')}.r0`));
}

/** Environment of a server: nothing of ours that would change what it does. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function ownerOnly(): { uid?: number; gid?: number } {
  const owner = unprivilegedUser();
  return owner ? { uid: owner.uid, gid: owner.gid } : {};
}

function own(file: string): void {
  const { uid, gid } = ownerOnly();
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
}

function writeOwned(file: string, text: string, mode = 0o644): void {
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  own(file);
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGQUIT');
  await ended;
}
