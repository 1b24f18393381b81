import { foreignService, type ServiceName } from '../../diagnosis/services';

/** Another service than PostgreSQL, or one that nobody knows. */
export type OtherService = ServiceName | 'unknown';

/** Services whose bytes do not tell that somebody else answered: text may be anybody's. */
const UNTOLD: ReadonlySet<ServiceName> = new Set(['text', 'postgres']);

/** Which service sent these first bytes instead of PostgreSQL. */
export function otherService(bytes: Uint8Array): OtherService {
  const service = foreignService(bytes);
  return service === null || UNTOLD.has(service) ? 'unknown' : service;
}
