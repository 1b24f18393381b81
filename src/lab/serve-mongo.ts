import type { TlsOutcome } from '../base/machine';
import { runMachine } from '../live/driver';
import type { Transport } from '../live/transport';
import type { FetchEffect } from '../mongodb/server/authorization-manager';
import { MongosConnection } from '../mongodb/server/connection';
import type { NoteEffect } from '../mongodb/server/effects';
import type { MongosService } from '../mongodb/server/service';
import type { Endpoint } from '../trace/model';
import { LAB_LIMITS } from './lab-server';

export interface ServeOptions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Longest wait for a client, milliseconds; servers wait without a limit, the lab does not. */
  readonly stepMs?: number;
  /** The same for one that has sent no message yet. */
  readonly silentMs?: number;
  startTls(): Promise<TlsOutcome>;
  /** Fetches what the user cache lacks, and tells it. */
  answer(effect: FetchEffect): void;
  /** Called with the number that the server gave the connection. */
  onConnection?(connectionId: number): void;
}

/** One client connection of a mongos or a mongod, to its end. Never rejects. */
export async function serveMongo(service: MongosService, options: ServeOptions): Promise<void> {
  const { transport, signal, stepMs = LAB_LIMITS.idleMs, silentMs = LAB_LIMITS.silentMs } = options;
  const { recorder } = transport;
  let poke = () => {};
  const connection = new MongosConnection(service, {
    remote: hostPort(recorder.client),
    local: hostPort(recorder.server),
    notes: recorder.keeps,
    wake: () => poke(),
  });
  options.onConnection?.(connection.connectionId);
  try {
    const end = await runMachine<FetchEffect | NoteEffect>(connection, {
      transport,
      signal,
      stepMs,
      silentMs,
      isSilent: () => !connection.heard,
      idleMs: LAB_LIMITS.idleMs,
      stopAtReady: false,
      startTls: () => options.startTls(),
      onStart: (given) => {
        poke = given;
      },
      handleOther: (effect) => {
        if (effect.type === 'note') note(transport, effect);
        else options.answer(effect);
      },
    });
    if (end.kind === 'timeout') {
      const { connectionId } = connection;
      const what = connection.heard ? 'no message' : 'no first message';
      const message = `${what} within ${end.waitedMs} ms: end connection ${connection.remote}`;
      service.options.log?.({ component: 'NETWORK', connectionId, message });
    }
  } finally {
    // However the run ended: the ticket and the users go back.
    connection.handleClosed();
    for (let effect = connection.pollEffect(); effect; effect = connection.pollEffect()) {
      if (effect.type === 'note') note(transport, effect);
      else if (effect.type === 'fetchVersion' || effect.type === 'fetchUser') options.answer(effect);
    }
  }
}

function note({ recorder }: Transport, { message, summary, fields }: NoteEffect): void {
  recorder.local({ kind: 'note', message, summary, fields });
}

function hostPort({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
