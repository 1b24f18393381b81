import { MongoObserver } from '../mongodb/observer/observer';
import { PostgresObserver } from '../postgres/observer/observer';
import { TraceBuilder } from '../trace/builder';
import type { Endpoint, Protocol, Source } from '../trace/model';
import type { ProtocolObserver } from './observer';

export interface ObserverSetup {
  readonly source: Source;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** TLS from the first byte. */
  readonly direct: boolean;
  readonly keepData: boolean;
  /** See `TraceBuilder.outline`. */
  readonly outline?: boolean;
}

/** The observer of a protocol, with a trace of its own. The one place that knows which protocols there are. */
export function createObserver(protocol: Protocol, setup: ObserverSetup): ProtocolObserver {
  const { source, client, server, keepData, outline } = setup;
  const trace = new TraceBuilder(source, protocol, client, server, keepData, outline);
  switch (protocol) {
    case 'postgres':
      return new PostgresObserver(trace, { direct: setup.direct });
    case 'mongodb':
      return new MongoObserver(trace, { direct: setup.direct });
    default: {
      const unknown: never = protocol;
      throw new RangeError(`no observer for ${unknown}`);
    }
  }
}
