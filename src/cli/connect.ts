import { line } from '../base/shown/outlets';
import { recordingsToPcapng } from '../inspect/export';
import { connectTest } from '../live/connect';
import { TargetError, targetFromUri } from '../live/target';
import { askOnTerminal } from './ask';
import { EXIT } from './exit';
import { format, type OutputOptions } from './output';
import { complain, print } from './terminal';
import { checkWritable, isWorded, writeResult } from './writable';

export interface ConnectOptions extends OutputOptions {
  readonly sslmode?: string;
  readonly sslrootcert?: string;
  readonly tlsCaFile?: string;
  readonly authMechanism?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly save?: string;
  /** Compare all modes instead of testing one. */
  readonly matrix?: boolean;
}

/** `connect URI`: runs one Connect Test and prints its traces. Ctrl-C cancels it and still prints what was seen. */
export async function connect(uri: string, options: ConnectOptions): Promise<number> {
  const cancel = new AbortController();
  const onInterrupt = () => cancel.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const build = (more: Readonly<Record<string, string>> = {}) =>
      targetFromUri(uri, { ...overrides(options), ...more }, process.env);
    const target = build();
    if (options.save) await checkWritable(options.save);
    const run = {
      signal: cancel.signal,
      timeoutMs: options.timeout * 1000,
      askPassword: (prompt: string) =>
        Promise.resolve(passwordFromEnvironment(target.protocol) ?? askOnTerminal(prompt)),
    };
    if (options.matrix) {
      if (target.protocol !== 'postgres') throw new TargetError('Only PostgreSQL has an sslmode to compare.');
      const { format, save } = options;
      return await (await import('./matrix')).matrix({ build, ...run, format, save });
    }
    const result = await connectTest(target, run);
    await print(format({ version: 1, capture: null, traces: result.traces }, options));
    if (options.format === 'text') await print(line`\n${result.verdict}\n`);
    if (options.save) await writeResult(options.save, recordingsToPcapng(result.recordings));
    return result.outcome === 'ready' ? EXIT.ok : EXIT.partial;
  } catch (error) {
    if (!(error instanceof TargetError || isWorded(error))) throw error;
    complain(line(error.message));
    return EXIT.unusable;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** What the command line says wins over what the URI says. */
function overrides(options: ConnectOptions): Record<string, string> {
  const given: Record<string, string | undefined> = {
    sslmode: options.sslmode,
    sslrootcert: options.sslrootcert,
    tlsCAFile: options.tlsCaFile,
    authMechanism: options.authMechanism,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function passwordFromEnvironment(protocol: 'postgres' | 'mongodb'): string | undefined {
  return protocol === 'postgres' ? process.env.PGPASSWORD : process.env.MONGODB_PASSWORD;
}
