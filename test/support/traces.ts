import { UNDECIDED } from '../../src/trace/diagnosis';
import type { Step, Trace } from '../../src/trace/model';

/** A step with defaults for what a test does not care about. */
export function stepOf(parts: Partial<Step> = {}): Step {
  return {
    index: 0,
    time: 0,
    from: 'client',
    layer: 'postgres',
    frames: [1],
    bytes: 32,
    message: 'PasswordMessage',
    clientState: 'CONNECTION_AWAITING_RESPONSE',
    serverState: 'AUTHENTICATING',
    summary: 'a step',
    encrypted: false,
    fields: [],
    ...parts,
  };
}

/** A trace with defaults for what a test does not care about. */
export function traceOf(parts: Partial<Trace> = {}): Trace {
  return {
    id: 't1',
    source: 'capture',
    protocol: 'postgres',
    client: { address: '127.0.0.1', port: 50_000 },
    server: { address: '127.0.0.1', port: 5432 },
    startTime: '2026-01-01T00:00:00.000000000Z',
    durationMs: 1,
    retryOf: null,
    ssl: { requested: false, answer: null, direct: false },
    gssenc: { requested: false, answer: null },
    tls: null,
    auth: { mechanism: null, user: null, database: null, outcome: 'unknown' },
    outcome: 'incomplete',
    error: null,
    diagnosis: UNDECIDED,
    verdict: 'nothing yet',
    steps: [],
    findings: [],
    ...parts,
  };
}
