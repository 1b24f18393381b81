import { describe, expect, it } from 'vitest';
import { TraceBuilder } from '../../../src/trace/builder';
import { plainTrace } from '../../../src/trace/lazy-step';

const END = { address: '192.0.2.1', port: 5432 };

describe('plainTrace', () => {
  it('loses nothing when it is cloned, as a webview has it', () => {
    const builder = new TraceBuilder('capture', 'postgres', END, END);
    const states = { clientState: 'CONNECTION_MADE', serverState: 'unknown' };
    const mark = { frame: 7, seconds: 1, nanos: 5000 };
    const fields = [{ name: 'user', value: 'app_user', secret: true }];
    const words = { words: () => ({ summary: 'asks', fields }) };
    builder.add(mark, 'client', 'postgres', 'StartupMessage', 7, 20, false, states, words);
    builder.add(mark, 'local', 'local', 'Connection needed', 0, 0, false, states, 'chooses', undefined, true);
    const trace = builder.finish('t1');
    expect(structuredClone(plainTrace(trace))).toEqual(JSON.parse(JSON.stringify(trace)));
    expect(structuredClone(plainTrace(trace)).steps[0]).toMatchObject({
      time: 0,
      frames: [7],
      fields,
      ...states,
    });
  });
});
