/**
 * Runs in the page before the view's own script: gives it `acquireVsCodeApi` and answers as the extension host does, from samples.
 * The query says which: `?theme=dark&sample=capture`.
 */
import { captureToHost, captureToWebview } from '../../src/contract/capture-editor';
import type { Envelope } from '../../src/contract/envelope';
import { Peer, type PeerOptions } from '../../src/contract/rpc';
import { stateToHost, stateToWebview } from '../../src/contract/state-panel';
import type { HostSummary, StepBytes } from '../../src/contract/values';
import { summaryOf } from '../../src/diagnosis/summary';
import { traceRow } from '../../src/language/rows';
import { stateGraph as mongoGraph } from '../../src/mongodb/graph';
import { stateGraph as postgresGraph } from '../../src/postgres/graph';
import { plainTrace } from '../../src/trace/lazy-step';
import type { Trace } from '../../src/trace/model';
import { maskBytes, redactTrace } from '../../src/trace/redact';
import {
  captureTraces,
  mongoCr,
  mongoScram,
  postgresOk,
  SASL_BYTES,
  sslRefused,
  wrongPassword,
} from './samples';
import { applyTheme, type ThemeName } from './themes';

export interface Harness {
  /** Notifications and requests that the view sent, in order. */
  readonly log: { readonly method: string; readonly params: unknown }[];
  /** What the user answers when VS Code asks about secrets. */
  allowReveal: boolean;
  send(method: string, params: unknown): void;
}

declare global {
  interface Window {
    harness: Harness;
    /** Set before the page loads: shown instead of the samples. */
    sampleTraces?: Trace[];
    acquireVsCodeApi: () => unknown;
  }
}

const query = new URLSearchParams(location.search);
const view = location.pathname.includes('states') ? 'states' : 'capture';
const sampleName = query.get('sample') ?? 'capture';

document.addEventListener('DOMContentLoaded', () => theme());
theme();

function theme(): void {
  if (document.body)
    applyTheme((query.get('theme') ?? 'dark') as ThemeName, view === 'states' ? 'sideBar' : 'editor');
}

const log: Harness['log'] = [];
const KEY = `${location.pathname}${location.search}`;
let receive: (message: unknown) => void = () => {};
window.acquireVsCodeApi = () => ({
  postMessage: (message: Envelope) => {
    if (message.kind === 'request' || message.kind === 'notification')
      log.push({ method: message.method, params: message.params });
    // As between processes: what arrives is a copy, later.
    setTimeout(() => receive(structuredClone(message)));
  },
  getState: () => JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined,
  setState: (state: unknown) => sessionStorage.setItem(KEY, JSON.stringify(state)),
});

const options: PeerOptions = {
  post: (message) => window.postMessage(structuredClone(message), '*'),
  timer: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  onBadMessage: (reason) => console.error(`host: ${reason}`),
};

function bytesOf(trace: Trace | undefined, at: number, reveal: boolean): StepBytes {
  const step = trace?.steps[at];
  if (!step) return { hex: '', total: 0, masked: [], note: 'Not known.' };
  const data = new Uint8Array(Math.min(step.bytes, 65_536));
  if (step.message === 'SASLInitialResponse')
    data.set(
      Uint8Array.from(SASL_BYTES.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).subarray(
        0,
        data.length,
      ),
    );
  else
    for (let i = 0; i < data.length; i++)
      data[i] = (i * 37 + step.message.charCodeAt(i % step.message.length)) & 0xff;
  const { bytes, masked } = reveal ? { bytes: data, masked: [] } : maskBytes(step, data);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { hex, total: step.bytes, masked: [...masked], note: null };
}

function captureHost(): void {
  const peer = new Peer(captureToHost, captureToWebview, options);
  receive = (message) => peer.receive(message);
  const traces = window.sampleTraces
    ? window.sampleTraces
    : sampleName === 'many'
      ? captureTraces(5_000)
      : sampleName === 'none'
        ? []
        : captureTraces();
  let revealed = false;
  peer.onNotification('ready', () => {
    const recorded = sampleName === 'recording' || sampleName === 'recorded';
    const file = recorded ? 'lo-20260102-150405.pcap' : 'orders-morning.pcapng';
    peer.notify('init', { file, state: null, revealed: false, unsaved: recorded });
    if (sampleName === 'failed') {
      peer.notify('failed', {
        code: 'NOT_A_CAPTURE',
        message: 'orders-morning.pcapng is not a capture: it begins with “PK”, as a ZIP archive does.',
        next: 'Unpack it first, then open the capture inside.',
      });
      return;
    }
    peer.notify('progress', {
      bytes: 21_400_000,
      totalBytes: 96_000_000,
      packets: 182_220,
      traces: traces.length,
    });
    peer.notify('traces', { total: traces.length });
    if (sampleName === 'recording') {
      peer.notify('recording', {
        interface: 'lo',
        ports: '5432, 27017',
        program: 'dumpcap',
        elapsedMs: 83_400,
        packets: 412,
        bytes: 61_300,
        traces: traces.length,
        open: 1,
        maxBytes: 100_000_000,
        maxMs: 3_600_000,
      });
      return;
    }
    if (sampleName !== 'reading') finish(false);
  });
  function finish(cancelled: boolean): void {
    const issues =
      sampleName === 'many'
        ? [
            {
              code: 'PCAPNG_CUT',
              message: 'The last block is cut: the recording was stopped while it was written.',
              offset: 95_999_213,
            },
          ]
        : sampleName === 'nokeys'
          ? [
              {
                code: 'KEYLOG_MISSING',
                message: 'The TLS key log /home/app/keys.log does not exist. TLS stays closed.',
              },
              { code: 'SETTING_DECODE_AS', message: '"x=y" names no port; the capture was read without it.' },
            ]
          : [];
    const capture = {
      file: 'orders-morning.pcapng',
      format: 'pcapng' as const,
      packets: 812_004,
      bytes: 96_000_000,
      linkTypes: [1],
      issues,
    };
    peer.notify('finished', {
      capture: cancelled ? null : capture,
      summary: summaryOf(traces.map(redactTrace)),
      total: traces.length,
      cancelled,
    });
  }
  const find = (id: string) => traces.find((trace) => trace.id === id);
  peer.onNotification('stop', () => finish(false));
  peer.onNotification('save', ({ form }) =>
    peer.notify('saved', { file: form === 'everything' ? 'all.pcap' : 'logins.pcapng' }),
  );
  peer.onRequest('page', ({ offset, limit }) => ({
    rows: traces.slice(offset, offset + limit).map(traceRow),
    total: traces.length,
    complete: true,
  }));
  peer.onRequest('trace', ({ id, reveal }) => {
    const trace = find(id);
    return { trace: trace ? (reveal && revealed ? plainTrace(trace) : redactTrace(trace)) : null };
  });
  peer.onRequest('bytes', ({ id, step, reveal }) => bytesOf(find(id), step, reveal && revealed));
  peer.onRequest('reveal', () => {
    revealed = window.harness.allowReveal;
    return { revealed };
  });
  peer.onNotification('cancel', () => finish(true));
  for (const method of ['reload', 'select', 'persist', 'openText', 'showStates', 'copy'] as const)
    peer.onNotification(method, () => {});
  window.harness.send = (method, params) => peer.notify(method as never, params as never);
}

const HOSTS: HostSummary[] = [
  {
    id: 'orders',
    name: 'Orders (staging)',
    protocol: 'postgres',
    address: 'db.internal.example:5432',
    kind: 'configured',
    last: null,
  },
  {
    id: 'billing',
    name: 'Billing',
    protocol: 'mongodb',
    address: 'mongos.internal.example:27017',
    kind: 'configured',
    last: null,
  },
  {
    id: 'lab:postgres',
    name: 'Lab: PostgreSQL',
    protocol: 'postgres',
    address: '127.0.0.1:54329',
    kind: 'lab',
    last: null,
  },
  {
    id: 'lab:mongodb',
    name: 'Lab: MongoDB',
    protocol: 'mongodb',
    address: '127.0.0.1:54330',
    kind: 'lab',
    last: null,
  },
];

function statesHost(): void {
  const peer = new Peer(stateToHost, stateToWebview, options);
  receive = (message) => peer.receive(message);
  const samples: Readonly<Record<string, () => Trace[]>> = {
    ok: () => [postgresOk()],
    wrong: () => wrongPassword(),
    refused: () => [sslRefused()],
    mongo: () => [mongoScram()],
    mongocr: () => [mongoCr()],
  };
  const traces = window.sampleTraces ?? samples[sampleName]?.() ?? [];
  const graph = (protocol: Trace['protocol']) => (protocol === 'postgres' ? postgresGraph() : mongoGraph());
  let revealed = false;
  const show = (list: Trace[], origin: string) =>
    peer.notify('show', {
      origin,
      hostId: list[0].source === 'capture' ? null : list[0].protocol === 'postgres' ? 'orders' : 'billing',
      traces: list.map(revealed ? plainTrace : redactTrace),
      graph: graph(list[0].protocol),
      state: null,
      revealed,
    });
  peer.onNotification('ready', () => {
    peer.notify('hosts', { hosts: sampleName === 'nohosts' ? [] : HOSTS });
    if (traces.length > 0)
      show(traces, traces[0].source === 'capture' ? 'orders-morning.pcapng' : 'Orders (staging)');
    if (sampleName === 'running') run(4);
    if (sampleName === 'problem')
      peer.notify('failed', {
        code: 'NAME_NOT_FOUND',
        message: 'The name db.internal.example does not resolve.',
        next: 'Check the host in handshakeInspector.hosts, or the VPN that the name needs.',
      });
  });
  function run(steps: number): void {
    const trace = redactTrace(postgresOk());
    peer.notify('running', {
      hostId: 'orders',
      name: 'Orders (staging)',
      protocol: 'postgres',
      graph: postgresGraph(),
    });
    for (const step of trace.steps.slice(0, steps)) peer.notify('step', { attempt: 0, step });
  }
  peer.onRequest('bytes', ({ id, step, reveal }) =>
    bytesOf(
      traces.find((trace) => trace.id === id),
      step,
      reveal,
    ),
  );
  peer.onRequest('reveal', () => {
    revealed = window.harness.allowReveal;
    if (revealed) show(traces, 'Orders (staging)');
    return { revealed };
  });
  peer.onNotification('runAgain', () => {
    run(6);
    setTimeout(() => show([postgresOk()], 'Orders (staging)'), 400);
  });
  peer.onNotification('cancelRun', () =>
    peer.notify('failed', { code: 'CANCELLED', message: 'The test was cancelled.', next: 'Run it again.' }),
  );
  for (const method of ['select', 'persist', 'openText', 'configureHosts', 'copy'] as const)
    peer.onNotification(method, () => {});
  window.harness.send = (method, params) => peer.notify(method as never, params as never);
}

window.harness = { log, allowReveal: true, send: () => {} };
if (view === 'states') statesHost();
else captureHost();
