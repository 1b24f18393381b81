import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsAsPaths, fsPath, pathFromBytes, shownPath, uriPath } from '../../../src/files/path-bytes';

/** Of each length in UTF-8, the last before and the first after the surrogates, the mark that is no character, the order mark. */
const LETTERS = ['a', '/', 'ü', '€', '\ud7ff', '\ue000', '\ufffd', '\ufeff', '日', '😀', '\u{10ffff}'];
const wellFormed = (text: string) => Buffer.from(text).toString();

describe.skipIf(process.platform === 'win32')('paths that are no UTF-8', () => {
  it('have their bytes back, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(Buffer.from(fsPath(pathFromBytes(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('are themselves where they are text, of any language', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LETTERS), { maxLength: 40 }), (letters) => {
        const path = letters.join('');
        expect(pathFromBytes(Buffer.from(path))).toBe(path);
        expect(fsPath(path)).toBe(path);
        expect(shownPath(path)).toBe(path);
      }),
    );
  });

  it('are shown without a byte that is no character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const path = pathFromBytes(bytes);
        expect(shownPath(path)).toBe(wellFormed(shownPath(path)));
        // What a reader of the log makes of it.
        expect(() =>
          decodeURI(uriPath(path.replaceAll('%', '')).replace(/%[89A-F][0-9A-F]/g, '')),
        ).not.toThrow();
      }),
    );
  });

  it.each([
    [[0x61, 0xff, 0x62], 'a\\xffb', 'a%FFb'],
    // The name in Latin-1 that an old disk has.
    [[0x6d, 0xfc, 0x6c, 0x6c], 'm\\xfcll', 'm%FCll'],
    // A character that is cut, and one that is whole.
    [[0xe2, 0x82, 0x2f, 0xe2, 0x82, 0xac], '\\xe2\\x82/€', '%E2%82/%E2%82%AC'],
    // A surrogate half in UTF-8 is none.
    [[0xed, 0xb2, 0x80], '\\xed\\xb2\\x80', '%ED%B2%80'],
  ])('%j', (bytes, shown, uri) => {
    const path = pathFromBytes(Uint8Array.from(bytes));
    expect(shownPath(path)).toBe(shown);
    expect(uriPath(path)).toBe(uri);
  });

  it('leaves arguments that are text as they are', () => {
    expect(argumentsAsPaths(['node', 'cli', 'decode', 'a.pcap'])).toEqual([
      'node',
      'cli',
      'decode',
      'a.pcap',
    ]);
    // Not those of this process.
    expect(argumentsAsPaths(['node', 'cli', '\ufffd'])).toEqual(['node', 'cli', '\ufffd']);
  });
});
