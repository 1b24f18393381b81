import { together } from '../base/shown/gate';
import { type LineText, line, message } from '../base/shown/outlets';
import { compareModes, MATRIX_MODES, type Matrix } from '../live/matrix';
import { matrixText } from '../live/matrix-text';
import { targetFromUri } from '../live/target';
import { redactTrace } from '../trace/redact';
import { renderTrace } from '../trace/text';
import { accountOf } from './account';
import { askPassword } from './connect-test';
import type { HostEntry } from './host-list';
import { inform, withProgress } from './say/messages';
import type { Services } from './services';
import { readTimeout } from './settings';
import { trusted } from './trust';

/**
 * Tries a host with every sslmode and direct TLS, and shows the table with the trace of each attempt below it, as a read-only document.
 * Cancelled, it shows what it has. Never rejects.
 */
export async function compareSslModes(services: Services, host: HostEntry): Promise<void> {
  if (host.protocol !== 'postgres') {
    void inform(message`Only PostgreSQL has an sslmode to compare.`);
    return;
  }
  if (!(await trusted('test'))) return;
  if (services.running) {
    void inform(message`A Connect Test is running. Wait for it, or cancel it first.`);
    return;
  }
  const abort = new AbortController();
  services.cancelling = () => abort.abort();
  try {
    const matrix = await withProgress(
      message`Compare sslmodes: ${host.name}`,
      (report) =>
        run(services, host, abort.signal, (mode) => report(message(mode), 100 / MATRIX_MODES.length)),
      () => abort.abort(),
    );
    await services.annotatedText.showText(`compare-sslmodes-${host.name}`, documentOf(host, matrix));
  } catch (error) {
    services.report(error);
  } finally {
    services.cancelling = undefined;
  }
}

async function run(
  services: Services,
  host: HostEntry,
  signal: AbortSignal,
  report: (mode: string) => void,
): Promise<Matrix> {
  const uri = await host.uri();
  const account = accountOf(targetFromUri(uri)).key;
  let asked: string | undefined;
  let stored = false;
  const matrix = await compareModes((options) => targetFromUri(uri, options), {
    signal,
    timeoutMs: readTimeout(),
    askPassword: async (prompt) => {
      const given = await host.password?.();
      if (given !== undefined) return given;
      const known = await services.passwords.get(account);
      if (known !== undefined) {
        stored = true;
        return known;
      }
      asked = await askPassword(prompt, `Compare sslmodes: ${host.name}`, signal);
      return asked;
    },
    onMode: report,
  });
  // As in a Connect Test: worth keeping once a server took it, and worth nothing once one refused it.
  if (stored && matrix.passwordRefusedIn !== null) await services.passwords.forget(account);
  const accepted = matrix.rows.some((row) => row.traces.some((trace) => trace.auth.outcome === 'ok'));
  if (asked !== undefined && accepted) await services.passwords.store(account, asked);
  return matrix;
}

/** The table first: the question was which mode works. */
function documentOf(host: HostEntry, matrix: Matrix): LineText {
  const parts = [line`sslmodes of ${host.name} (${host.address})\n`, matrixText(matrix)];
  for (const row of matrix.rows) {
    parts.push(line`── ${row.mode} ${'─'.repeat(60)}\n`);
    parts.push(...row.traces.map((trace) => renderTrace(redactTrace(trace)).text));
    if (row.traces.length === 0) parts.push(line`  ${row.reason}\n`);
  }
  return together(parts, '\n');
}
