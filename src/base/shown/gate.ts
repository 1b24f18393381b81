import { escapeOf } from './characters';
import { shownWithin } from './cut';

/** A text that went through the gate of one kind of outlet. Only gates make it. */
export type Gated<Outlet extends string> = string & { readonly outlet: Outlet };

/** Makes the text of one kind of outlet: of foreign text alone, or of our own words with foreign text in between. */
export interface Gate<Outlet extends string> {
  /** All of it counts as foreign; what is ours in it is ordinary prose. */
  (foreign: string): Gated<Outlet>;
  /** The literal is ours and stays as it is; what is put in is foreign. */
  (own: TemplateStringsArray, ...foreign: readonly (string | number)[]): Gated<Outlet>;
}

export interface GateRules {
  /** Longest foreign part, characters. */
  readonly most: number;
  /** Foreign text with nothing in it that the outlet takes for its own. */
  readonly harmless: (text: string) => string;
  /** Two characters that mean something to the outlet together: they could come from two parts. */
  readonly pairs?: readonly string[];
  /** The same for what takes more than two; our own words have none of it. */
  readonly whole?: (text: string) => string;
}

export function gate<Outlet extends string>({
  most,
  harmless,
  pairs = [],
  whole = (text) => text,
}: GateRules): Gate<Outlet> {
  return (own: string | TemplateStringsArray, ...foreign: readonly (string | number)[]) => {
    if (typeof own === 'string') return shownWithin(own, most, harmless) as Gated<Outlet>;
    let text = own[0];
    foreign.forEach((part, index) => {
      text = joined(text, shownWithin(String(part), most, harmless), pairs);
      text = joined(text, own[index + 1], pairs);
    });
    return whole(text) as Gated<Outlet>;
  };
}

/** Texts of one outlet, one behind the other. */
export function together<Text extends Gated<string>>(texts: readonly Text[], separator: string): Text {
  return texts.join(separator) as Text;
}

function joined(left: string, right: string, pairs: readonly string[]): string {
  const last = left[left.length - 1];
  if (right === '' || !pairs.includes(last + right[0])) return left + right;
  return left.slice(0, -1) + escapeOf(last) + right;
}
