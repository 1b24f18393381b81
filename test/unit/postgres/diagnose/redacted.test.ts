/** The words of an error that a rule reads are public: a redacted copy keeps them, so that it tells the same cause. */
import { describe, expect, it } from 'vitest';
import { latin1, utf8Bytes } from '../../../../src/base/bytes';
import { Names } from '../../../../src/inspect/redaction/names';
import { type Happening, watch } from '../watch';
import { SPOKEN_STORIES } from './spoken';
import { STORIES } from './stories';

/** Fields of an error that hold sentences. */
const SENTENCES = new Set(['M', 'D', 'H']);

/** Names that a startup packet told before. */
const TOLD = ['app_user', 'orders', 'app'];

function masked(text: string): string {
  const names = new Names();
  for (const name of TOLD) names.mask(utf8Bytes(name), 0, name.length);
  const bytes = utf8Bytes(text);
  names.maskSentence(bytes, 0, bytes.length);
  return latin1(bytes);
}

const isError = (happening: Happening) =>
  'server' in happening &&
  typeof happening.server === 'object' &&
  'name' in happening.server &&
  happening.server.name === 'ErrorResponse';

function redacted(happening: Happening): Happening {
  if (!isError(happening)) return happening;
  const { server } = happening as {
    readonly server: { readonly fields: readonly (readonly [string, string])[] };
  };
  const fields = server.fields.map(
    ([type, text]) => [type, SENTENCES.has(type) ? masked(text) : text] as const,
  );
  return { ...happening, server: { ...server, fields } } as unknown as Happening;
}

/** Words of which a copy keeps too little, and what it tells instead. */
const INSTEAD: readonly (readonly [words: string, code: string])[] = [
  // A role named as a phrase, in quotes that are no ASCII and so become letters: the phrase is what is left.
  ['« channel binding »', 'PG_CHANNEL_BINDING_FAILED'],
  // Made up for the stories: no server is known to say them.
  ['"role is off: billing"', 'PG_LOGIN_REFUSED'],
  ['"project does not exist"', 'PG_DATABASE_UNKNOWN'],
  ['"compute quota exceeded"', 'PG_CONNECTION_LIMIT'],
];

describe('causes of PostgreSQL from words without their names', () => {
  const stories = [...STORIES, ...SPOKEN_STORIES];
  const all = stories
    .flatMap((story) => [story, story.near])
    .filter(({ happenings }) => happenings.some(isError));

  it.each(all.map((story, at) => [at, story.code, story] as const))('%i %s', (_, code, story) => {
    const { diagnosis } = watch(story.happenings.map(redacted), story.options);
    const said = JSON.stringify(story.happenings);
    const other = INSTEAD.find(([words]) => said.includes(words));
    expect(diagnosis.code).toBe(other?.[1] ?? code);
  });

  it.each(INSTEAD)('leaves out one that is there: %s', (words) => {
    expect(all.filter(({ happenings }) => JSON.stringify(happenings).includes(words))).toHaveLength(1);
  });

  it('masks the names', () => {
    const words = 'no pg_hba.conf entry for host "192.0.2.1", user "app_user"';
    expect(masked(words)).not.toMatch(/app_user|192/);
    expect(masked(words)).toContain('no pg_hba.conf entry for host');
  });
});
