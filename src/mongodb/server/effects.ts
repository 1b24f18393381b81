import type { Effect } from '../../base/machine';
import type { Field } from '../../trace/model';
import type { FetchEffect } from './authorization-manager';

/** Something that this server did and no message shows: a line of its trace. */
export interface NoteEffect {
  readonly type: 'note';
  readonly message: string;
  readonly summary: string;
  readonly fields?: readonly Field[];
}

/** Besides a machine's effects, what mongos fetches from mongod (answered by `handleVersion` and `handleUser`), and notes. */
export type MongosEffect = Effect | FetchEffect | NoteEffect;
