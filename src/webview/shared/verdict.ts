import type { Trace } from '../../trace/model';
import { oneLine } from '../model/text';

/** What became of a handshake, for its heading; what to do about it stands below, see `hi-diagnosis`. */
export function headline({ diagnosis, verdict }: Pick<Trace, 'diagnosis' | 'verdict'>): string {
  return oneLine(diagnosis.what === '' ? verdict : diagnosis.what);
}
