/** A real sshd, and a real ssh that forwards ports through it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { unprivilegedUser } from '../../../scripts/toolchain/index.mjs';
import { onPath } from '../../../scripts/toolchain/run.mjs';
import { freePort } from '../free-port';
import { type RunningProgram, startProgram } from './program';

export interface SshServer extends RunningProgram {
  /** A key that lets in who runs the server. */
  readonly key: string;
}

/** A sshd that runs as somebody who is not root lets in nobody else. */
export async function startSshd(program: string): Promise<SshServer> {
  const port = await freePort();
  const [host, client] = [newKey(), newKey()];
  const running = await startProgram({
    file: program,
    args: (folder) => ['-D', '-e', '-f', `${folder}/sshd_config`],
    port,
    files: (folder) => ({
      sshd_config: [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/authorized`,
        `PidFile none`,
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'UsePAM no',
        'StrictModes no',
        'AllowTcpForwarding yes',
        '',
      ].join('\n'),
      host: host.secret,
      authorized: client.open,
    }),
  });
  return { ...running, key: client.secret };
}

/** `ssh -L` from a free port through the server to another port of the loopback. */
export async function startTunnel(program: string, through: SshServer, to: number): Promise<RunningProgram> {
  const port = await freePort();
  const user = unprivilegedUser()?.user ?? userInfo().username;
  return startProgram({
    file: program,
    args: (folder) => [
      ...['-F', 'none', '-N', '-T', '-i', `${folder}/key`, '-p', String(through.port), '-l', user],
      ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ...['-o', 'ExitOnForwardFailure=yes', '-L', `127.0.0.1:${port}:127.0.0.1:${to}`, '127.0.0.1'],
    ],
    port,
    files: () => ({ key: through.key }),
  });
}

function newKey(): { secret: string; open: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'handshake-key-'));
  try {
    const file = path.join(folder, 'key');
    execFileSync(onPath('ssh-keygen') ?? 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    return { secret: readFileSync(file, 'utf8'), open: readFileSync(`${file}.pub`, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
