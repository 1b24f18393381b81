/**
 * Whether the machine is this run's own. `npm test` also passes beside other work and counts what is done; what it took is asserted only by
 * `npm run bench -- editor`.
 */
export const TIMED = process.env.HANDSHAKE_INSPECTOR_TIMED === '1';
