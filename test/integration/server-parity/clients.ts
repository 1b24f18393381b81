import { createRequire } from 'node:module';
import type { TLSSocket } from 'node:tls';
import pg from 'pg';
import postgres from 'postgres';
import type { RunClient as RunPsql } from '../../parity/clients';
import type { Row } from './table';

/** What a client says of one login. */
export interface ClientView {
  readonly outcome: 'ready' | 'failed';
  /** SQLSTATE where the client tells it. */
  readonly code: string;
  readonly message: string;
  /** TLS secrets, NSS form. */
  readonly keyLog: string;
}

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** The same as files. */
  readonly files: { readonly certificate: string; readonly key: string };
}

export type RunRow = (row: Row, port: number, certificate: Certificate | undefined) => Promise<ClientView>;

/** Secrets of all TLS that this process does from now on: neither driver has an option for it. */
export class KeyLogTap {
  lines = '';
  readonly #tls = createRequire(import.meta.url)('node:tls') as {
    connect: (...args: unknown[]) => TLSSocket;
  };
  readonly #original = this.#tls.connect;

  constructor() {
    this.#tls.connect = (...args) => {
      const socket = this.#original(...args);
      socket.on('keylog', (line: Buffer) => {
        this.lines += line.toString();
      });
      return socket;
    };
  }

  remove(): void {
    this.#tls.connect = this.#original;
  }
}

/** @param always options of libpq for every row, such as a protocol version */
export function libpqRow(run: RunPsql, always = ''): RunRow {
  return async ({ database, user, ssl, password, options }, port, certificate) => {
    const parts = [`host=127.0.0.1 port=${port} dbname=${database} user=${user}`];
    parts.push(`sslmode=${ssl ? 'require' : 'disable'}`);
    if (certificate) parts.push(`sslcert=${certificate.files.certificate} sslkey=${certificate.files.key}`);
    if (always) parts.push(always);
    if (options) parts.push(options);
    const { outcome, message, keyLog } = await run({
      connection: parts.join(' '),
      environment: { PGPASSWORD: password, PGAPPNAME: 'parity' },
    });
    return { outcome, code: '', message, keyLog };
  };
}

export function nodePostgres(tap: KeyLogTap): RunRow {
  return async ({ database, user, ssl, password, parameters }, port, certificate) => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      database,
      user,
      password,
      ssl: ssl ? { rejectUnauthorized: false, cert: certificate?.certificate, key: certificate?.key } : false,
      ...(parameters ? { options: switches(parameters) } : {}),
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      return view(null, tap);
    } catch (error) {
      return view(error, tap);
    } finally {
      await client.end().catch(() => {});
    }
  };
}

/** As a command line of `postgres`: `pg` has no other place for them. */
function switches(parameters: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replace(/[\s\\]/g, '\\$&');
  return Object.entries(parameters)
    .map(([name, value]) => `-c ${name}=${escaped(value)}`)
    .join(' ');
}

export function postgresJs(tap: KeyLogTap): RunRow {
  return async ({ database, user, ssl, password, parameters }, port, certificate) => {
    const sql = postgres({
      host: '127.0.0.1',
      port,
      database,
      username: user,
      password,
      ssl: ssl ? { rejectUnauthorized: false, cert: certificate?.certificate, key: certificate?.key } : false,
      max: 1,
      fetch_types: false,
      backoff: false,
      connect_timeout: 5,
      onnotice: () => {},
      ...(parameters ? { connection: parameters } : {}),
    });
    try {
      await sql.unsafe('SELECT 1').simple();
      return view(null, tap);
    } catch (error) {
      return view(error, tap);
    } finally {
      await sql.end({ timeout: 1 }).catch(() => {});
    }
  };
}

function view(error: unknown, tap: KeyLogTap): ClientView {
  if (error === null) return { outcome: 'ready', code: '', message: '', keyLog: tap.lines };
  const { code = '', message } = error as { code?: string; message: string };
  return { outcome: 'failed', code, message, keyLog: tap.lines };
}
