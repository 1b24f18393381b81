import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unprivilegedUser } from '../../scripts/toolchain/index.mjs';
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';
import { makeServerCertificate, type ServerCertificate } from '../../src/lab/certificates';
import { freePort } from '../support/free-port';

const execute = promisify(execFile);

/** The roles of every test server; the passwords are of no other use. */
export const ROLES = {
  superuser: 'postgres',
  scram: { user: 'app_user', password: 'app-password' },
  md5: { user: 'md5_user', password: 'md5-password' },
  trust: { user: 'trusted_user' },
  clear: { user: 'clear_user', password: 'clear-password' },
  /** No pg_hba.conf line is for this one. */
  unlisted: { user: 'unlisted_user' },
} as const;

export const DATABASE = 'appdb';

const HBA = `
local all postgres trust
host  all postgres 127.0.0.1/32 trust
host  all trusted_user all trust
host  all md5_user all md5
host  all clear_user all password
host  all app_user all scram-sha-256
`;

export interface ServerSettings {
  /** Names of the certificate; the default is localhost. */
  readonly certificate?: ServerCertificate;
  readonly ssl?: boolean;
  /** Text of pg_hba.conf. */
  readonly hba?: string;
  /** Asks clients for a certificate of the same authority. */
  readonly asksClients?: boolean;
}

/** A real PostgreSQL server in a folder of its own, on 127.0.0.1 and a free port. */
export class PostgresServer {
  readonly host = '127.0.0.1';
  #program: ReturnType<typeof spawnTethered> | undefined;
  #log = '';

  private constructor(
    readonly bin: string,
    readonly folder: string,
    readonly port: number,
    readonly certificate: ServerCertificate,
  ) {}

  /** What the server wrote to its log. */
  get log(): string {
    return this.#log;
  }

  /** Path of the authority's certificate. */
  get rootCertificate(): string {
    return path.join(this.folder, 'ca.crt');
  }

  static async start(bin: string, settings: ServerSettings = {}): Promise<PostgresServer> {
    const owner = unprivilegedUser();
    const folder = mkdtempSync(path.join(tmpdir(), 'handshake-postgres-'));
    chmodSync(folder, 0o755);
    const certificate = settings.certificate ?? (await makeServerCertificate());
    const server = new PostgresServer(bin, folder, await freePort(), certificate);
    try {
      if (owner) chownSync(folder, owner.uid, owner.gid);
      await execute(
        path.join(bin, 'initdb'),
        ['-D', server.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
        { cwd: folder, env: serverEnvironment(), ...owner },
      );
      server.#write('pg_hba.conf', settings.hba ?? HBA);
      server.#write('server.crt', certificate.certificate);
      server.#write('server.key', certificate.key, 0o600);
      writeFileSync(server.rootCertificate, certificate.caCertificate);
      const asks = settings.asksClients ? `ssl_ca_file = '${server.rootCertificate}'\n` : '';
      // Not on the command line: a reload could not change it there.
      server.#write('postgresql.auto.conf', `ssl = ${(settings.ssl ?? true) ? 'on' : 'off'}\n${asks}`);
      await server.#launch();
      if (settings.hba === undefined) await server.#createRoles();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get #data(): string {
    return path.join(this.folder, 'data');
  }

  #write(name: string, text: string, mode = 0o644): void {
    const file = path.join(this.#data, name);
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
    const owner = unprivilegedUser();
    if (owner) chownSync(file, owner.uid, owner.gid);
  }

  async #launch(): Promise<void> {
    const settings = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.folder}`,
      'fsync=off',
      'max_connections=20',
      'shared_buffers=8MB',
      'log_min_messages=warning',
    ];
    const args = ['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])];
    const [file, ...all] = unprivileged(path.join(this.bin, 'postgres'), args);
    const program = spawnTethered(file, all, { cwd: this.folder, env: serverEnvironment() });
    this.#program = program;
    let ended = false;
    void program.exited.then(() => {
      ended = true;
    });
    program.process.stdout.resume();
    program.process.stderr.on('data', (text: Buffer) => {
      this.#log = (this.#log + text.toString()).slice(-65_536);
    });
    const deadline = Date.now() + 20_000;
    while (!(await accepts(this.port))) {
      if (ended || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${this.#log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #createRoles(): Promise<void> {
    const { scram, md5, trust, clear, unlisted } = ROLES;
    await this.sql(`
      CREATE ROLE ${scram.user} LOGIN PASSWORD '${scram.password}';
      SET password_encryption = 'md5';
      CREATE ROLE ${md5.user} LOGIN PASSWORD '${md5.password}';
      RESET password_encryption;
      CREATE ROLE ${trust.user} LOGIN;
      CREATE ROLE ${clear.user} LOGIN PASSWORD '${clear.password}';
      CREATE ROLE ${unlisted.user} LOGIN;`);
    await this.sql(`CREATE DATABASE ${DATABASE}`);
  }

  /** Runs SQL as the superuser; gives what psql printed. Waits while the server is still starting. */
  async sql(text: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { stdout } = await execute('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text], {
          env: { ...clientEnvironment(), PGHOST: this.folder, PGPORT: String(this.port), PGUSER: 'postgres' },
        });
        return stdout;
      } catch (error) {
        const starting = /starting up|No such file|refused/.test(
          String((error as { stderr?: string }).stderr),
        );
        if (!starting || attempt > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Turns TLS on or off for connections to come, without a restart. */
  setSsl(on: boolean): Promise<void> {
    return this.configure({ ssl: on ? 'on' : 'off' });
  }

  /** Changes settings for connections to come, without a restart; an empty value takes one back. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    // ALTER SYSTEM takes no company in a transaction.
    for (const [name, value] of Object.entries(settings)) {
      await this.sql(value === '' ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await this.#reload();
  }

  async #reload(): Promise<void> {
    await this.sql('SELECT pg_reload_conf()');
    // The postmaster takes the signal when it comes to it; what it forks after that has the new settings.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  /** Stops the server and removes its folder. */
  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = undefined;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** PostgreSQL does not run as root: there, the command line that runs it as somebody else (util-linux `setpriv`). */
function unprivileged(file: string, args: readonly string[]): string[] {
  const owner = unprivilegedUser();
  if (!owner) return [file, ...args];
  const { uid, gid } = owner;
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', file, ...args];
}

/** Environment of a server: nothing of ours that would change what it does. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

/** Environment of a client: without the settings and files of whoever runs this. */
export function clientEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    HOME: '/nonexistent',
    PGAPPNAME: 'psql',
    PGPASSFILE: '/nonexistent/pgpass',
    PGSYSCONFDIR: '/nonexistent',
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
