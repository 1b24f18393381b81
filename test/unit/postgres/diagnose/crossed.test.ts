/** FINs that cross: nothing that is said of a connection rests on which of them stands first in the capture. */
import { describe, expect, it } from 'vitest';
import { toldOf } from '../../../support/told';
import type { Happening } from '../watch';
import { watch } from '../watch';
import { closes, inside, MD5, SSL, START, type Story, story } from './parts';
import { SPOKEN_STORIES } from './spoken';
import { STORIES } from './stories';

const ALL: readonly Story[] = [...STORIES, ...SPOKEN_STORIES, ...STORIES.map(({ near }) => near)];

function told({ happenings, options }: Story, first: 'client' | 'server') {
  const open = happenings.filter((one: Happening) => !('close' in one));
  const second = first === 'client' ? 'server' : 'client';
  return toldOf(watch([...open, closes(first), closes(second)], { ...options, crossed: true }));
}

describe('FINs that cross', () => {
  it.each(ALL.map((one, at) => ({ one, at })))('leave story $at the same', ({ one }) => {
    expect(told(one, 'server')).toEqual(told(one, 'client'));
  });

  it('do not show whether an encrypted login was refused', () => {
    const sealed = inside({ sealed: 'client' }, { sealed: 'server' });
    const whole = { ...sealed, options: { keys: false } };
    expect(told(whole, 'server')).toMatchObject({ code: 'PG_ENCRYPTED', params: { encryption: 'TLSv1.3' } });
    expect(told(whole, 'server').params).not.toHaveProperty('early');
    const alone = watch([...whole.happenings, closes('server')], whole.options);
    expect(alone.diagnosis.params).toHaveProperty('early');
  });

  it('do not show that a client gave up its login', () => {
    expect(told(story(START, MD5), 'client').auth.outcome).toBe('unknown');
    expect(told(story(SSL), 'client').code).toBe('TCP_CLOSED_TOGETHER');
    expect(watch([...story(START, MD5).happenings, closes('client')]).auth.outcome).toBe('abandoned');
  });
});
