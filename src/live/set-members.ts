import { resolveHost } from './resolve';
import type { Run } from './run';

/** Longest wait for one name, milliseconds: this is said beside a test that went well already. */
const WAIT_MS = 3_000;

/** Names that are told. */
const NAMED = 5;

/**
 * What to say about the members that a replica set names (`hosts` in hello): a driver forgets the seeds it was given and goes on with
 * these names, and where they do not resolve the application fails although the seed let it in. Empty when all resolve, or when
 * nobody asks for them.
 *
 * @param members `host:port` as the server wrote them
 */
export async function memberProblem(members: readonly string[], run: Run): Promise<string> {
  if (members.length === 0) return '';
  run.progress('resolve', 'Looking up the members of the replica set');
  const found = await Promise.all(members.map((member) => resolves(member, run)));
  const lost = members.filter((_member, at) => !found[at]);
  if (lost.length === 0) return '';
  const names = lost.slice(0, NAMED).join(', ') + (lost.length > NAMED ? ', …' : '');
  return (
    ` But of the ${members.length} members that the set names, ${lost.length} cannot be found from here (${names}): ` +
    'a driver goes on with these names and not with those of the connection string. ' +
    'Make them resolve here, or connect to one member with directConnection=true.'
  );
}

async function resolves(member: string, run: Run): Promise<boolean> {
  const host = member.replace(/:\d+$/, '');
  try {
    return (await resolveHost(host, Math.min(WAIT_MS, run.timeoutMs), run.signal)).length > 0;
  } catch {
    return false;
  }
}
