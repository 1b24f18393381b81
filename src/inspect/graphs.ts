import { stateGraph as mongoGraph } from '../mongodb/graph';
import { stateGraph as postgresGraph } from '../postgres/graph';
import type { StateGraph } from '../trace/graph';
import type { Protocol } from '../trace/model';

/** The state graph of a protocol, from its transition table. */
export function stateGraphOf(protocol: Protocol): StateGraph {
  return protocol === 'postgres' ? postgresGraph() : mongoGraph();
}
