/** A real HAProxy: one process, and a port for each way in which it stands in front. */
import type { ServerCertificate } from '../../../src/lab/certificates';
import { freePort } from '../free-port';
import { type RunningProgram, startProgram } from './program';

export interface HaproxyFront {
  readonly mode: 'tcp' | 'http';
  /** Port of the server behind it. */
  readonly to: number;
  /** More words of `bind`; `CERTIFICATE` is the file that `ssl crt` needs. */
  readonly bind?: string;
  /** More words of `server`. */
  readonly server?: string;
  /** Reads what the client says first before it looks for a server; otherwise it may close before the client has spoken. */
  readonly listens?: boolean;
}

/** @returns the program, and the port of each front by its name. */
export async function startHaproxy<Name extends string>(
  program: string,
  fronts: Readonly<Record<Name, HaproxyFront>>,
  { certificate, key }: ServerCertificate,
): Promise<{ program: RunningProgram; ports: Record<Name, number> }> {
  const ports = {} as Record<Name, number>;
  for (const name of Object.keys(fronts) as Name[]) ports[name] = await freePort();
  const all = Object.entries<HaproxyFront>(fronts);
  const config = (folder: string) => [
    'defaults',
    '  timeout connect 2s',
    '  timeout client 20s',
    '  timeout server 20s',
    '  retries 0',
    ...all.flatMap(([name, { mode, to, bind = '', server = '', listens }]) => [
      `listen ${name}`,
      `  mode ${mode}`,
      `  bind 127.0.0.1:${ports[name as Name]} ${bind.replace('CERTIFICATE', `${folder}/server.pem`)}`,
      ...(listens
        ? ['  tcp-request inspect-delay 10s', '  tcp-request content accept if { req.len gt 0 }']
        : []),
      `  server behind 127.0.0.1:${to} ${server}`,
    ]),
    '',
  ];
  const running = await startProgram({
    file: program,
    args: (folder) => ['-db', '-f', `${folder}/haproxy.cfg`],
    port: ports[Object.keys(fronts)[0] as Name],
    files: (folder) => ({
      'haproxy.cfg': config(folder).join('\n'),
      'server.pem': `${certificate}\n${key}\n`,
    }),
  });
  return { program: running, ports };
}
