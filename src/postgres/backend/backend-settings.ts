import { errorFields } from '../messages/error-fields';
import type { BackendMessage } from '../messages/message-types';
import { cutName, isMember } from './backend-names';
import type { PostgresServer } from './backend-options';
import type { StartupRequest } from './backend-startup';
import type { ParameterProblem } from './parameter-problem';
import { setParameter } from './parameter-set';
import { readSwitches } from './server-switches';

/** The parameters a client sets by connecting. */
export interface ClientSettings {
  readonly values: ReadonlyMap<string, string>;
  /** What it is told about them. */
  readonly notices: readonly BackendMessage[];
  /** Why the session does not start; null when it does. */
  readonly problem: ParameterProblem | null;
}

/** Sets what the startup packet asks for, `options` first: the first that cannot be set ends it (`process_startup_options`). */
export function clientSettings(server: PostgresServer, startup: StartupRequest): ClientSettings {
  const values = new Map<string, string>();
  const notices: BackendMessage[] = [];
  const superuser = server.roles.find(({ name }) => name === startup.user)?.superuser ?? false;
  const switches = readSwitches(startup.options);
  const set = ([name, given]: readonly [string, string]): ParameterProblem | null => {
    const isName = name.toLowerCase() === 'application_name';
    const value = isName ? cutName(given) : given;
    if (isName && value !== given) notices.push(truncationNotice(given, value));
    const role = roleProblem(server, startup.user, superuser, name, value);
    if (role) return role;
    const result = setParameter(name, value, superuser);
    if ('problem' in result) return result.problem;
    values.set(result.set.name, result.set.value);
    return null;
  };
  for (const assignment of switches.assignments) {
    const problem = set(assignment);
    if (problem) return { values, notices, problem };
  }
  if (!switches.ok) return { values, notices, problem: switches.problem };
  for (const assignment of startup.settings) {
    const problem = set(assignment);
    if (problem) return { values, notices, problem };
  }
  const acting = values.get('role') ?? values.get('session_authorization');
  if (acting !== undefined && acting !== 'none') {
    const role = server.roles.find(({ name }) => name === acting);
    values.set('is_superuser', role?.superuser ? 'on' : 'off');
  }
  return { values, notices, problem: null };
}

/** Another role to act as (`check_session_authorization`, `check_role`); null when it may, or when it is no such parameter. */
function roleProblem(
  server: PostgresServer,
  user: string,
  superuser: boolean,
  parameter: string,
  role: string,
): ParameterProblem | null {
  const name = parameter.toLowerCase();
  if (name !== 'session_authorization' && name !== 'role') return null;
  if (name === 'role' && role === 'none') return null;
  if (!server.roles.some((known) => known.name === role)) {
    return { code: '22023', message: `role "${role}" does not exist` };
  }
  const may = superuser || (name === 'role' ? isMember(server.roles, user, role) : role === user);
  const what = name === 'role' ? 'role' : 'session authorization';
  return may ? null : { code: '42501', message: `permission denied to set ${what} "${role}"` };
}

/** A name that is too long is cut, and the client is told (`truncate_identifier`). */
function truncationNotice(name: string, cut: string): BackendMessage {
  const message = `identifier "${name}" will be truncated to "${cut}"`;
  return { name: 'NoticeResponse', fields: errorFields('NOTICE', '42622', message) };
}
