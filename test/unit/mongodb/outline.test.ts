import { describe, expect, it } from 'vitest';
import { MongoObserver } from '../../../src/mongodb/observer/observer';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Trace } from '../../../src/trace/model';
import { type Conversation, captures, conversationsOf } from './recorded';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 27_017 };

/** Observes in segments of `size` bytes, which are overwritten as soon as the observer has returned. */
function observe({ said }: Conversation, size: number, outline: boolean): Trace {
  const observer = new MongoObserver(new TraceBuilder('capture', 'mongodb', CLIENT, SERVER, false, outline));
  let frame = 0;
  for (const { from, bytes } of said) {
    for (let at = 0; at < bytes.length; at += size) {
      const segment = bytes.slice(at, at + size);
      observer.handleBytes(from, segment, { frame: ++frame, seconds: 1, nanos: frame }, false);
      segment.fill(0xff);
    }
  }
  observer.finish();
  return observer.trace.finish('t1');
}

/** All of a trace but what its steps say. */
function withoutWords(trace: Trace): unknown {
  const steps = trace.steps.map(
    ({ message, frames, from, layer, time, bytes, encrypted, clientState, serverState }) => {
      return { message, frames, from, layer, time, bytes, encrypted, clientState, serverState };
    },
  );
  return { ...trace, steps };
}

describe('an outline', () => {
  it.each(captures)('is all but the words of %s', (file) => {
    for (const conversation of conversationsOf(file)) {
      for (const size of [Number.POSITIVE_INFINITY, 100, 7]) {
        const whole = observe(conversation, size, false);
        const outline = observe(conversation, size, true);
        expect(withoutWords(outline)).toEqual(withoutWords(whole));
        expect(outline.steps.flatMap((step) => step.fields)).toEqual([]);
        expect(outline.steps.length).toBeGreaterThanOrEqual(Math.min(1, conversation.said.length));
      }
    }
  });
});
