import fc from 'fast-check';

/** What peers, files and settings try, by kind. */
export const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['a command link', '[Show details](command:workbench.action.terminal.new)'],
  ['a command link with a title', '[x](command:a.b "title")'],
  ['a link to a page', '[x](https://evil.example/)'],
  ['a link to a file', '[x](file:///etc/passwd)'],
  ['a reference link', '[x][y]\n\n[y]: https://evil.example/'],
  ['an image', '![x](https://evil.example/x.png)'],
  ['a bare address', 'see https://evil.example/a and www.evil.example'],
  ['an address in angle brackets', '<https://evil.example/>'],
  ['a mail address', 'write to root@evil.example'],
  ['HTML', '<a href="command:x">x</a><img src=x onerror=alert(1)><script>alert(1)</script>'],
  ['an entity', '&lt;a&gt; &#91;x&#93;(command:x)'],
  ['an icon', '$(alert) $(sync~spin)'],
  ['a heading and a list', '# x\n- y\n1. z\n> q\n---'],
  ['a table', '| a | b |'],
  ['code', '`` ` `x` ```'],
  ['terminal escapes', '\x1b[2J\x1b]8;;https://evil.example/\x07x\x1b]8;;\x07\x9b31m\r\x08'],
  ['bidi controls', '\u202egpj.exe\u202c \u2066x\u2069 \u061c\u200e\u200f'],
  ['zero width', 'a\u200bb\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e'],
  ['tags', '\u{e0001}\u{e0068}\u{e0069}\u{e007f}'],
  ['variation selectors', '\u2764\ufe0f\u{e0100}\u180b'],
  ['blanks that are letters', '\u3164\u115f\u1160\uffa0\u17b4\u2800'],
  ['private and unassigned', '\ue000\u{10ffff}\u{f0000}\uffff'],
  ['separators', 'a\u2028b\u2029c\u0085d'],
  ['half a pair', 'a\ud800b\udc00'],
  ['marks', `Z${'\u0336\u0301'.repeat(400)}`],
  ['a very long run', 'A'.repeat(100_000)],
  ['a very long run of what is escaped', '\u202e'.repeat(100_000)],
  ['a very long run of brackets', '['.repeat(50_000) + ']('.repeat(50_000)],
];

/** Nothing that is not seen, except the ends of lines of our own. */
export const UNSEEN = /(?!\n)\p{C}|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
export const MARKS_ON_MARKS = /\p{M}{10}/u;

/** `[text](target)` as VS Code's notifications and prompts read it, and a little more generous. */
export const MESSAGE_LINK = /\[[^\]]*\]\([^)]*/s;
export const ICON = /\$\([\w~-]+\)/;
/** What editors and terminals make links of by themselves. */
export const ADDRESS = /\b(?:https?|ftps?|file|vscode[\w-]*|command):\/\/|\bwww\./i;

/** Foreign text: the cases above, pieces of them in any order, anything at all. */
export function foreign(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...[
      '[',
      ']',
      '(',
      ')',
      '](',
      '$',
      '$(',
      ':',
      '://',
      'http',
      'https',
      'www',
      '.',
      'command:x',
      '<',
      '>',
      '&',
      '`',
      '\\',
      '|',
      '*',
      '_',
    ],
    ...[
      '\u202e',
      '\u200b',
      '\ufe0f',
      '\u{e0041}',
      '\x1b',
      '\n',
      '\r',
      '\t',
      '\u0301',
      '@',
      'a',
      '#',
      '!',
      '-',
      '1.',
      ' ',
      '"',
      '\ud800',
    ],
  );
  return fc.oneof(
    fc.constantFrom(...HOSTILE.map(([, text]) => text)),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
  );
}
