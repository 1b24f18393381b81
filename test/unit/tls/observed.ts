import { concat, utf8, utf8Bytes } from '../../../src/base/bytes';
import type { Mark, Side } from '../../../src/base/mark';
import type { TlsEvents, TlsFacts, TlsMessage } from '../../../src/tls/events';
import { KeyLog } from '../../../src/tls/keylog';
import { TlsSession } from '../../../src/tls/session';
import type { AlertSummary } from '../../../src/trace/model';

/** Collects what a TLS session tells. */
export class Observed implements TlsEvents {
  readonly messages: (TlsMessage & { readonly frames: readonly number[] })[] = [];
  readonly alerts: AlertSummary[] = [];
  readonly facts: { -readonly [name in keyof TlsFacts]: TlsFacts[name] } = {};
  readonly plaintext: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly ciphertext: Record<Side, number[]> = { client: [], server: [] };

  handleTlsMessage(message: TlsMessage): void {
    const frames = [message.frames].flat();
    const words = typeof message.summary === 'string' ? {} : message.summary.words();
    this.messages.push({ ...message, frames, ...words });
  }

  handleTlsAlert(alert: AlertSummary): void {
    this.alerts.push(alert);
  }

  handleTlsFacts(facts: TlsFacts): void {
    Object.assign(this.facts, facts);
  }

  handlePlaintext(from: Side, bytes: Uint8Array): void {
    this.plaintext[from].push(bytes.slice());
  }

  handleCiphertext(from: Side, length: number): void {
    this.ciphertext[from].push(length);
  }

  text(from: Side): string {
    return utf8(concat(...this.plaintext[from]));
  }

  /** `client ClientHello` and so on. */
  get names(): string[] {
    return this.messages.map((message) => `${message.from} ${message.name}`);
  }
}

export interface Chunk {
  readonly from: Side;
  readonly bytes: Uint8Array;
  readonly mark?: Mark;
}

export function markOf(frame: number): Mark {
  return { frame, seconds: 1_700_000_000 + frame, nanos: 0 };
}

/** Feeds chunks, one frame each unless they say otherwise. */
export function observe(
  chunks: readonly Chunk[],
  keyLog?: string | KeyLog,
  keepData = false,
): { observed: Observed; session: TlsSession } {
  const observed = new Observed();
  const keys = typeof keyLog === 'string' ? KeyLog.parse(utf8Bytes(keyLog)).value : keyLog;
  const session = new TlsSession(observed, { keyLog: keys, keepData });
  chunks.forEach((chunk, index) => {
    session.handleBytes(chunk.from, chunk.bytes, chunk.mark ?? markOf(index + 1));
  });
  return { observed, session };
}

/** The same bytes, cut as small as they get, with the marks they had. */
export function byteByByte(chunks: readonly Chunk[]): Chunk[] {
  return chunks.flatMap((chunk, index) =>
    Array.from(chunk.bytes, (byte) => ({
      from: chunk.from,
      bytes: Uint8Array.of(byte),
      mark: chunk.mark ?? markOf(index + 1),
    })),
  );
}
