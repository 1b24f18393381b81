import { aggregate } from './commands/aggregate';
import { authenticate } from './commands/authenticate';
import { buildInfo } from './commands/build-info';
import { connectionStatus } from './commands/connection-status';
import { createUser } from './commands/create-user';
import { dropUser } from './commands/drop-user';
import { endSessions } from './commands/end-sessions';
import { getLastError } from './commands/get-last-error';
import { getLog } from './commands/get-log';
import { getParameter } from './commands/get-parameter';
import { getUserCacheGeneration } from './commands/get-user-cache-generation';
import { getnonce } from './commands/getnonce';
import { hello } from './commands/hello';
import { listDatabases } from './commands/list-databases';
import { logout } from './commands/logout';
import { ping } from './commands/ping';
import { saslContinue } from './commands/sasl-continue';
import { saslStart } from './commands/sasl-start';
import { updateUser } from './commands/update-user';
import { usersInfo } from './commands/users-info';
import { whatsmyuri } from './commands/whats-my-uri';
import type { Command } from './operation';

/** Every command of this mongos and of its mongod (mongos `Command::_commands`). A new one is a file in `commands` and a line here. */
const COMMANDS: readonly Command[] = [
  hello,
  ping,
  buildInfo,
  getnonce,
  authenticate,
  saslStart,
  saslContinue,
  logout,
  connectionStatus,
  whatsmyuri,
  getLastError,
  endSessions,
  getParameter,
  getLog,
  listDatabases,
  aggregate,
  usersInfo,
  createUser,
  updateUser,
  dropUser,
  getUserCacheGeneration,
];

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command])),
);

/** `Command::findCommand`: by its exact name or an alias. */
export function findCommand(name: string): Command | undefined {
  return BY_NAME.get(name);
}
