import { describe, expect, it } from 'vitest';
import { lineAt, sourceTexts } from './source';

/**
 * A list that is spread into a call becomes its arguments, and some 120,000 of them are too many: `push(...packets)` fails with a large
 * capture. These lists are short whatever a peer or a file holds; each with what bounds it.
 */
const SHORT: readonly (readonly [file: string, spread: string, bound: string])[] = [
  ['capture/pcapng-notes.ts', '...this.#comments', 'LIMITS.comments'],
  ['capture/pcapng-writer.ts', '...options(', 'one option and the end mark'],
  ['capture/pcapng-writer.ts', '...body', 'the parts of one block'],
  ['cli/lab.ts', '...FAULTS.map', 'the faults of the program'],
  ['cli/record.ts', '...interfaces.map', 'the interfaces of the machine'],
  ['extension/compare-modes.ts', '...row.traces.map', 'the attempts of one mode'],
  ['extension/recordings.ts', '...(command', 'one button'],
  ['language/recording-source.ts', '...early', 'the parameters of a function'],
  ['live/matrix-text.ts', '...cells.map', 'the modes'],
  ['mongodb/client/auth-attempt.ts', '...frames.slice(0, FRAMES_OF_ANSWER)', 'FRAMES_OF_ANSWER'],
  ['mongodb/client/uri.ts', '...checkTogether', 'one issue for each rule'],
  ['postgres/backend/server-switches.ts', '...found.assignments', 'what one letter sets'],
  ['tls/hello.ts', '...known', 'a list with a length of one byte'],
  ['base/secret-shapes.ts', '...found.map', 'MAX_SPANS'],
  ['extension/say/messages.ts', '...buttons', 'the buttons of a message'],
  ['files/read-key-log.ts', '...pieces', 'MAX_KEY_LOG in pieces of 64 KB'],
  ['inspect/inspector.ts', '...this.#undecided', 'MAX_NAMED'],
  ['inspect/inspector.ts', '...this.#retired', 'one sentence for each bound'],
  ['inspect/redaction/addresses.ts', '...', 'the bytes of an address'],
  ['inspect/redaction/pack-snappy.ts', '...literals', 'the elements of one message'],
  ['inspect/redaction/pack-zstd.ts', '...blockHeader', 'three bytes'],
  ['inspect/redaction/secrets.ts', '...bytes.subarray(0, MOST_BINDING)', 'MOST_BINDING'],
  ['language/hover.ts', '...fieldLines', 'the fields of one message'],
  ['mongodb/observer/fields.ts', '...secretsWithin', 'the budget'],
  ['trace/markdown.ts', '...notes.map', 'LIMITS.comments'],
  ['trace/redact.ts', '...bytes.subarray(at, at + 4096)', '4096'],
  ['webview/shared/html.ts', '...values.map', 'the places of a template'],
  ['webview/model/graph-layout.ts', '...xs', 'the states of the graph'],
  ['webview/model/graph-layout.ts', '...ys', 'the states of the graph'],
  ['webview/model/row-store.ts', '...page.rows', 'the page that was asked for'],
];

/** The spreads inside the parentheses of a call: neither in an array or object literal nor a rest parameter. */
function spreadsIn(text: string): { readonly spread: string; readonly offset: number }[] {
  return [...text.matchAll(/\.\.\.(?=[\w#([])/g)].flatMap(({ index }) => {
    const opening = openingBefore(text, index);
    if (opening < 0 || text[opening] !== '(' || !/[\w)\]>]\s*$/.test(text.slice(0, opening))) return [];
    if (/\b(if|for|while|switch|catch|return|function)\s*$/.test(text.slice(0, opening))) return [];
    const spread = /^\.\.\.[^\n]*/.exec(text.slice(index))?.[0] ?? '';
    // `(...parts: readonly Uint8Array[])` declares, and so does `(...early) =>`.
    if (/^\.\.\.\w+\s*:/.test(spread) || /^\.\.\.\w+\)\s*=>/.test(spread)) return [];
    return [{ spread, offset: index }];
  });
}

/** The bracket that is still open before an offset; -1 if none is. */
function openingBefore(text: string, offset: number): number {
  let closed = 0;
  for (let at = offset - 1; at >= 0; at--) {
    if (')]}'.includes(text[at])) closed++;
    else if ('([{'.includes(text[at]) && closed-- === 0) return at;
  }
  return -1;
}

const known = ({ file, spread }: { readonly file: string; readonly spread: string }) =>
  SHORT.find(([at, start]) => at === file && spread.startsWith(start));

describe('lists as arguments', () => {
  const found = sourceTexts().flatMap(({ file, text }) =>
    spreadsIn(text).map(({ spread, offset }) => ({ file, spread, line: lineAt(text, offset) })),
  );

  it('are short', () => {
    expect(
      found.filter((one) => !known(one)).map(({ file, line, spread }) => `${file}:${line} ${spread}`),
    ).toEqual([]);
  });

  it('have no exception that is not needed', () => {
    const used = new Set(found.map(known));
    expect(SHORT.filter((one) => !used.has(one))).toEqual([]);
  });

  it.each([
    ['list.push(...packets);', 1],
    ['Math.max(0, ...list.map((one) => one.length))', 1],
    ['concat(\n  head,\n  ...parts,\n)', 1],
    ['new Set(...x)', 1],
    ['[...list]', 0],
    ['call({ ...options })', 0],
    ['call([...list])', 0],
    ['function f(...parts: string[]) {}', 0],
    ['const f = (...parts) => g(parts)', 0],
  ])('would be noticed: %s', (text, count) => {
    expect(spreadsIn(text)).toHaveLength(count);
  });
});
