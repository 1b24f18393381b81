import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ConnectionOptions } from '../postgres/options/connection-options';
import { type Environment, withEnvironment } from '../postgres/options/environment';
import { passwordFor } from '../postgres/options/password-file';
import { readService } from '../postgres/options/service-file';
import type { ConnectionSettings } from '../postgres/options/settings';
import { TargetError } from './target-error';

/** Where packages of PostgreSQL keep the service file of the whole machine, when PGSYSCONFDIR does not say. */
const SYSTEM_FOLDERS = ['/etc/postgresql-common', '/etc'];

/** A file that libpq looks for in the user's folder. */
export function userFile(name: string, windowsName: string): string {
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? '', 'postgresql', windowsName);
  return path.join(homedir(), name);
}

/**
 * The options with libpq's defaults from outside: those of the service, then those of the environment (`conninfo_add_defaults`).
 *
 * @param environment null where the user's environment does not count: then only a service that is named in the options is read.
 * @throws TargetError in libpq's words
 */
export function withDefaults(options: ConnectionOptions, environment: Environment | null): ConnectionOptions {
  const service = options.service ?? environment?.PGSERVICE;
  const known = service ? { ...serviceOptions(service, environment ?? {}), ...options } : options;
  return environment ? withEnvironment(known, environment) : known;
}

/** `parseServiceInfo`: the user's file, then the machine's. */
function serviceOptions(service: string, environment: Environment): ConnectionOptions {
  const named = environment.PGSERVICEFILE;
  if (named && !existsSync(named)) throw new TargetError(`service file "${named}" not found`);
  const folders = environment.PGSYSCONFDIR ? [environment.PGSYSCONFDIR] : SYSTEM_FOLDERS;
  const files = [
    named ?? userFile('.pg_service.conf', '.pg_service.conf'),
    ...folders.map((folder) => path.join(folder, 'pg_service.conf')),
  ];
  for (const file of files) {
    if (!existsSync(file)) continue;
    const result = readService(readFileSync(file, 'utf8'), service, file);
    if (result.kind === 'bad') throw new TargetError(result.message);
    if (result.kind === 'found') return result.options;
  }
  throw new TargetError(`definition of service "${service}" not found`);
}

/** Settings, and what is to be said of the password file. */
export interface WithPasswordFile {
  readonly settings: ConnectionSettings;
  /** Why a password file that is there was not read; null otherwise. */
  readonly warning: string | null;
}

/**
 * The settings with a password from the password file for each host that has none (`pqConnectOptions2`).
 *
 * @param passfile the option; without it the user's own `.pgpass` is read where `userFiles` allows.
 */
export function withPasswordFile(
  settings: ConnectionSettings,
  passfile: string | undefined,
  user: string,
  userFiles: boolean,
): WithPasswordFile {
  if (settings.password) return { settings, warning: null };
  const file = passfile || (userFiles ? userFile('.pgpass', 'pgpass.conf') : undefined);
  const { text, warning } = file === undefined ? NOTHING : readPasswordFile(file);
  if (text === undefined) return { settings, warning };
  const hosts = settings.hosts.map((host) => ({
    ...host,
    password: passwordFor(text, {
      host: host.host || (host.hostaddr ?? ''),
      port: host.port,
      database: settings.database ?? user,
      user,
    }),
  }));
  return { settings: { ...settings, hosts }, warning: null };
}

interface PasswordFile {
  /** Undefined where libpq would not use it: it is not there, no plain file, or others may read it. */
  readonly text: string | undefined;
  readonly warning: string | null;
}

const NOTHING: PasswordFile = { text: undefined, warning: null };

/** `passwordFromFile`, with its warnings. */
function readPasswordFile(file: string): PasswordFile {
  try {
    const stats = statSync(file);
    if (!stats.isFile())
      return { text: undefined, warning: `The password file "${file}" was ignored: it is not a plain file.` };
    if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
      const warning = `The password file "${file}" was ignored because others may read it: run chmod 0600 ${file}.`;
      return { text: undefined, warning };
    }
    return { text: readFileSync(file, 'utf8'), warning: null };
  } catch {
    return NOTHING;
  }
}
