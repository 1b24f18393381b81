import { connect } from 'node:net';
import type { CauseParams } from '../trace/diagnosis';
import { cancellable } from './cancellable';
import { resolveHost } from './resolve';
import type { Run } from './run';

/** Longest wait for one member, milliseconds: this is said beside a test that went well already. */
const WAIT_MS = 3_000;

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
 * goes on with these names, and the application fails although the seed let it in. Null where all can be reached, or nobody asks for them.
 * What is asked of a member is a TCP connection, which is closed at once.
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
  const found = await Promise.all(members.map((member) => isReachable(member, used, run)));
  const lost = members.filter((_member, at) => !found[at]);
  if (lost.length === 0) return null;
  const names = lost.slice(0, NAMED).join(', ') + (lost.length > NAMED ? ', …' : '');
  return { names, lost: lost.length, members: members.length };
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
    return await Promise.any(addresses.map((address) => opens(address, port, limits)));
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
