import * as vscode from 'vscode';
import { maskShapes } from '../base/secret-shapes';
import { message } from '../base/shown/outlets';
import { connectTest as runConnectTest } from '../live/connect';
import { targetFromUri } from '../live/target';
import { accountOf } from './account';
import type { HostEntry } from './host-list';
import type { Run } from './runs';
import { complain, inform, warn, withProgress } from './say/messages';
import { askText } from './say/questions';
import type { Services } from './services';
import { readTimeout } from './settings';
import { trusted } from './trust';

/**
 * One Connect Test with everything a person sees of it: trust, progress that can be cancelled, the password once, the verdict. Never
 * rejects; a second test while one runs is refused in words.
 */
export async function connectTest(services: Services, host: HostEntry): Promise<Run | undefined> {
  if (!(await trusted('test'))) return undefined;
  if (services.running) {
    void inform(message`A Connect Test is running. Wait for it, or cancel it first.`);
    return undefined;
  }
  const abort = new AbortController();
  services.cancelling = () => abort.abort();
  const panel = await services.statePanel();
  try {
    const run = await withProgress(
      message`Connect Test: ${host.name}`,
      async (report) => {
        panel.begin(host.id, host.name, host.protocol);
        return test(services, host, abort.signal, (text) => report(message(text)));
      },
      () => abort.abort(),
    );
    services.hosts.refresh();
    const { runSubject } = await import('./state-subjects');
    await panel.show(runSubject(run, services));
    void announce(services, run);
    return run;
  } catch (error) {
    panel.fail({
      code: 'NOT_TESTED',
      message: error instanceof Error ? error.message : String(error),
      next: 'Correct the host in the settings or the URI, then test again.',
    });
    services.report(error);
    return undefined;
  } finally {
    services.cancelling = undefined;
  }
}

async function test(
  services: Services,
  host: HostEntry,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<Run> {
  const uri = await host.uri();
  const target = targetFromUri(uri);
  const account = accountOf(target).key;
  const panel = await services.statePanel();
  let asked: string | undefined;
  let stored = false;
  const result = await runConnectTest(target, {
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
      asked ??= await askPassword(prompt, `Connect Test: ${host.name}`, signal);
      return asked;
    },
    onProgress: (progress) => report(progress.message),
    onStep: (attempt, step) => panel.step(attempt, step),
  });
  const refused = result.traces.some((trace) => trace.auth.outcome === 'failed');
  // A password is worth keeping once a server took it, and worth nothing once one refused it.
  if (stored && refused) await services.passwords.forget(account);
  if (asked !== undefined && result.traces.some((trace) => trace.auth.outcome === 'ok')) {
    await services.passwords.store(account, asked);
  }
  return services.runs.add({
    hostId: host.id,
    hostName: host.name,
    protocol: host.protocol,
    traces: result.traces,
    recordings: result.recordings,
    outcome: result.outcome,
    verdict: maskShapes(result.verdict),
  });
}

/** @returns undefined when the user does not answer. */
export async function askPassword(
  prompt: string,
  title: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const source = new vscode.CancellationTokenSource();
  const cancel = () => source.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const options = { title: message(title), prompt: message(prompt), password: true };
    return await askText(options, source.token);
  } finally {
    signal.removeEventListener('abort', cancel);
    source.dispose();
  }
}

async function announce(services: Services, run: Run): Promise<void> {
  const show = 'Show States';
  const save = 'Save as Capture…';
  const tell = run.outcome === 'ready' ? inform : run.outcome === 'failed' ? complain : warn;
  const chosen = await tell(message`${run.hostName}: ${run.verdict}`, show, save);
  if (chosen === show) await services.showRunStates(run);
  if (chosen === save) await (await import('./export-run')).exportRun(run);
}
