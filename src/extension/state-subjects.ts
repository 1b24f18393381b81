import type * as vscode from 'vscode';
import { plainTrace } from '../trace/lazy-step';
import type { Trace } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { type Run, runBytes } from './runs';
import { fileName, type Services } from './services';
import type { StateSubject } from './state-panel';

/** Connections that one login may take; libpq's longest chain is shorter. */
const MAX_CHAIN = 8;

export function runSubject(run: Run, services: Services): StateSubject {
  return {
    key: `run:${run.hostId}`,
    origin: run.hostName,
    hostId: run.hostId,
    protocol: run.protocol,
    traces: (reveal) => Promise.resolve(run.traces.map(reveal ? plainTrace : redactTrace)),
    bytes: (id, step, reveal) => runBytes(run, id, step, reveal),
    openText: () => services.annotatedText.showRun(run),
  };
}

/** A handshake of a capture, after those that it tries again. */
export async function captureSubject(uri: vscode.Uri, id: string, services: Services): Promise<StateSubject> {
  const service = await services.language();
  const key = uri.toString();
  const traces = async (reveal: boolean): Promise<Trace[]> => {
    const chain: Trace[] = [];
    let next: string | null = id;
    while (next !== null && chain.length < MAX_CHAIN) {
      const { trace }: { trace: Trace | null } = await service.request('handshake/trace', {
        uri: key,
        id: next,
        reveal,
      });
      if (!trace) break;
      chain.unshift(trace);
      next = trace.retryOf;
    }
    return chain;
  };
  const [first] = await traces(false);
  if (!first) throw new Error('This handshake is not known any more; reload the capture.');
  return {
    key: `${key}#${id}`,
    origin: fileName(uri),
    hostId: null,
    protocol: first.protocol,
    traces,
    bytes: (trace, step, reveal) => service.request('handshake/bytes', { uri: key, id: trace, step, reveal }),
    openText: () => services.annotatedText.show(uri, id, null),
  };
}
