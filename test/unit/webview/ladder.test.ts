import { describe, expect, test } from 'vitest';
import type { Step, Trace } from '../../../src/trace/model';
import { failingStep, ladderRows, openingStep } from '../../../src/webview/model/ladder';

function step(index: number, change: Partial<Step>): Step {
  return {
    index,
    time: index,
    from: 'client',
    layer: 'postgres',
    frames: [index + 4],
    bytes: 8,
    message: 'StartupMessage',
    clientState: 'CONNECTION_AWAITING_RESPONSE',
    serverState: 'ClientAuthentication',
    summary: '',
    encrypted: false,
    fields: [],
    ...change,
  };
}

type Ended = Pick<Trace, 'steps' | 'outcome' | 'error' | 'durationMs'>;
const ended = (steps: Step[], change: Partial<Ended> = {}): Ended => ({
  steps,
  outcome: 'failed',
  error: { from: 'server', code: '28P01', message: 'no' },
  durationMs: steps.at(-1)?.time ?? 0,
  ...change,
});

describe('rows of the sequence view', () => {
  test('arrows, and states only where they change', () => {
    const rows = ladderRows(
      ended([
        step(0, {}),
        step(1, { from: 'server' }),
        step(2, { from: 'local', frames: [], clientState: 'CONNECTION_BAD' }),
      ]),
    );
    expect(rows.map((row) => row.arrow)).toEqual(['to-server', 'to-client', 'local']);
    expect(rows.map((row) => row.clientChanged)).toEqual([true, false, true]);
    expect(rows.map((row) => row.serverChanged)).toEqual([true, false, false]);
    expect(rows.map((row) => row.frames)).toEqual(['#4', '#5', '']);
    expect(rows[0].gap).toBe('');
  });

  test('a wait that is most of the whole is marked, a short one never', () => {
    const rows = ladderRows(ended([step(0, {}), step(1, { time: 900 }), step(2, { time: 960 })]));
    expect(rows.map((row) => row.slow)).toEqual([false, true, false]);
    expect(ladderRows(ended([step(0, {}), step(1, { time: 2 })])).some((row) => row.slow)).toBe(false);
  });

  test('clocks that run backwards give no negative wait', () => {
    const rows = ladderRows(ended([step(0, { time: 5 }), step(1, { time: 3 })]));
    expect(rows[1].gap).not.toContain('-');
  });
});

describe('the step that ended a failed trace', () => {
  test('is the error message of the side that the error names', () => {
    const steps = [
      step(0, { from: 'server', message: 'ErrorResponse' }),
      step(1, { from: 'client', message: 'Terminate' }),
      step(2, { from: 'server', layer: 'tcp', message: 'FIN' }),
    ];
    expect(failingStep(ended(steps))).toBe(0);
  });

  test('is the local step, or the alert, with which the client refused', () => {
    const error = { from: 'client', code: 'TLS', message: '' } as const;
    const fin = step(3, { layer: 'tcp', message: 'FIN' });
    const check = step(2, { from: 'local', message: 'Check certificate' });
    expect(failingStep(ended([step(0, { from: 'local' }), step(1, {}), check, fin], { error }))).toBe(2);
    const alert = step(2, { layer: 'tls', message: 'Alert' });
    expect(failingStep(ended([step(0, { from: 'local' }), step(1, {}), alert, fin], { error }))).toBe(2);
  });

  test('is not the alert with which TLS ends in good order', () => {
    const steps = [
      step(0, { from: 'server', layer: 'mongodb', message: 'authenticate reply' }),
      step(1, { from: 'server', layer: 'tls', message: 'Alert', summary: 'warning: close_notify' }),
      step(2, { from: 'server', layer: 'tcp', message: 'FIN' }),
    ];
    expect(failingStep(ended(steps))).toBe(0);
    const fatal = step(1, { from: 'server', layer: 'tls', message: 'Alert', summary: 'fatal: unknown_ca' });
    expect(failingStep(ended([steps[0], fatal, steps[2]]))).toBe(1);
  });

  test('is the last one that says something, else the last one', () => {
    const reset = step(1, { from: 'server', layer: 'tcp', message: 'RST' });
    expect(failingStep(ended([step(0, { from: 'server' }), reset]))).toBe(0);
    expect(failingStep(ended([step(0, {}), reset]))).toBe(1);
  });

  test('is none where nothing failed or nothing was seen', () => {
    expect(failingStep(ended([step(0, {})], { outcome: 'ready', error: null }))).toBe(-1);
    expect(failingStep(ended([]))).toBe(-1);
  });
});

describe('the step to open with', () => {
  const open = (steps: Step[], change: Partial<Trace> = {}) =>
    openingStep({ ...ended(steps), outcome: 'ready', error: null, protocol: 'postgres', ...change });
  const syn = step(0, { layer: 'tcp', message: 'SYN', bytes: 0 });
  const hello = step(1, { layer: 'tls', message: 'ClientHello' });

  test('is the one that failed', () => {
    const steps = [syn, step(1, {}), step(2, { from: 'server', message: 'ErrorResponse' })];
    const error = { from: 'server', code: '28P01', message: 'no' } as const;
    expect(open(steps, { outcome: 'failed', error })).toBe(2);
  });

  test('is the first message of the protocol, inside TLS too', () => {
    expect(open([syn, step(1, {})])).toBe(1);
    expect(open([syn, hello, step(2, { encrypted: true })])).toBe(2);
  });

  test('is the first of TLS where what the protocol said is sealed', () => {
    const sealed = step(2, { layer: 'tls', message: 'EncryptedHandshake', encrypted: true });
    expect(open([syn, hello, sealed], { outcome: 'encrypted', protocol: 'mongodb' })).toBe(1);
  });

  test('is the first of all where only TCP was seen', () => {
    expect(open([syn], { outcome: 'incomplete' })).toBe(0);
    expect(open([])).toBe(0);
  });
});
