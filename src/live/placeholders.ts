import { placeholderOf } from '../base/placeholder';
import { TargetError } from './target-error';

/**
 * Refuses a connection string in which placeholders were left: a server would only say that the login failed, or a name would be
 * looked up that nobody has.
 *
 * @param parts what each text is, and the text; hosts may have a domain behind the placeholder
 * @throws TargetError that names the parts and quotes the placeholders, which hold no secret
 */
export function refusePlaceholders(parts: readonly (readonly [string, string | undefined])[]): void {
  const found = parts.flatMap(([part, text]) => {
    const shown = text === undefined ? null : (placeholderOf(text) ?? leadingPlaceholder(part, text));
    return shown === null ? [] : [`the ${part} is "${shown}"`];
  });
  if (found.length === 0) return;
  const list = found.join(' and ');
  throw new TargetError(
    `The connection string still has placeholders: ${list}. Put the real ${found.length === 1 ? 'value' : 'values'} in their place.`,
  );
}

/** `<cluster>.example.net`. */
function leadingPlaceholder(part: string, text: string): string | null {
  if (part !== 'host') return null;
  const label = text.split('.')[0];
  return /^[<[{$%]/.test(label) ? placeholderOf(label) : null;
}
