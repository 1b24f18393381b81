import { maskShapes } from '../base/secret-shapes';
import { line } from '../base/shown/outlets';
import { summaryOf } from '../diagnosis/summary';
import { writeWhole } from '../files/write-whole';
import { recordingsToPcapng } from '../inspect/export';
import { connectTest } from '../live/connect';
import { TargetError, targetFromUri } from '../live/target';
import { askOnTerminal } from './ask';
import { EXIT } from './exit';
import { format, type OutputOptions } from './output';
import { whenToldToEnd } from './signals';
import { complain, print } from './terminal';
import { whileWriting } from './while-writing';
import { checkWritable, isWorded } from './writable';

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

/** `connect URI`: runs one Connect Test and prints its traces. Ctrl-C, SIGTERM or SIGHUP cancels it and still prints what was seen. */
export async function connect(uri: string, options: ConnectOptions): Promise<number> {
  const cancel = new AbortController();
  const stopListening = whenToldToEnd(() => cancel.abort());
  try {
    const build = (more: Readonly<Record<string, string>> = {}) =>
      targetFromUri(uri, { ...overrides(options), ...more }, process.env);
    const target = build();
    if (options.save) await checkWritable(options.save);
    const run = {
      signal: cancel.signal,
      timeoutMs: options.timeout * 1000,
      askPassword: (prompt: string) =>
        Promise.resolve(passwordFromEnvironment(target.protocol) ?? askOnTerminal(prompt, cancel.signal)),
    };
    if (options.matrix) {
      if (target.protocol !== 'postgres') throw new TargetError('Only PostgreSQL has an sslmode to compare.');
      const { format, save } = options;
      return await (await import('./matrix')).matrix({ build, ...run, format, save });
    }
    const result = await connectTest(target, run);
    const { traces } = result;
    await print(format({ version: 2, capture: null, summary: summaryOf(traces), traces }, options));
    if (options.format === 'text')
      await print(line`\n${options.reveal ? result.verdict : maskShapes(result.verdict)}\n`);
    const { save } = options;
    if (save) await whileWriting(() => writeWhole(save, recordingsToPcapng(result.recordings)));
    return result.outcome === 'ready' ? EXIT.ok : EXIT.partial;
  } catch (error) {
    if (!(error instanceof TargetError || isWorded(error))) throw error;
    complain(line(error.message));
    return EXIT.unusable;
  } finally {
    stopListening();
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
