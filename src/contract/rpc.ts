import * as v from 'valibot';
import {
  type Direction,
  type Envelope,
  envelopeSchema,
  type NotificationOf,
  type ParamsOf,
  type ResultOf,
} from './envelope';

/** Why a request was not answered. `code` is stable, `message` is for people. */
export class RpcError extends Error {
  constructor(
    /** `TIMEOUT`, `DISPOSED`, `CANCELLED`, `BAD_MESSAGE`, `UNKNOWN_METHOD`, `BUSY`, `FAILED`, or a handler's own. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

/** Cancels what it was asked to watch; the part of `AbortSignal` that this needs, so that any runtime's fits. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface PeerOptions {
  /** Sends one message to the other side; it may throw once the other side is gone. */
  readonly post: (message: Envelope) => unknown;
  /** Calls `run` once after `milliseconds`; the result takes that back. */
  readonly timer: (milliseconds: number, run: () => void) => () => void;
  /** For requests that name none. */
  readonly timeoutMs?: number;
  /** Told about messages that were dropped: a bad envelope, a method or a payload that the contract does not know. */
  readonly onBadMessage?: (reason: string) => void;
}

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: CancelSignal;
}

type Answer<R> = R | Promise<R>;
/** `cancelled` becomes true once the other side no longer wants the answer. */
export type RequestHandler<D extends Direction, M extends keyof D['requests']> = (
  params: ParamsOf<D, M>,
  context: { readonly cancelled: boolean },
) => Answer<ResultOf<D, M>>;

interface Pending {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RpcError) => void;
  readonly release: () => void;
}

/** More than a correct page ever has open at once: past this the other side is told so instead of filling the memory. */
const MAX_OPEN = 256;
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * One end of a message channel. `Incoming` is what this end serves, `Outgoing` what it may ask of the other. Every request
 * settles: with its answer, the other side's error, a time-out, a cancellation or {@link dispose}.
 */
export class Peer<Incoming extends Direction, Outgoing extends Direction> {
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #options: PeerOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, { cancelled: boolean }>();
  readonly #requestHandlers = new Map<string, (params: never, context: { cancelled: boolean }) => unknown>();
  readonly #notificationHandlers = new Map<string, (params: never) => void>();
  #nextId = 1;
  #disposed = false;

  constructor(incoming: Incoming, outgoing: Outgoing, options: PeerOptions) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#options = options;
  }

  /** Serves one request method; a second call for the same method replaces the first. */
  onRequest<M extends keyof Incoming['requests'] & string>(
    method: M,
    handler: RequestHandler<Incoming, M>,
  ): void {
    this.#requestHandlers.set(method, handler);
  }

  onNotification<M extends keyof Incoming['notifications'] & string>(
    method: M,
    handler: (params: NotificationOf<Incoming, M>) => void,
  ): void {
    this.#notificationHandlers.set(method, handler);
  }

  /** Asks the other side. Rejects with an {@link RpcError}; never stays open. */
  request<M extends keyof Outgoing['requests'] & string>(
    method: M,
    params: ParamsOf<Outgoing, M>,
    options: RequestOptions = {},
  ): Promise<ResultOf<Outgoing, M>> {
    if (this.#disposed) return Promise.reject(new RpcError('DISPOSED', 'This view is closed.'));
    if (options.signal?.aborted) return Promise.reject(cancelled(method));
    if (this.#pending.size >= MAX_OPEN) {
      return Promise.reject(new RpcError('BUSY', `${MAX_OPEN} requests are open already.`));
    }
    const id = this.#nextId++;
    const milliseconds = options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const stopTimer = this.#options.timer(milliseconds, () => {
        this.#settle(id)?.reject(
          new RpcError('TIMEOUT', `No answer to "${method}" within ${milliseconds / 1000} s.`),
        );
        this.#post({ kind: 'cancel', id });
      });
      const abort = () => {
        this.#settle(id)?.reject(cancelled(method));
        this.#post({ kind: 'cancel', id });
      };
      options.signal?.addEventListener('abort', abort);
      this.#pending.set(id, {
        method,
        resolve: resolve as (value: unknown) => void,
        reject,
        release: () => {
          stopTimer();
          options.signal?.removeEventListener('abort', abort);
        },
      });
      if (!this.#post({ kind: 'request', id, method, params })) {
        this.#settle(id)?.reject(new RpcError('DISPOSED', 'The other side is gone.'));
      }
    });
  }

  notify<M extends keyof Outgoing['notifications'] & string>(
    method: M,
    params: NotificationOf<Outgoing, M>,
  ): void {
    if (!this.#disposed) this.#post({ kind: 'notification', method, params });
  }

  /** Takes one message from the channel, whatever it is. Never throws. */
  receive(message: unknown): void {
    if (this.#disposed) return;
    const parsed = v.safeParse(envelopeSchema, message);
    if (!parsed.success) {
      this.#bad('a message without a known envelope');
      return;
    }
    const envelope = parsed.output;
    switch (envelope.kind) {
      case 'request':
        void this.#serve(envelope.id, envelope.method, envelope.params);
        return;
      case 'cancel': {
        const running = this.#running.get(envelope.id);
        if (running) running.cancelled = true;
        return;
      }
      case 'result':
        this.#acceptResult(envelope.id, envelope.result);
        return;
      case 'error':
        this.#settle(envelope.id)?.reject(new RpcError(envelope.code, envelope.message));
        return;
      case 'notification':
        this.#acceptNotification(envelope.method, envelope.params);
        return;
      default:
        envelope satisfies never;
    }
  }

  /** Rejects everything that is open and ignores what comes later. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id)?.reject(new RpcError('DISPOSED', 'This view was closed.'));
    }
    for (const running of this.#running.values()) running.cancelled = true;
    this.#running.clear();
  }

  async #serve(id: number, method: string, params: unknown): Promise<void> {
    const shape = own(this.#incoming.requests, method);
    const handler = this.#requestHandlers.get(method);
    if (!shape || !handler)
      return this.#refuse(id, 'UNKNOWN_METHOD', `"${clip(method)}" is not served here.`);
    if (this.#running.has(id) || this.#running.size >= MAX_OPEN) {
      return this.#refuse(id, 'BUSY', 'Too many requests are open, or this id is in use.');
    }
    const parsed = v.safeParse(shape.params, params);
    if (!parsed.success) {
      this.#bad(`request "${method}": ${parsed.issues[0].message}`);
      return this.#refuse(id, 'BAD_MESSAGE', `"${method}" was asked with values that it does not take.`);
    }
    const context = { cancelled: false };
    this.#running.set(id, context);
    try {
      const result = await handler(parsed.output as never, context);
      if (!context.cancelled) this.#post({ kind: 'result', id, result });
    } catch (error) {
      const code = error instanceof RpcError ? error.code : 'FAILED';
      if (!context.cancelled) {
        this.#refuse(id, code, error instanceof Error ? error.message : String(error));
      }
    } finally {
      this.#running.delete(id);
    }
  }

  #acceptResult(id: number, result: unknown): void {
    const pending = this.#settle(id);
    if (!pending) return;
    const shape = own(this.#outgoing.requests, pending.method);
    const parsed = shape ? v.safeParse(shape.result, result) : undefined;
    if (parsed?.success) {
      pending.resolve(parsed.output);
      return;
    }
    const where = parsed?.issues ? (v.getDotPath(parsed.issues[0]) ?? 'value') : 'method';
    this.#bad(`answer to "${pending.method}": ${where}`);
    pending.reject(
      new RpcError('BAD_MESSAGE', `The answer to "${pending.method}" is not in the agreed form (${where}).`),
    );
  }

  #acceptNotification(method: string, params: unknown): void {
    const schema = own(this.#incoming.notifications, method);
    const handler = this.#notificationHandlers.get(method);
    const parsed = schema ? v.safeParse(schema, params) : undefined;
    if (!parsed || !handler) {
      this.#bad(`notification "${clip(method)}" is not known here`);
    } else if (!parsed.success) {
      this.#bad(`notification "${method}": ${parsed.issues[0].message}`);
    } else {
      try {
        handler(parsed.output as never);
      } catch (error) {
        this.#bad(
          `notification "${method}" failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending) {
      this.#pending.delete(id);
      pending.release();
    }
    return pending;
  }

  #refuse(id: number, code: string, message: string): void {
    this.#post({ kind: 'error', id, code, message });
  }

  #post(message: Envelope): boolean {
    if (this.#disposed) return false;
    try {
      this.#options.post(message);
      return true;
    } catch {
      return false;
    }
  }

  #bad(reason: string): void {
    this.#options.onBadMessage?.(reason);
  }
}

function cancelled(method: string): RpcError {
  return new RpcError('CANCELLED', `"${method}" was cancelled.`);
}

/** A method name comes from outside: `constructor` is not a method. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
