import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { UNUSUAL } from '../../../../src/base/shown/characters';
import { together } from '../../../../src/base/shown/gate';
import { json, jsonPiece } from '../../../../src/base/shown/json';
import {
  fileNameOf,
  line,
  logEntry,
  markdown,
  markdownCode,
  message,
} from '../../../../src/base/shown/outlets';
import { ADDRESS, foreign, HOSTILE, ICON, MARKS_ON_MARKS, MESSAGE_LINK, UNSEEN } from './texts';

/** A reader that makes links wherever it can: GitHub's and VS Code's do less. */
const reader = new MarkdownIt({ html: true, linkify: true });

/** What a Markdown text becomes, apart from text. */
function markupOf(text: string): string[] {
  const types = new Set<string>();
  for (const block of reader.parse(text, {})) {
    types.add(block.type);
    for (const inline of block.children ?? []) types.add(inline.type);
  }
  return [...types].filter(
    (type) => !['paragraph_open', 'paragraph_close', 'inline', 'text', 'text_special'].includes(type),
  );
}

describe('every outlet', () => {
  const outlets = { message, line, markdown, markdownCode: (text: string) => markdownCode(text), fileNameOf };
  for (const [name, gate] of Object.entries(outlets)) {
    it(`${name} shows every character, and no more than fits`, () => {
      fc.assert(
        fc.property(foreign(), (text) => {
          const shown = gate(text);
          expect(shown).not.toMatch(UNSEEN);
          expect(shown).not.toMatch(MARKS_ON_MARKS);
          expect(shown).not.toContain('\n');
          // Markdown's own escapes come on top of the longest text.
          expect(shown.length).toBeLessThanOrEqual(6 * 2_000);
        }),
      );
    });
  }

  it('does ordinary text in any language no harm', () => {
    for (const text of [
      'password authentication failed for user "app_user"',
      'Größe ñandú',
      '用户 app_user 密码认证失败',
      'пароль',
      'משתמש',
      'كلمة',
      'ज़ी',
      'e\u0301',
      '日本\u3000語',
      '« app »',
    ]) {
      expect(message(text)).toBe(text);
      expect(line(text)).toBe(text);
    }
    const sentence =
      'postgresql://app_user@db.example.com:5432/app and mongodb+srv://x (10.0.0.5:5432, #4–#9)';
    expect(line(sentence)).toBe(sentence);
    expect(message(sentence)).toBe(sentence);
    expect(markdown('SCRAM-SHA-256 at 10.0.0.5:5432 (CONNECTION_AUTH_OK)')).toBe(
      'SCRAM-SHA-256 at 10.0.0.5:5432 (CONNECTION_AUTH_OK)',
    );
  });

  it('takes a short cut past no character that needs it', () => {
    const all = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
    const usual = all.filter((character) => !UNUSUAL.test(character));
    expect(usual.length).toBeGreaterThan(95);
    expect(usual.filter((character) => UNSEEN.test(character) || /\p{M}/u.test(character))).toEqual([]);
  });

  it('shows what is cut as a count', () => {
    expect(message('x'.repeat(3_720))).toBe(`${'x'.repeat(960)}… 2,760 more characters`);
    expect(line(`a${'\u0301'.repeat(100)}b`)).toBe(`a${'\u0301'.repeat(6)}(… 94 more marks)b`);
    expect(message('\u202e'.repeat(1_000))).toMatch(/^(\\u\{202e\}){120}… 880 more characters$/);
  });

  it('leaves what went through it before as it is', () => {
    fc.assert(
      fc.property(foreign(), (text) => {
        expect(message(message(text))).toBe(message(text));
        expect(line(line(text))).toBe(line(text));
      }),
    );
  });

  it.each(HOSTILE)('takes %s', (_, text) => {
    for (const gate of Object.values(outlets)) expect(gate(text)).not.toMatch(UNSEEN);
    expect(markupOf(markdown(text))).toEqual([]);
    expect(message(text)).not.toMatch(MESSAGE_LINK);
  });
});

describe('a message', () => {
  it('has no link, icon or address, however it is put together', () => {
    fc.assert(
      fc.property(foreign(), foreign(), foreign(), (a, b, c) => {
        for (const text of [
          message`${a}${b}${c}`,
          message`${a}: ${b} (${c})`,
          message`[${a}] (${b}) "${c}"`,
          message`${a}$${b}`,
        ]) {
          expect(text).not.toMatch(MESSAGE_LINK);
          expect(text).not.toMatch(ICON);
          expect(text).not.toMatch(ADDRESS);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps an icon and the ends of lines that are ours', () => {
    expect(message`$(database) ${'$(alert)'}\n${'a\nb'}`).toBe('$(database) \\u{24}(alert)\na\\nb');
  });

  it.each([
    ['[x](command:y)', '[x\\u{5d}(command:y)'],
    ['http://a', 'http\\u{3a}//a'],
    ['\u001b[31m', '\\u{1b}[31m'],
  ])('shows %j as %j', (text, shown) => expect(message(text)).toBe(shown));

  it('notices a link that comes in two parts', () => {
    expect(message`${'[x]'}${'(command:y)'}`).toBe('[x\\u{5d}(command:y)');
    expect(message`${'https'}${'://evil.example'}`).toBe('https\\u{3a}//evil.example');
  });
});

describe('a line', () => {
  it('has no address that an editor or a terminal makes a link of', () => {
    fc.assert(
      fc.property(foreign(), foreign(), (a, b) => {
        expect(line`${a}${b}, ${a}`).not.toMatch(ADDRESS);
      }),
    );
  });
});

describe('a log entry', () => {
  it('has its lines, and none that looks like an entry of its own', () => {
    expect(logEntry('FATAL:  no\nDETAIL:  \u001b[2J')).toBe('FATAL:  no\n\tDETAIL:  \\u{1b}[2J');
  });
});

describe('Markdown', () => {
  it('has nothing but text in it', () => {
    fc.assert(
      fc.property(foreign(), foreign(), (a, b) => {
        expect(markupOf(markdown`${a}`)).toEqual([]);
        expect(markupOf(markdown`x ${a}, ${b}`)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('has code that cannot be left', () => {
    fc.assert(
      fc.property(foreign(), foreign(), (a, b) => {
        const text = together([markdown`x `, markdownCode(`a${a}`), markdown` ${b}`], '');
        expect(markupOf(text)).toEqual(['code_inline']);
      }),
    );
  });

  it('has table cells that cannot be left', () => {
    fc.assert(
      fc.property(foreign(), (a) => {
        const cells = reader.parse(`| a | b |\n|---|---|\n${markdown`| ${a} | x |`}\n`, {});
        expect(cells.filter(({ type }) => type === 'td_open')).toHaveLength(2);
      }),
    );
  });

  it('would find a link, a mail address and HTML', () => {
    expect(markupOf('[x](command:y) a@b.example <b>')).toEqual(['link_open', 'link_close', 'html_inline']);
  });
});

describe('JSON', () => {
  it('parses to what was given and shows nothing odd', () => {
    fc.assert(
      fc.property(foreign(), fc.constantFrom(undefined, 2), (text, indent) => {
        const printed = json({ [text]: [text] }, indent);
        expect(printed).not.toMatch(UNSEEN);
        expect(JSON.parse(printed)).toEqual({ [text]: [text] });
      }),
    );
  });

  it('is put together of pieces', () => {
    expect(jsonPiece`{"a":${json(['\u202e'])}}\n`).toBe('{"a":["\\u202e"]}\n');
  });
});

describe('a file name', () => {
  it.each([
    ['../../etc/passwd', '--..-etc-passwd'],
    ['C:\\x\\y', 'C-x-y'],
    ['.bashrc', '-bashrc'],
    ['app (1).pcap', 'app (1).pcap'],
    ['gpj\u202egnp.exe', 'gpj-gnp.exe'],
    ['[x](command:y)', '-x-(command-y)'],
    ['größe', 'größe'],
  ])('is of %j %j', (text, name) => expect(fileNameOf(text)).toBe(name));

  it('stays in its folder and is short', () => {
    fc.assert(
      fc.property(foreign(), (text) => {
        const name = fileNameOf`${text}-1.pcapng`;
        expect(name).not.toMatch(/[/\\:*?"<>|]|^\./);
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
      }),
    );
  });
});
