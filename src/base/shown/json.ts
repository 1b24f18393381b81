import { ODD, UNUSUAL } from './characters';
import type { Gated } from './gate';

/** JSON that holds exactly what was given and shows nothing odd in a terminal. */
export type JsonText = Gated<'json'>;

/**
 * As `JSON.stringify`, with the characters that do something else than to be seen as `\u202e`: parsed, the value is the same.
 *
 * @param indent as for `JSON.stringify`.
 */
export function json(value: object, indent?: number): JsonText {
  const text = JSON.stringify(value, null, indent);
  if (!UNUSUAL.test(text)) return text as JsonText;
  return text.replace(ODD, (found) => (found === '\n' ? found : unitsOf(found))) as JsonText;
}

/** JSON put together of pieces; the literal is ours. */
export function jsonPiece(own: TemplateStringsArray, ...pieces: readonly JsonText[]): JsonText {
  return own.reduce((text, literal, index) => text + pieces[index - 1] + literal) as JsonText;
}

function unitsOf(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return text;
}
