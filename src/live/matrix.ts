import { maskShapes } from '../base/secret-shapes';
import { RUN_WORDS } from '../diagnosis/words/en/runs';
import type { Recording } from '../inspect/recording';
import type { Outcome, Trace, TraceError } from '../trace/model';
import { type ConnectOptions, type ConnectResult, connectTest } from './connect';
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
  /**
   * `refused`: libpq does not accept these options together, so nothing was tried. `stopped`: everything before authentication went
   * well, and the password was not given because an earlier mode had it refused.
   */
  readonly outcome: Outcome | 'refused' | 'stopped';
  /** Connections that were made or tried. */
  readonly attempts: number;
  /** Of the connection that is ready, or of the last one: TLS version, `none`, or null when it did not get that far. */
  readonly encryption: string | null;
  /** One sentence: who is connected how, or why not. */
  readonly reason: string;
  /** What ended it; null when it is ready, was stopped or was never tried. */
  readonly error: TraceError | null;
  readonly traces: readonly Trace[];
  readonly recordings: readonly Recording[];
}

export interface Matrix {
  /** One for each mode that was begun, in the order of {@link MATRIX_MODES}. */
  readonly rows: readonly MatrixRow[];
  readonly cancelled: boolean;
  /** The mode in which the server refused the password; null when it did not. */
  readonly passwordRefusedIn: MatrixMode | null;
}

export interface MatrixOptions extends Pick<ConnectOptions, 'signal' | 'timeoutMs' | 'askPassword'> {
  /** Called before each mode. */
  onMode?(mode: MatrixMode, index: number): void;
}

/**
 * Tries one host with every mode, one after the other: two logins at once could meet a limit that one does not. A password is asked for
 * once, and given until it is refused (28P01): seven failed logins could lock an account. From then on each mode goes as far as the
 * server's request for it.
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
  const passwordGuard = { refused: false };
  let passwordRefusedIn: MatrixMode | null = null;
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
      passwordGuard,
      askPassword: (prompt, given) => {
        asked ??= Promise.resolve(options.askPassword?.(prompt, given));
        return asked;
      },
    });
    rows.push({
      mode: mode.name,
      attempts: result.traces.length,
      traces: result.traces,
      recordings: result.recordings,
      ...(passwordRefusedIn !== null && result.error?.code === 'NO_PASSWORD'
        ? stopped(result, passwordRefusedIn)
        : judged(result)),
    });
    if (passwordGuard.refused) passwordRefusedIn ??= mode.name;
  }
  return { rows, cancelled: signal?.aborted ?? false, passwordRefusedIn };
}

type Judgement = Pick<MatrixRow, 'outcome' | 'encryption' | 'reason' | 'error'>;

/** By the attempt that decided: the refused password, where a fallback was not given it a second time. */
function judged({ decisive, outcome, verdict, error }: ConnectResult): Judgement {
  return {
    outcome,
    encryption: decisive ? encryptionOf(decisive) : null,
    reason: maskShapes(verdict),
    error,
  };
}

function stopped({ decisive }: ConnectResult, before: MatrixMode): Judgement {
  const encryption = decisive ? encryptionOf(decisive) : null;
  const mechanism = decisive?.auth.mechanism;
  return {
    outcome: 'stopped',
    encryption,
    reason: RUN_WORDS.MODE_STOPPED({
      ...(encryption === 'none' ? {} : { encryption: String(encryption) }),
      ...(mechanism ? { mechanism } : {}),
      before: before === 'direct' ? 'sslnegotiation=direct' : `sslmode=${before}`,
    }),
    error: null,
  };
}

function refused(mode: MatrixMode, reason: string): MatrixRow {
  return {
    mode,
    outcome: 'refused',
    attempts: 0,
    encryption: null,
    reason,
    error: null,
    traces: [],
    recordings: [],
  };
}

/** Encryption was decided once a StartupMessage was sent: in the clear without TLS. */
function encryptionOf(trace: Trace): string | null {
  const established = trace.steps.some((step) => step.message === 'TLS established');
  if (established) return trace.tls?.version ?? 'TLS';
  return trace.steps.some((step) => step.message === 'StartupMessage') ? 'none' : null;
}
