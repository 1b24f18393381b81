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

describe('causes of PostgreSQL from words without their names', () => {
  // A role named as a phrase, in quotes that are no ASCII and so become letters.
  const unlikely = /« channel binding »/;
  const all = [...STORIES, ...SPOKEN_STORIES].filter(({ happenings }) =>
    happenings.some((each) => isError(each) && !unlikely.test(JSON.stringify(each))),
  );

  it.each(all.map((story, at) => [at, story.code, story] as const))('%i %s', (_, code, story) => {
    const { diagnosis } = watch(story.happenings.map(redacted), story.options);
    expect(diagnosis.code).toBe(code);
  });
});
