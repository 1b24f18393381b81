// Programs that stand in front of a database in real life, from Debian: poolers, proxies, tunnels.
import { onPath } from './run.mjs';
import { findOrInstall } from './system-packages.mjs';

/** @returns {Promise<{ path: string } | { skipped: string }>} */
async function program(debianPackage, ...names) {
  const found = await findOrInstall(debianPackage, () => onPath(...names));
  return typeof found === 'string' ? { path: found } : found;
}

export const IN_FRONT = {
  pgbouncer: () => program('pgbouncer', 'pgbouncer'),
  pgpool: () => program('pgpool2', 'pgpool'),
  haproxy: () => program('haproxy', 'haproxy'),
  stunnel: () => program('stunnel4', 'stunnel4', 'stunnel'),
  sshd: () => program('openssh-server', 'sshd'),
  ssh: () => program('openssh-client', 'ssh'),
};
