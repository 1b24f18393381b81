import type { RequestHandler } from 'vscode-languageserver/node';
import { serveRequests } from '../../src/language/requests';
import { Sessions } from '../../src/language/sessions';

const quiet = () => {};

/** The sessions of a language server whose news nobody hears. */
export function quietSessions(options?: ConstructorParameters<typeof Sessions>[1]): Sessions {
  const news = { onProgress: quiet, onFinished: quiet, onFailed: quiet, onRecording: quiet };
  return new Sessions({ ...news, onStale: quiet, onClosed: quiet }, options);
}

/** Sends a request as it comes from the extension; the answer, or the error that is sent back. */
export type Ask = (method: string, params: unknown) => Promise<unknown>;

/** Serves requests on sessions. A method that nobody serves throws. */
export function askOf(sessions: Sessions): Ask {
  const handlers = new Map<string, RequestHandler<unknown, unknown, void>>();
  serveRequests(
    { onRequest: (method, handler) => handlers.set(method, handler), onNotification: quiet },
    sessions,
  );
  return async (method, params) => {
    const handler = handlers.get(method);
    if (!handler) throw new Error(`nobody serves ${method}`);
    return handler(params, {} as never);
  };
}
