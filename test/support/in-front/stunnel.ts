/** A real stunnel: one process, and a port for each service. */
import type { ServerCertificate } from '../../../src/lab/certificates';
import { freePort } from '../free-port';
import { type RunningProgram, startProgram } from './program';

export interface StunnelService {
  /** Port of what is behind it. */
  readonly to: number;
  /** Speaks TLS to what is behind, and none to its clients. */
  readonly client?: boolean;
  /** Takes part in SSLRequest before TLS. */
  readonly protocol?: 'pgsql';
  /** Asks clients for a certificate of the same authority. */
  readonly asksClients?: boolean;
}

/** @returns the program, and the port of each service by its name. */
export async function startStunnel<Name extends string>(
  program: string,
  services: Readonly<Record<Name, StunnelService>>,
  { certificate, key, caCertificate }: ServerCertificate,
): Promise<{ program: RunningProgram; ports: Record<Name, number> }> {
  const ports = {} as Record<Name, number>;
  for (const name of Object.keys(services) as Name[]) ports[name] = await freePort();
  const all = Object.entries<StunnelService>(services);
  const config = (folder: string) => [
    'foreground = yes',
    'pid =',
    'debug = 5',
    ...all.flatMap(([name, { to, client, protocol, asksClients }]) => [
      `[${name}]`,
      `accept = 127.0.0.1:${ports[name as Name]}`,
      `connect = 127.0.0.1:${to}`,
      ...(client ? ['client = yes'] : [`cert = ${folder}/server.pem`]),
      ...(protocol ? [`protocol = ${protocol}`] : []),
      ...(asksClients ? ['verifyChain = yes', `CAfile = ${folder}/ca.pem`] : []),
    ]),
    '',
  ];
  const running = await startProgram({
    file: program,
    args: (folder) => [`${folder}/stunnel.conf`],
    port: ports[Object.keys(services)[0] as Name],
    files: (folder) => ({
      'stunnel.conf': config(folder).join('\n'),
      'server.pem': `${certificate}\n${key}\n`,
      'ca.pem': caCertificate,
    }),
  });
  return { program: running, ports };
}
