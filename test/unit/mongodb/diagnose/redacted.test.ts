/** What a rule reads of a message is public, so a redacted copy keeps it and tells the same cause. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AddressBook } from '../../../../src/inspect/redaction/addresses';
import { redactMessages } from '../../../../src/inspect/redaction/mongodb';
import { Names } from '../../../../src/inspect/redaction/names';
import { Watcher } from '../observe';
import { HELLO_STORIES } from './hello-stories';
import { LOGIN_STORIES } from './login-stories';
import { USE_STORIES } from './use-stories';

afterEach(() => void vi.restoreAllMocks());

/** The addresses of the connection, which stay in a copy. */
const ADDRESSES = ['10.0.0.1', '10.0.0.2'];

/** What is said from now on goes through redaction first. */
function redactAll() {
  const names = new Names(new AddressBook(ADDRESSES));
  const whole = Watcher.prototype.bytes;
  return vi.spyOn(Watcher.prototype, 'bytes').mockImplementation(function (
    this: Watcher,
    from,
    bytes,
    chunk,
  ) {
    const copy = bytes.slice();
    redactMessages(copy, names, from === 'server');
    whole.call(this, from, copy, chunk);
  });
}

/** What is told from a name, or from a number that no protocol knows: neither is in a redacted copy, which tells this instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  '<user> was left in': 'MONGO_REFUSED_BEFORE_PROOF',
  'an operation code that nobody knows': 'MONGO_CLOSED_AFTER_HELLO',
  // The member is named by an address that no packet has.
  'the Connect Test stays where drivers leave': 'MONGO_OPEN',
  // Here the certificate keeps the name that the user loses; a copy of a whole connection replaces both alike.
  'the subject': 'MONGO_X509_OTHER_SUBJECT',
};

/** Nothing was said, or nothing that a copy could read. */
const UNSAID = ['sealed', 'a SYN+ACK and a FIN are all there is', 'the SYN, too'];

describe('causes of MongoDB from messages that were redacted', () => {
  const stories = [...HELLO_STORIES, ...LOGIN_STORIES, ...USE_STORIES];
  const all = [...stories, ...stories.flatMap(({ near }) => near)];
  const said = all.filter(({ name }) => !UNSAID.includes(name));

  it.each(said.map((story) => [story.code, story.name, story.told] as const))(
    '%s: %s',
    (code, name, told) => {
      const redacted = redactAll();
      expect(told().finish().diagnosis.code).toBe(INSTEAD[name] ?? code);
      expect(redacted).toHaveBeenCalled();
    },
  );

  it('leaves out stories that are there', () => {
    const names = all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...Object.keys(INSTEAD), ...UNSAID]));
  });
});
