import type { LabServer } from '../lab/lab-server';
import { redactTrace } from '../trace/redact';
import { renderTrace } from '../trace/text';
import { EXIT } from './exit';
import { type OutputOptions, print } from './output';

export interface LabOptions {
  readonly port: number;
  readonly format: OutputOptions['format'];
}

/** `lab postgres|mongodb`: runs until it is interrupted, and prints the trace of every connection (JSON: one line each). */
export async function lab(protocol: 'postgres' | 'mongodb', options: LabOptions): Promise<number> {
  let server: LabServer;
  try {
    server = await start(protocol, options.port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used by this user';
    process.stderr.write(
      `handshake-inspector: port ${options.port} ${why}; choose another, or 0 for a free one.\n`,
    );
    return EXIT.unusable;
  }
  process.stderr.write(greeting(server));
  server.onTrace((trace) => {
    const shown = redactTrace(trace);
    void print(options.format === 'json' ? `${JSON.stringify(shown)}\n` : `${renderTrace(shown).text}\n`);
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.close();
  return EXIT.ok;
}

async function start(protocol: 'postgres' | 'mongodb', port: number): Promise<LabServer> {
  if (protocol === 'postgres') return (await import('../lab/postgres-lab')).startPostgresLab({ port });
  return (await import('../lab/mongo-lab')).startMongoLab({ port });
}

function greeting(server: LabServer): string {
  const accounts = server.accounts.map(
    (account) => `  ${account.user}  password ${account.password}  ${account.note}`,
  );
  return [
    `Listening on ${server.host}:${server.port}; Ctrl-C stops it.`,
    `Try: handshake-inspector connect '${server.uri}'`,
    'Accounts, for trying things out only:',
    ...accounts,
    '',
  ].join('\n');
}
