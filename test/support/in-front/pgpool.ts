/** A real pgpool-II, of one server behind it. */
import { freePort } from '../free-port';
import { type RunningProgram, startProgram } from './program';

export interface PgpoolOptions {
  /** Port of the server behind it. */
  readonly to: number;
  /** Name and clear-text password of each user that it knows. */
  readonly users: Readonly<Record<string, string>>;
  /** Lines of pool_hba.conf. */
  readonly hba?: string;
  readonly settings?: Readonly<Record<string, string | number>>;
}

export async function startPgpool(program: string, options: PgpoolOptions): Promise<RunningProgram> {
  const [port, pcp] = [await freePort(), await freePort()];
  const { to, users, hba = 'host all all 127.0.0.1/32 scram-sha-256\n', settings } = options;
  return startProgram({
    file: program,
    args: (folder) => [
      '-n',
      '-f',
      `${folder}/pgpool.conf`,
      '-a',
      `${folder}/pool_hba.conf`,
      '-F',
      `${folder}/pcp.conf`,
    ],
    port,
    files: (folder) => ({
      'pgpool.conf': Object.entries({
        listen_addresses: '127.0.0.1',
        port,
        pcp_listen_addresses: '',
        pcp_port: pcp,
        socket_dir: folder,
        pcp_socket_dir: folder,
        wd_ipc_socket_dir: folder,
        logdir: folder,
        pid_file_name: `${folder}/pgpool.pid`,
        backend_clustering_mode: 'raw',
        backend_hostname0: '127.0.0.1',
        backend_port0: to,
        backend_weight0: 1,
        backend_data_directory0: folder,
        enable_pool_hba: 'on',
        pool_passwd: 'pool_passwd',
        num_init_children: 2,
        max_pool: 1,
        connect_timeout: 2000,
        health_check_period: 0,
        sr_check_period: 0,
        // A server that was down stays in the list: it is for the tests to say what is up.
        failover_on_backend_error: 'off',
        ...settings,
      })
        .map(([name, value]) => `${name} = '${value}'\n`)
        .join(''),
      'pool_hba.conf': hba,
      'pcp.conf': '',
      pool_passwd: Object.entries(users)
        .map(([name, password]) => `${name}:TEXT${password}\n`)
        .join(''),
    }),
  });
}
