import type { Direction } from '../../contract/envelope';
import { Peer } from '../../contract/rpc';

/** What VS Code gives a webview's script, once per page. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

let acquired: VsCodeApi | undefined;

function api(): VsCodeApi {
  acquired ??= acquireVsCodeApi();
  return acquired;
}

/** Opens the channel to the extension host. Handlers must be set before anything is asked. */
export function connect<Incoming extends Direction, Outgoing extends Direction>(
  incoming: Incoming,
  outgoing: Outgoing,
): Peer<Incoming, Outgoing> {
  const peer = new Peer(incoming, outgoing, {
    post: (message) => api().postMessage(message),
    timer: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    onBadMessage: (reason) => console.warn(`dropped a message: ${reason}`),
  });
  window.addEventListener('message', (event) => peer.receive(event.data));
  return peer;
}

/** What this page kept for itself; undefined at first. Checked by the reader. */
export const readState = (): unknown => api().getState();
export const writeState = (state: unknown): void => api().setState(state);

/** Runs `task` once, `milliseconds` after the last call. */
export function debounce(milliseconds: number, task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(task, milliseconds);
  };
}
