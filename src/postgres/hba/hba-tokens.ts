/** One word of a line. A quoted word has lost its special meaning (`next_token` of `hba.c`). */
export interface HbaToken {
  readonly text: string;
  readonly quoted: boolean;
}

/** The columns of one line; a column is a list where its words are joined by commas. */
export interface HbaLine {
  /** From 1; of its first physical line where it goes on with a backslash. */
  readonly number: number;
  /** Where it begins, in UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly columns: readonly (readonly HbaToken[])[];
}

/** A configuration file of an editor's size; nothing longer is read. */
const HBA_LIMIT = 1 << 20;

/** Cuts pg_hba.conf into lines and words: `#` begins a comment, a backslash at the end joins lines. Empty lines are left out. */
export function hbaLines(text: string): HbaLine[] {
  const lines: HbaLine[] = [];
  let at = 0;
  let number = 1;
  while (at < text.length && at < HBA_LIMIT) {
    const offset = at;
    const first = number;
    let content = '';
    for (;;) {
      let end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      const line = text.slice(at, end).replace(/\r$/, '');
      at = end + 1;
      number++;
      if (!line.endsWith('\\') || at >= text.length) {
        content += line;
        break;
      }
      content += line.slice(0, -1);
    }
    const columns = columnsOf(content);
    if (columns.length > 0) lines.push({ number: first, offset, columns });
  }
  return lines;
}

function columnsOf(line: string): HbaToken[][] {
  const columns: HbaToken[][] = [];
  let at = 0;
  /** The word before ended with a comma: what comes next is in the same column. */
  let joins = false;
  for (;;) {
    while (at < line.length && /[\s,]/.test(line[at])) {
      if (line[at] === ',') joins = columns.length > 0;
      at++;
    }
    if (at >= line.length || line[at] === '#') return columns;
    let text = '';
    let quoted = false;
    let inside = false;
    while (at < line.length && (inside || !/[\s,#]/.test(line[at]))) {
      if (line[at] === '"') {
        // Two quotes inside quotes are one.
        if (inside && line[at + 1] === '"') {
          text += '"';
          at++;
        } else {
          inside = !inside;
        }
        quoted ||= text === '' && inside;
      } else {
        text += line[at];
      }
      at++;
    }
    const token = { text, quoted };
    if (joins) columns[columns.length - 1].push(token);
    else columns.push([token]);
    joins = line[at] === ',';
  }
}
