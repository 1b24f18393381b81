import { equalBytes } from '../base/bytes';
import type { PostgresBackend } from '../postgres/backend/backend';

/** Process ids as a real server would have them, and whose they are. */
export class Sessions {
  #last = 1000;
  readonly #backends = new Map<number, PostgresBackend>();

  /** Connections that have a process. */
  get count(): number {
    return this.#backends.size;
  }

  nextId(): number {
    this.#last = this.#last >= 0x7fff_ffff ? 1001 : this.#last + 1;
    return this.#last;
  }

  add(processId: number, backend: PostgresBackend): void {
    this.#backends.set(processId, backend);
  }

  delete(processId: number): void {
    this.#backends.delete(processId);
  }

  /** What the log says of a CancelRequest (`processCancelRequest`). Nothing runs long enough here to be cancelled. */
  cancelOutcome(request: { readonly processId: number; readonly secretKey: Uint8Array }): string {
    const { processId, secretKey } = request;
    const backend = this.#backends.get(processId);
    if (!backend) return `PID ${processId} in cancel request did not match any process`;
    const right = equalBytes(backend.cancelKey, secretKey);
    return right
      ? `cancel request for process ${processId}`
      : `wrong key in cancel request for process ${processId}`;
  }
}
