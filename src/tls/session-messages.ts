import { keptCopyOf } from '../base/arena';
import type { Mark, Side } from '../base/mark';
import { NO_FIELDS, type StepWords } from '../trace/lazy-step';
import type { AlertSummary } from '../trace/model';
import type { TlsEvents } from './events';
import type { HandshakeMessage } from './handshake';
import { HandshakeWords } from './messages';
import { alertName } from './names';
import { describeNotTls } from './not-tls';
import type { RecordReader, TlsRecord } from './record';

export interface MessageOptions {
  /** Give each message its bytes. */
  readonly keepData?: boolean;
  /** Nobody will read what the messages say: they come without words, see `TraceBuilder.outline`. */
  readonly outline?: boolean;
}

/** What a record holds that is a message of its own. */
export interface RecordMessage {
  readonly name: string;
  readonly words: StepWords | string;
  /** Length of the message; the record's if absent. */
  readonly bytes?: number;
  readonly encrypted: boolean;
  readonly data?: Uint8Array;
}

/** Puts what a session saw into the messages that it tells. */
export class SessionMessages {
  constructor(
    private readonly events: TlsEvents,
    private readonly options: MessageOptions,
  ) {}

  /** A message that is a record of its own. */
  tell(from: Side, record: TlsRecord, { name, words, bytes, encrypted, data }: RecordMessage): void {
    const frames = record.frames();
    const [summary, fields] = typeof words === 'string' ? [words, NO_FIELDS] : [words.summary, words.fields];
    this.events.handleTlsMessage({
      from,
      mark: record.mark,
      frames: typeof frames === 'number' ? frames : [...frames].sort((a, b) => a - b),
      bytes: bytes ?? record.length,
      name,
      summary,
      encrypted,
      fields,
      data: this.options.keepData ? data?.slice() : undefined,
    });
  }

  /** @param version chosen so far, and @param suite; 0 while they are not known. They say how the message is read. */
  tellHandshake(
    from: Side,
    message: HandshakeMessage,
    name: string,
    encrypted: boolean,
    version: number,
    suite: number,
  ): void {
    const { mark, frames, bytes } = message;
    // The message itself is gone with its record.
    const kept = this.options.outline ? undefined : keptCopyOf(bytes);
    this.events.handleTlsMessage({
      from,
      mark,
      frames,
      bytes: bytes.length,
      name,
      summary: kept ? new HandshakeWords(message.type, kept, version, suite) : '',
      encrypted,
      fields: NO_FIELDS,
      data: this.options.keepData ? kept : undefined,
    });
  }

  /** An alert that could be read. */
  tellAlert(from: Side, content: Uint8Array, record: TlsRecord, encrypted: boolean): AlertSummary {
    // RFC 8446 section 5.1: exactly one alert per record; older versions allow more, and nobody sends them.
    const alert: AlertSummary = {
      from,
      level: content[0] === 1 ? 'warning' : 'fatal',
      description: content.length < 2 ? 'unreadable' : alertName(content[1]),
    };
    const summary = `${alert.level}: ${alert.description}`;
    const fields = [
      { name: 'level', value: alert.level, offset: 0, length: 1 },
      { name: 'description', value: alert.description, offset: 1, length: 1 },
    ];
    const words = { summary, fields };
    this.tell(from, record, { name: 'Alert', words, bytes: content.length, encrypted, data: content });
    this.events.handleTlsAlert(alert, record.mark);
    return alert;
  }

  /** What is no TLS, where TLS should be. */
  tellNotTls(from: Side, reader: RecordReader, bytes: Uint8Array, mark: Mark): void {
    this.events.handleTlsMessage({
      from,
      mark,
      frames: reader.brokenFrames,
      bytes: bytes.length,
      name: 'NotTLS',
      encrypted: false,
      ...describeNotTls(reader.brokenBytes),
      ...(this.options.keepData ? { data: bytes.slice() } : {}),
    });
  }
}
