import type { Recording } from '../inspect/recording';
import type { Outcome, Trace } from '../trace/model';
import { type ConnectOptions, connectTest } from './connect';
import { type ConnectTarget, TargetError } from './target';

/** Every way libpq can ask for encryption: the six values of `sslmode`, and TLS from the first byte. */
export const MATRIX_MODES = [
  { name: 'disable', options: { sslmode: 'disable', sslnegotiation: 'postgres' } },
  { name: 'allow', options: { sslmode: 'allow', sslnegotiation: 'postgres' } },
  { name: 'prefer', options: { sslmode: 'prefer', sslnegotiation: 'postgres' } },
  { name: 'require', options: { sslmode: 'require', sslnegotiation: 'postgres' } },
  { name: 'verify-ca', options: { sslmode: 'verify-ca', sslnegotiation: 'postgres' } },
  { name: 'verify-full', options: { sslmode: 'verify-full', sslnegotiation: 'postgres' } },
  { name: 'direct', options: { sslmode: 'require', sslnegotiation: 'direct' } },
] as const;

export type MatrixMode = (typeof MATRIX_MODES)[number]['name'];

/** What one mode came to. */
export interface MatrixRow {
  readonly mode: MatrixMode;
  /** `refused`: libpq does not accept these options together, so nothing was tried. */
  readonly outcome: Outcome | 'refused';
  /** Connections that were made or tried. */
  readonly attempts: number;
  /** Of the connection that is ready, or of the last one: TLS version, `none`, or null when it did not get that far. */
  readonly encryption: string | null;
  /** One sentence: who is connected how, or why not. */
  readonly reason: string;
  readonly traces: readonly Trace[];
  readonly recordings: readonly Recording[];
}

export interface Matrix {
  /** One for each mode that was begun, in the order of {@link MATRIX_MODES}. */
  readonly rows: readonly MatrixRow[];
  readonly cancelled: boolean;
}

export interface MatrixOptions extends Pick<ConnectOptions, 'signal' | 'timeoutMs' | 'askPassword'> {
  /** Called before each mode. */
  onMode?(mode: MatrixMode, index: number): void;
}

/**
 * Tries one host with every mode, one after the other: two logins at once could meet a limit that one does not. A password is asked for
 * once.
 *
 * @param build the target with these options over its own; may throw a {@link TargetError}
 */
export async function compareModes(
  build: (options: Readonly<Record<string, string>>) => ConnectTarget,
  options: MatrixOptions = {},
): Promise<Matrix> {
  const { signal, timeoutMs } = options;
  let asked: Promise<string | undefined> | undefined;
  const rows: MatrixRow[] = [];
  for (const [index, mode] of MATRIX_MODES.entries()) {
    if (signal?.aborted) break;
    options.onMode?.(mode.name, index);
    let target: ConnectTarget;
    try {
      target = build(mode.options);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      rows.push(refused(mode.name, error.message));
      continue;
    }
    const result = await connectTest(target, {
      signal,
      timeoutMs,
      askPassword: (prompt, given) => {
        asked ??= Promise.resolve(options.askPassword?.(prompt, given));
        return asked;
      },
    });
    const last = result.traces.at(-1);
    rows.push({
      mode: mode.name,
      outcome: result.outcome,
      attempts: result.traces.length,
      encryption: last ? encryptionOf(last) : null,
      reason: result.verdict,
      traces: result.traces,
      recordings: result.recordings,
    });
  }
  return { rows, cancelled: signal?.aborted ?? false };
}

function refused(mode: MatrixMode, reason: string): MatrixRow {
  return { mode, outcome: 'refused', attempts: 0, encryption: null, reason, traces: [], recordings: [] };
}

/** Encryption was decided once a StartupMessage was sent: in the clear without TLS. */
function encryptionOf(trace: Trace): string | null {
  const established = trace.steps.some((step) => step.message === 'TLS established');
  if (established) return trace.tls?.version ?? 'TLS';
  return trace.steps.some((step) => step.message === 'StartupMessage') ? 'none' : null;
}
