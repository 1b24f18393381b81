import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { together } from '../base/shown/gate';
import { json, jsonPiece } from '../base/shown/json';
import { type LineText, line, logEntry } from '../base/shown/outlets';
import { writeWhole } from '../files/write-whole';
import type { LabServer, LabOptions as ServerOptions } from '../lab/lab-server';
import type { PostgresLab } from '../lab/postgres-lab';
import type { Fault } from '../postgres/faults/faults';
import type { HbaRule } from '../postgres/hba/hba-rule';
import { redactTrace } from '../trace/redact';
import { renderTrace } from '../trace/text';
import { EXIT } from './exit';
import type { OutputOptions } from './output';
import { whenToldToEnd } from './signals';
import { complain, print, tell } from './terminal';
import { whileWriting } from './while-writing';

export interface LabOptions {
  readonly port: number;
  readonly format: OutputOptions['format'];
  /** What the PostgreSQL server does wrong, by its name. */
  readonly fault?: string;
  /** File with the lines of pg_hba.conf. */
  readonly hba?: string;
  /** Connections at once. */
  readonly maxConnections?: number;
  /** Seconds that a client may say nothing. */
  readonly silentTimeout?: number;
  /** Folder for the certificates that clients need. */
  readonly certificates?: string;
}

/** Options that the MongoDB servers have no use for. */
const POSTGRES_ONLY = ['fault', 'hba', 'certificates'] as const;

/** `lab --list-faults`: one line each. */
export async function listFaults(): Promise<number> {
  const { FAULTS } = await import('../postgres/faults/faults');
  const width = Math.max(...FAULTS.map(({ name }) => name.length));
  for (const { name, does, shows } of FAULTS) {
    await print(line`${name.padEnd(width)}  ${does}: ${shows}\n`);
  }
  return EXIT.ok;
}

/** `lab postgres|mongodb`: runs until it is interrupted, and prints the trace of every connection (JSON: one line each). */
export async function lab(protocol: 'postgres' | 'mongodb', options: LabOptions): Promise<number> {
  const misplaced = protocol === 'mongodb' && POSTGRES_ONLY.find((name) => options[name] !== undefined);
  if (misplaced) {
    complain(line`--${misplaced} is for the PostgreSQL server.`);
    return EXIT.unusable;
  }
  let server: LabServer;
  try {
    const fault = options.fault === undefined ? undefined : await chooseFault(options.fault);
    if (fault === null) return EXIT.unusable;
    const hba = options.hba === undefined ? undefined : await readHba(options.hba);
    if (hba === null) return EXIT.unusable;
    const { maxConnections, silentTimeout } = options;
    const silentTimeoutMs = silentTimeout === undefined ? undefined : 1000 * silentTimeout;
    server = await start(protocol, options.port, { fault, hba, limits: { maxConnections, silentTimeoutMs } });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used by this user';
    complain(line`port ${options.port} ${why}; choose another, or 0 for a free one.`);
    return EXIT.unusable;
  }
  if (options.certificates !== undefined && !(await handOut(server, options.certificates))) {
    await server.close();
    return EXIT.unusable;
  }
  tell(greeting(server));
  server.onTrace((trace) => {
    const shown = redactTrace(trace);
    void print(
      options.format === 'json'
        ? jsonPiece`${json(shown)}\n`
        : together([renderTrace(shown).text, line`\n`], ''),
    );
  });
  const reload = () => void reloadHba(server, options.hba);
  // As a PostgreSQL server takes it; without a file to read again it ends the program, as other signals do.
  if (options.hba !== undefined) process.on('SIGHUP', reload);
  let stopListening = () => {};
  await new Promise<void>((resolve) => {
    stopListening = whenToldToEnd(() => resolve(), options.hba === undefined ? undefined : 'SIGHUP');
  });
  stopListening();
  process.off('SIGHUP', reload);
  await server.close();
  return EXIT.ok;
}

/** Null when there is none of this name; the user was told. */
async function chooseFault(name: string): Promise<Fault | null> {
  const { findFault } = await import('../postgres/faults/faults');
  const fault = findFault(name);
  if (!fault) complain(line`there is no fault "${name}"; --list-faults shows them all`);
  return fault ?? null;
}

/** Writes the certificates. False when they cannot be written; the user was told. */
async function handOut(server: LabServer, folder: string): Promise<boolean> {
  try {
    await whileWriting(() => writeCertificates(server, folder));
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    const why = isFile ? 'it, or a folder above it, is a file' : message;
    complain(line`the certificates cannot be written to ${folder}: ${why}; name another folder.`);
    return false;
  }
}

/** Null when a server would not load it; the user was told every line. */
async function readHba(file: string): Promise<readonly HbaRule[] | null> {
  const { parseHba } = await import('../postgres/hba/hba-parse');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    complain(line`${file} cannot be read (${String(code)})`);
    return null;
  }
  const { value, issues } = parseHba(text);
  for (const { message } of issues) complain(line`${file}, ${message}`);
  return issues.length > 0 ? null : value;
}

/** Reads pg_hba.conf again; one with an error changes nothing. */
async function reloadHba(server: LabServer, file = ''): Promise<void> {
  const hba = await readHba(file);
  if (hba) await (server as PostgresLab).reload({ hba });
  tell(hba ? line`${file} was reloaded.` : line`${file} was not reloaded.`);
}

/** `root.crt`, and for each account a client certificate and its key, named after the user. */
async function writeCertificates(server: LabServer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(path.join(folder, 'root.crt'), server.caCertificatePem);
  if (!server.issueClient) return;
  for (const { user } of server.accounts) {
    const { certificate, key } = await server.issueClient(user);
    await writeWhole(path.join(folder, `${user}.crt`), certificate);
    // For its user alone, as all that is written: libpq refuses a key that others can read.
    await writeWhole(path.join(folder, `${user}.key`), key);
  }
}

async function start(
  protocol: 'postgres' | 'mongodb',
  port: number,
  options: {
    readonly fault?: Fault;
    readonly hba?: readonly HbaRule[];
    readonly limits: Pick<ServerOptions, 'maxConnections' | 'silentTimeoutMs'>;
  },
): Promise<LabServer> {
  const { limits, ...rest } = options;
  const onLog = (entry: string) => tell(logEntry(entry));
  if (protocol === 'postgres')
    return (await import('../lab/postgres-lab')).startPostgresLab({ port, ...limits, ...rest, onLog });
  return (await import('../lab/mongo-lab')).startMongoLab({ port, ...limits, onLog });
}

function greeting(server: LabServer): LineText {
  const accounts = server.accounts.map(
    ({ user, password, note }) => line`  ${user}  password ${password}  ${note}`,
  );
  const lines = [
    line`Listening on ${server.host}:${server.port}; Ctrl-C stops it.`,
    ...(server.fault ? [line`Fault ${server.fault.name}: ${server.fault.title}.`] : []),
    line`Try: handshake-inspector connect '${server.uri}'`,
    line`Accounts, for trying things out only:`,
    ...accounts,
  ];
  return together(lines, '\n');
}
