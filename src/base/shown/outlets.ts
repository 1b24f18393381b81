/**
 * One gate for each kind of outlet. Words of peers, captures, settings, files and hosts reach a person through one of these and in no
 * other way: what shows a text takes only the type that its gate makes. SECURITY.md has the list.
 */
import { escapeOf, ODD, visible } from './characters';
import { shownWithin } from './cut';
import { type Gated, gate, together } from './gate';

/** Notifications, dialogs, progress, prompts, quick picks, trees, tooltips, the status bar, the outline, Problems. */
export type MessageText = Gated<'message'>;
/** Lines of a terminal, a log or a plain document. */
export type LineText = Gated<'line'>;
/** Markdown of hovers and exports. */
export type MarkdownText = Gated<'markdown'>;
/** A name that is offered for a file. */
export type FileNameText = Gated<'file name'>;

/** A server's error text with its detail, in a notification that still fits the window. */
const MOST_MESSAGE = 1_000;
const MOST_LINE = 2_000;
const MOST_MARKDOWN = 2_000;
const MOST_NAME = 60;

/** The schemes of connection strings: no program opens them, and our sentences are full of them. */
const OURS = /^(postgres(ql)?|mongodb(\+srv)?)$/i;

/** What editors and terminals make a link of by themselves: `https://…`, `file:///…`, `www.…`. */
function withoutAddresses(text: string): string {
  if (!text.includes('://') && !/www\./i.test(text)) return text;
  return text
    .replace(/([a-z][a-z0-9+.-]{0,63}):(?=\/\/)/gi, (found, scheme: string) =>
      OURS.test(scheme) ? found : `${scheme}${escapeOf(':')}`,
    )
    .replace(/(www)\./gi, `$1${escapeOf('.')}`);
}

/** VS Code reads `[text](command:…)` in notifications and prompts, and `$(icon)` in labels. */
const MESSAGE_PAIRS = ['](', '$('] as const;

export const message = gate<'message'>({
  most: MOST_MESSAGE,
  harmless: (text) =>
    withoutAddresses(visible(text)).replace(/[\]$](?=\()/g, (character) => escapeOf(character)),
  pairs: MESSAGE_PAIRS,
  whole: withoutAddresses,
});

export const line = gate<'line'>({
  most: MOST_LINE,
  harmless: (text) => withoutAddresses(visible(text)),
  whole: withoutAddresses,
});

/** An entry of a log: what follows its first line is set in by a tab, as PostgreSQL does, so that nobody can make up an entry. */
export function logEntry(text: string): LineText {
  return together(text.split('\n').map(line), '\n\t');
}

/** What CommonMark, GFM or HTML take for theirs in the middle of a line; `_` inside a word is ordinary. */
const MARKUP = /[\\`*{}[\]<>|&~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
/** And at its beginning: headings, lists, rules, quotes. */
const AT_START = /^(?:[-+=#]|\d{1,9}(?=[.)](?:\s|$)))/;
const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/**
 * `@` makes mail addresses and mentions of what stands beside it, however it is escaped: its number is shown. So it is with addresses
 * of pages, which some readers find after the escapes are gone.
 */
export const markdown = gate<'markdown'>({
  most: MOST_MARKDOWN,
  harmless: (text) =>
    withoutAddresses(visible(text))
      .replace(/@(?=\w)/g, escapeOf('@'))
      .replace(MARKUP, (character) => ENTITIES[character] ?? `\\${character}`)
      .replace(AT_START, (found) => (/\d/.test(found) ? `${found}\\` : `\\${found}`)),
});

/** A code span that the text cannot leave: its fence is longer than any run of backticks inside. */
export function markdownCode(foreign: string, most = MOST_MARKDOWN): MarkdownText {
  const text = shownWithin(foreign, most, visible);
  if (text === '') return '' as MarkdownText;
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}` as MarkdownText;
}

const NOT_IN_NAMES = /[^\p{L}\p{N} ()+,=@_.-]+|^[. ]+/gu;

/** Of a foreign part what can stand in a file's name on any system; nothing that leads out of the folder or hides the file. */
export const fileNameOf = gate<'file name'>({
  most: Number.MAX_SAFE_INTEGER,
  harmless: (text) =>
    shortened(
      text
        .slice(0, 4 * MOST_NAME)
        .normalize('NFC')
        .replace(ODD, '-')
        .replace(NOT_IN_NAMES, '-'),
    ),
});

function shortened(name: string): string {
  return [...name].slice(0, MOST_NAME).join('');
}
