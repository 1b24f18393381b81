/** What a rule reads of a message is public, so a redacted copy keeps it and tells the same cause. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { redactMessages } from '../../../../src/inspect/redaction/mongodb';
import { Names } from '../../../../src/inspect/redaction/names';
import { Watcher } from '../observe';
import { HELLO_STORIES } from './hello-stories';
import { LOGIN_STORIES } from './login-stories';
import { USE_STORIES } from './use-stories';

afterEach(() => void vi.restoreAllMocks());

/** What is said from now on goes through redaction first. */
function redactAll(): void {
  const names = new Names();
  const whole = Watcher.prototype.bytes;
  vi.spyOn(Watcher.prototype, 'bytes').mockImplementation(function (this: Watcher, from, bytes, chunk) {
    const copy = bytes.slice();
    redactMessages(copy, names, from === 'server');
    whole.call(this, from, copy, chunk);
  });
}

/** What is told from a name, or from a number that no protocol knows: neither is in a redacted copy. */
const BY_NAMES = /^MONGO_(PLACEHOLDER|UNKNOWN_OPCODE)$|the Connect Test/;

describe('causes of MongoDB from messages that were redacted', () => {
  const all = [...HELLO_STORIES, ...LOGIN_STORIES, ...USE_STORIES].filter(
    ({ code, name }) => !BY_NAMES.test(code) && !BY_NAMES.test(name),
  );

  it.each(all.map((story) => [story.code, story.name, story.told] as const))('%s: %s', (code, _, told) => {
    redactAll();
    expect(told().finish().diagnosis.code).toBe(code);
  });
});
