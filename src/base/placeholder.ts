/** Placeholders of a copied connection string that nobody replaced: `<password>`, `YOUR_PASSWORD`, `${DB_USER}`. */

/** Words that placeholders consist of. A text of other words is taken for a value: nothing of it is ever shown. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'a an app address account admin api atlas base cluster cluster0 credential credentials data database db dbname dbuser default ' +
    'dbpassword domain enter env existing fill host hostname id in insert instance ip key login mongo mongodb my name of ' +
    'pass passwd password paste pg pgpassword pguser placeholder port postgres postgresql project put pwd real ref region replace ' +
    'secret server service set the this token url user userid username value with xxx xxxx xxxxx your'
  ).split(' '),
);

/** Words of which a placeholder without brackets has one in front: a password may well be "password". */
const LEADING: ReadonlySet<string> = new Set(['your', 'my', 'enter', 'insert', 'replace', 'put']);

const BRACKETED = /^(?:<([^<>]+)>|\[([^[\]]+)\]|\{([^{}]+)\}|%([^%]+)%)$/;
const TEMPLATE = /^(?:\$\{[\w.:-]+\}|\$\([\w.:-]+\)|\{\{[^{}]*\}\}|<%=?[^%]*%>|\$[A-Z][A-Z0-9]*_[A-Z0-9_]+)$/;

/** What a copy of a masked password consists of. */
const MASKED = /^(?:\*{3,}|•{3,}|●{3,}|…+)$/;

/** The placeholder that `text` is, as it may be shown; null for anything that can be a value. */
export function placeholderOf(text: string): string | null {
  if (text.length > 100) return null;
  if (MASKED.test(text)) return text.slice(0, 8);
  if (TEMPLATE.test(text)) return text;
  const bracketed = BRACKETED.exec(text);
  if (bracketed) {
    const inside = bracketed.slice(1).find((part) => part !== undefined) ?? '';
    return wordsOf(inside).every((word) => WORDS.has(word)) ? text : null;
  }
  const words = wordsOf(text);
  const placeholder = words.length > 1 && LEADING.has(words[0]) && words.every((word) => WORDS.has(word));
  // "mypassword" in one word may be somebody's; signs or capitals between the words make it a placeholder.
  return placeholder && /[_-]/.test(text) ? text : null;
}

function wordsOf(text: string): string[] {
  const words = text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_.-]+/)
    .filter((word) => word !== '');
  return words.length === 0 ? [text] : words;
}
