/** FINs that cross: nothing that is said of a connection rests on which of them stands first in the capture. */
import { describe, expect, it } from 'vitest';
import { toldOf } from '../../../support/told';
import type { Watcher } from '../observe';
import { ask, tell } from '../story';
import { challenge, hello, login, MEMBER, proof, start, talk, works } from './story';

const gap = (watcher: Watcher) => {
  watcher.gap('client');
  return watcher;
};

const CONVERSATIONS: readonly (readonly [string, () => Watcher])[] = [
  ['nothing was said', () => talk()],
  ['hello is not answered', () => talk(ask({ hello: 1 }))],
  ['hello alone', () => talk(hello(MEMBER))],
  ['a monitor', () => talk(hello(), hello())],
  ['a login that is not over', () => talk(hello(), start(), challenge(), proof())],
  ['a login', () => talk(login())],
  ['a command that waits', () => talk(login(), ask({ find: 'orders' }, 'shop'))],
  ['commands without a login', () => talk(hello(), works())],
  ['the beginning is missing', () => tell([...works()], true)],
  ['the beginning of a monitor is missing', () => tell([...hello(), ...hello()], true)],
  ['bytes are missing in a login', () => gap(talk(hello(), start(), challenge()))],
  ['bytes are missing after a login', () => gap(talk(login()))],
];

function told(make: () => Watcher, first: 'client' | 'server', waited: number) {
  const watcher = make();
  watcher.wait(waited);
  watcher.close(first);
  watcher.close(first === 'client' ? 'server' : 'client');
  watcher.wire.evidence.crossed = true;
  return toldOf(watcher.finish());
}

describe('FINs that cross', () => {
  it.each(CONVERSATIONS)('tell the same in either order: %s', (_, make) => {
    for (const waited of [0, 60_000])
      expect(told(make, 'server', waited)).toEqual(told(make, 'client', waited));
  });

  it('are both named where the end is all that is known', () => {
    const { params } = told(() => tell([...works()], true), 'server', 0);
    expect(JSON.stringify(params)).not.toMatch(/the (client|server) closed/);
    const alone = gap(talk(hello(), start()));
    alone.close('client');
    expect(alone.finish().diagnosis.params.known).toMatch(/the client closed it$/);
    expect(told(() => gap(talk(hello(), start())), 'client', 0).params.known).toMatch(
      /both sides closed it$/,
    );
  });
});
