import * as vscode from 'vscode';
import { type LineText, logEntry } from '../../base/shown/outlets';

/** The output channel. An editor makes links of addresses and paths in it. */
export class Log {
  readonly #channel: vscode.LogOutputChannel;

  constructor(name: string) {
    this.#channel = vscode.window.createOutputChannel(name, { log: true });
  }

  info(text: LineText): void {
    this.#channel.info(text);
  }

  warn(text: LineText): void {
    this.#channel.warn(text);
  }

  error(error: unknown): void {
    this.#channel.error(logEntry(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }

  /** The same channel for a library that writes what it likes: every string goes through the gate on its way. */
  get gated(): vscode.LogOutputChannel {
    const channel = this.#channel;
    // Of an object of its own: the channel may be frozen, and then a proxy of it may change nothing.
    return new Proxy({} as vscode.LogOutputChannel, {
      get(_, name) {
        const value: unknown = Reflect.get(channel, name, channel);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown =>
          value.apply(
            channel,
            given.map((one) => (typeof one === 'string' ? logEntry(one) : one)),
          );
      },
    });
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
