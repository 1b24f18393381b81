import type { Machine } from '../base/machine';
import { MongoCode } from '../mongodb/errors';
import type { TraceError } from '../trace/model';

/** A machine that tells the states that it was in, oldest first. */
export type TellsPath = Machine & { readonly path?: readonly string[] };

/** How the two machines say that the server closed. */
export const CLOSED: ReadonlySet<string> = new Set(['SERVER_CLOSED', 'MONGO_CLOSED']);

/** What to do about a refusal, by the server's code. */
const NEXT: Readonly<Record<string, string>> = {
  498870:
    "The server takes only commands that declare an API version (requireApiVersion): set serverApi in the application's driver. This test declares none.",
};
const LOOK_IN_LOG = "Look in the server's log for why it refuses commands.";

/**
 * The refusal of the first command that a MongoDB client sends when its login is over. To an observer it is a command like any other, which
 * may fail; for a test it is the end. Undefined for other errors. A missing login is left to the observer, who explains it.
 */
export function firstCommandRefused(machine: TellsPath, error: TraceError): TraceError | undefined {
  const ownRefusal = error.code === String(MongoCode.UNAUTHORIZED) || CLOSED.has(error.code);
  if (error.from !== 'server' || ownRefusal || machine.path?.at(-2) !== 'COMMAND') return undefined;
  const said = error.message.replace(/\.$/, '');
  const message = `All went well up to the first command, but ${said}. ${NEXT[error.code] ?? LOOK_IN_LOG}`;
  return { ...error, message };
}
