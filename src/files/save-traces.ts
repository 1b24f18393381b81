import { randomBytes } from 'node:crypto';
import type { DecodeAs } from '../inspect/known-servers';
import { type ConnectionPlace, PacketPicker, placeOf } from '../inspect/packet-picker';
import { RedactionError } from '../inspect/redaction/check-redacted';
import { RedactingPicker } from '../inspect/redaction/redacting-picker';
import type { KeyLog } from '../tls/keylog';
import { CaptureFileError } from './errors';
import { feedCapture } from './pump-capture';
import { readCapture } from './read-capture';
import { readKeyLogBytes } from './read-key-log';
import { refuseSameFile } from './same-file';
import { writeWhole } from './write-whole';

export interface SaveOptions {
  /** Ids of the traces to save; all of them if absent. */
  readonly ids?: readonly string[];
  readonly keyLog?: KeyLog;
  /** What is spoken on ports of servers, on the user's word. */
  readonly decodeAs?: DecodeAs;
  /** The key log's file, for the lines of the sessions saved. */
  readonly keyLogFile?: string;
  /** Most that a compressed capture is unpacked to. */
  readonly unpackedMegabytes?: number;
  /** Without passwords, proofs and names, and without what follows the handshakes. */
  readonly redact?: boolean;
  /** Of a redacted copy: with other addresses, and without those of the link layer. */
  readonly redactAddresses?: boolean;
}

/**
 * Copies the connections of a capture's traces into a pcapng file of their own, with the TLS secrets that are known of them.
 *
 * @returns packets written.
 * @throws {CaptureFileError} for a file that cannot be read or written, for a target that is the capture itself, and for an id that it
 * does not have.
 */
export async function saveTraces(path: string, target: string, options: SaveOptions = {}): Promise<number> {
  await refuseSameFile(path, target);
  const places: ConnectionPlace[] = [];
  await readCapture(path, {
    keyLog: options.keyLog,
    decodeAs: options.decodeAs,
    unpackedMegabytes: options.unpackedMegabytes,
    // Redaction asks only where the connections are; a plain copy needs the sessions of the key log too.
    outline: options.redact,
    onOrderedTrace: (trace) => places.push(placeOf(trace)),
  });
  const chosen = chooseTraces(places, options.ids);
  const picker = await pickerFor(places, chosen, options);
  await feedCapture(path, picker, options.unpackedMegabytes);
  await writeWhole(target, fileOf(picker));
  return picker.packets;
}

/** Nothing is written that redaction's own check finds something in. */
function fileOf(picker: PacketPicker | RedactingPicker): Uint8Array {
  try {
    return picker.toBytes();
  } catch (error) {
    if (!(error instanceof RedactionError)) throw error;
    throw new CaptureFileError('NOT_REDACTED', `Nothing was saved: ${error.message}.`);
  }
}

async function pickerFor(
  places: readonly ConnectionPlace[],
  chosen: ReadonlySet<string>,
  { keyLog, keyLogFile, redact, redactAddresses }: SaveOptions,
): Promise<PacketPicker | RedactingPicker> {
  if (redact) {
    const random = (length: number) => new Uint8Array(randomBytes(length));
    return new RedactingPicker(places, chosen, { keyLog, random, redactAddresses });
  }
  return new PacketPicker(places, chosen, keyLogFile ? await readKeyLogBytes(keyLogFile) : undefined);
}

function chooseTraces(places: readonly ConnectionPlace[], ids: readonly string[] | undefined): Set<string> {
  const known = new Set(places.map(({ id }) => id));
  const unknown = ids?.find((id) => !known.has(id));
  if (unknown !== undefined || known.size === 0) {
    const last = places.at(-1)?.id;
    const what =
      last === undefined
        ? 'There is no handshake to save'
        : `The capture has t1 to ${last}, and no ${unknown}`;
    throw new CaptureFileError('NO_SUCH_TRACE', `${what}.`);
  }
  return ids ? new Set(ids) : known;
}
