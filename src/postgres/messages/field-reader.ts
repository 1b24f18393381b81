import { hex, utf8Bytes } from '../../base/bytes';
import { Cursor } from '../../base/cursor';
import { type Issue, issue } from '../../base/issue';
import type { Field } from '../../trace/model';
import { typeName } from './frame';
import { sqlConstants, withoutConstants } from './sql-constants';

/** Longest value shown for one field; the rest is in the step's bytes. */
const SHOWN = 1024;

const NO_FIELDS: Field[] = [];

export interface FieldOptions {
  readonly secret?: boolean;
}

/**
 * Reads one message from its first byte to its last and notes each value with its place, for display. A quiet reader notes nothing: for
 * whoever needs only what the message says to the connection.
 */
export class FieldReader {
  readonly fields: Field[];
  readonly #cursor: Cursor;

  /** @param frame exactly one message. */
  constructor(
    readonly frame: Uint8Array,
    readonly quiet = false,
  ) {
    this.#cursor = new Cursor(frame);
    this.fields = quiet ? NO_FIELDS : [];
  }

  get position(): number {
    return this.#cursor.position;
  }

  get remaining(): number {
    return this.#cursor.remaining;
  }

  get overran(): boolean {
    return this.#cursor.overran;
  }

  /** The type byte and the length word, which every message with a type has. */
  header(): void {
    const type = this.#cursor.u8();
    if (!this.quiet) this.#note('type', typeName(type), 0);
    this.length();
  }

  length(): void {
    const at = this.position;
    const value = this.#cursor.i32be();
    if (!this.quiet) this.#note('length', String(value), at);
  }

  u8(name: string): number {
    const at = this.position;
    const value = this.#cursor.u8();
    if (!this.quiet) this.#note(name, String(value), at);
    return value;
  }

  char(name: string): string {
    const at = this.position;
    const value = this.#cursor.u8();
    if (!this.quiet) this.#note(name, typeName(value).replaceAll("'", ''), at);
    return String.fromCharCode(value);
  }

  i16(name: string): number {
    const at = this.position;
    const value = (this.#cursor.u16be() << 16) >> 16;
    if (!this.quiet) this.#note(name, String(value), at);
    return value;
  }

  i32(name: string, describe?: (value: number) => string): number {
    const at = this.position;
    const value = this.#cursor.i32be();
    if (!this.quiet) this.#note(name, describe?.(value) ?? String(value), at);
    return value;
  }

  cstring(name: string, options?: FieldOptions): string {
    const at = this.position;
    const value = options?.secret ? this.#cursor.cstring() : this.#cursor.sharedCstring();
    if (!this.quiet && !this.overran) this.#note(name, value, at, options);
    return value;
  }

  /** The text of a query: its constants are secret, each with its place, and are not in the text that is shown. */
  query(name: string): string {
    const at = this.position;
    const sql = this.#cursor.sharedCstring();
    if (this.quiet || this.overran) return sql;
    const constants = sqlConstants(sql);
    const fields = constants.map(({ start, end }): Field => {
      const [before, value] = [sql.slice(0, start), sql.slice(start, end)];
      const [offset, length] = [at + utf8Bytes(before).length, utf8Bytes(value).length];
      return { name: 'constant', value: cut(value), offset, length, secret: true };
    });
    this.fields.push({
      name,
      value: cut(withoutConstants(sql, constants)),
      offset: at,
      length: this.position - at,
      ...(fields.length > 0 ? { fields } : {}),
    });
    return sql;
  }

  /** A string that says nothing to the connection: a quiet reader passes it over and gives an empty one. */
  displayed(name: string): string {
    if (!this.quiet) return this.cstring(name);
    this.#cursor.skipCstring();
    return '';
  }

  /** A copy of the next `length` bytes, shown as hexadecimal; a quiet reader gives a view. */
  bytes(name: string, length: number, options?: FieldOptions): Uint8Array {
    const at = this.position;
    const taken = this.#cursor.take(length);
    if (this.quiet) return taken;
    const value = taken.slice();
    if (!this.overran) this.#note(name, shownHex(value), at, options);
    return value;
  }

  /** Adds a field that has fields of its own. */
  group(field: Field): void {
    this.fields.push(field);
  }

  skip(length: number): void {
    this.#cursor.skip(length);
  }

  /** What is wrong with the message's shape: `null` when every byte was read and none was missing. */
  problem(name: string): Issue | null {
    if (this.overran) {
      return issue('PG_SHORT_MESSAGE', `${name} ends before its last field`, this.frame.length);
    }
    if (this.remaining > 0) {
      return issue(
        'PG_LONG_MESSAGE',
        `${name} has ${this.remaining} bytes after its last field`,
        this.position,
      );
    }
    return null;
  }

  #note(name: string, value: string, offset: number, options?: FieldOptions): void {
    const length = this.position - offset;
    this.fields.push({
      name,
      value: cut(value),
      offset,
      length,
      ...(options?.secret ? { secret: true } : {}),
    });
  }
}

function cut(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
}

function shownHex(bytes: Uint8Array): string {
  return hex(bytes.subarray(0, SHOWN / 2)) + (bytes.length > SHOWN / 2 ? '…' : '');
}
