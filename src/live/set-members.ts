import { connect } from 'node:net';
import type { CauseParams } from '../trace/diagnosis';
import { cancellable } from './cancellable';
import { resolveHost } from './resolve';
import type { Run } from './run';

/** Longest wait for one member, milliseconds: this is said beside a test that went well already. */
const WAIT_MS = 3_000;

/** Members that are asked at once: a server names them, and must not make this machine try fifty places in one moment. */
const AT_ONCE = 5;

/** No member is begun with after this, milliseconds. What was not asked is not said to be lost. */
const TOTAL_MS = 10_000;

/** Addresses of one member that are tried, side by side. */
const ADDRESSES = 8;

/** Names that are told. */
const NAMED = 5;

/** The server of a test: as it was written, and where it was found. */
export interface UsedServer {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/**
 * The members that a replica set names (`hosts` in hello) and that cannot be reached from here: a driver forgets the seeds it was given and
 * goes on with these names, and the application fails although the seed let it in. Null where all can be reached, or the user cancelled.
 * What is asked of a member is a TCP connection, which is closed as soon as it is open; nothing is sent.
 *
 * @param members `host:port` as the server wrote them
 */
export async function memberProblem(
  members: readonly string[],
  used: UsedServer,
  run: Run,
): Promise<CauseParams | null> {
  if (members.length === 0) return null;
  run.progress('resolve', 'Looking up the members of the replica set');
  const lost = await lostOf(members, used, run);
  if (lost.length === 0) return null;
  const names = lost.slice(0, NAMED).join(', ') + (lost.length > NAMED ? ', …' : '');
  return { names, lost: lost.length, members: members.length };
}

/** The members that were asked and did not answer, in their order. */
async function lostOf(members: readonly string[], used: UsedServer, run: Run): Promise<readonly string[]> {
  const lost = new Set<string>();
  const until = run.clock + TOTAL_MS;
  const waiting = members.values();
  const askInTurn = async () => {
    for (const member of waiting) {
      if (run.cancelled || run.clock > until) return;
      if (!(await isReachable(member, used, run))) lost.add(member);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  // A cancel ended the waits: what did not answer by then might have.
  if (run.cancelled) return [];
  return members.filter((member) => lost.has(member));
}

function partsOf(member: string): { readonly name: string; readonly port: number } {
  const [, name = member, digits] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(member) ?? [];
  return { name, port: Number(digits ?? 27_017) };
}

/** Whether a member's name is the address that was used, as far as the name tells. */
function isUsed(member: string, used: UsedServer): boolean {
  const { name, port } = partsOf(member);
  return port === used.port && (name === used.host || name === used.address);
}

async function isReachable(member: string, used: UsedServer, run: Run): Promise<boolean> {
  if (isUsed(member, used)) return true;
  const { name, port } = partsOf(member);
  const limits = { timeoutMs: Math.min(WAIT_MS, run.timeoutMs), signal: run.signal };
  try {
    const addresses = await resolveHost(name, limits.timeoutMs, limits.signal);
    if (port === used.port && addresses.includes(used.address)) return true;
    return await Promise.any(addresses.slice(0, ADDRESSES).map((address) => opens(address, port, limits)));
  } catch {
    return false;
  }
}

function opens(
  host: string,
  port: number,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<true> {
  return cancellable<true>(limits, (resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', reject);
    return () => socket.destroy();
  });
}
