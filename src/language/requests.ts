import * as v from 'valibot';
import {
  ErrorCodes,
  type NotificationHandler,
  type RequestHandler,
  ResponseError,
} from 'vscode-languageserver/node';
import {
  type LanguageCommand,
  type LanguageMethod,
  type LanguageNews,
  type LanguageParams,
  type LanguageResult,
  languageCommands,
  languageRequests,
  type NewsParams,
} from '../contract/language';
import { CaptureFileError } from '../files/errors';
import { listRecordable, record, save } from './recording-requests';
import { problemText } from './render';
import type { CaptureSession } from './session';
import type { Sessions } from './sessions';

/** The part of a language server's connection that the requests need; a test gives its own. */
export interface RequestConnection {
  onRequest(method: string, handler: RequestHandler<unknown, unknown, void>): unknown;
  onNotification(method: string, handler: NotificationHandler<unknown>): unknown;
}

type Handlers = { [M in LanguageMethod]: (params: LanguageParams<M>) => Promise<LanguageResult<M>> };

/** Serves the requests that this project adds to the protocol; every parameter is checked before it is used. */
export function serveRequests(connection: RequestConnection, sessions: Sessions): void {
  const handlers = requestHandlers(sessions);
  for (const method of Object.keys(languageRequests) as LanguageMethod[]) {
    connection.onRequest(method, async (params) => {
      const parsed = v.safeParse(languageRequests[method].params, params);
      if (!parsed.success) return new ResponseError(ErrorCodes.InvalidParams, parsed.issues[0].message);
      try {
        return await (handlers[method] as (params: unknown) => Promise<unknown>)(parsed.output);
      } catch (error) {
        const code = error instanceof CaptureFileError ? ErrorCodes.InvalidRequest : ErrorCodes.InternalError;
        return new ResponseError(code, error instanceof Error ? error.message : String(error));
      }
    });
  }
  const commands: { [C in LanguageCommand]: (uri: string) => void } = {
    'handshake/cancel': (uri) => sessions.cancel(uri),
    'handshake/close': (uri) => sessions.close(uri),
    'handshake/reload': (uri) => sessions.reload(uri),
    'handshake/stop': (uri) => sessions.stop(uri),
  };
  for (const command of Object.keys(commands) as LanguageCommand[]) {
    connection.onNotification(command, (params) => {
      const parsed = v.safeParse(languageCommands[command], params);
      if (parsed.success) commands[command](parsed.output.uri);
    });
  }
}

function requestHandlers(sessions: Sessions): Handlers {
  return {
    'handshake/open': async ({ uri, keyLogFile, unpackedMegabytes, decodeAs }) => {
      sessions.unpackedMegabytes = unpackedMegabytes;
      if (decodeAs) sessions.decodeAs = decodeAs;
      return { state: sessions.open(uri, keyLogFile).state };
    },
    'handshake/page': async ({ uri, offset, limit }) => opened(sessions, uri).page(offset, limit),
    'handshake/trace': async ({ uri, id, reveal }) => ({ trace: opened(sessions, uri).trace(id, reveal) }),
    'handshake/bytes': async ({ uri, id, step, reveal }) => opened(sessions, uri).bytes(id, step, reveal),
    'handshake/text': async ({ uri }) => {
      const session = await finished(sessions, uri);
      try {
        if (session.problem) return { text: problemText(session.problem), lines: [], renamed: {} };
        const rendered = session.rendered();
        const lines: LanguageResult<'handshake/text'>['lines'] = [];
        rendered.lines.forEach((reference, line) => {
          if (reference.trace === undefined || (!reference.heading && reference.step === undefined)) return;
          lines.push({ line, id: session.traces[reference.trace].id, step: reference.step ?? null });
        });
        return { text: rendered.text, lines, renamed: session.renamed };
      } finally {
        sessions.close(uri);
      }
    },
    'handshake/interfaces': listRecordable,
    'handshake/record': (params) => record(sessions, params),
    'handshake/save': (params) => save(sessions, params),
  };
}

/**
 * Holds the session until it has nothing more to read, also when it is read again meanwhile; a recording is taken as far as it is. The
 * caller closes it.
 */
async function finished(sessions: Sessions, uri: string): Promise<CaptureSession> {
  let session = sessions.open(uri);
  for (;;) {
    if (session.live) return session;
    await session.done;
    const now = sessions.find(uri);
    if (!now || now === session) return session;
    session = now;
  }
}

function opened(sessions: Sessions, uri: string): CaptureSession {
  const session = sessions.find(uri);
  if (!session) throw new CaptureFileError('NOT_OPEN', 'This capture is not open any more; open it again.');
  return session;
}

/** Typed sender of the server's own notifications. */
export function newsSender(connection: { sendNotification(method: string, params: unknown): unknown }) {
  return <N extends LanguageNews>(name: N, params: NewsParams<N>): void => {
    void Promise.resolve(connection.sendNotification(name, params)).catch(() => {
      // The client is gone; the process ends with it.
    });
  };
}
