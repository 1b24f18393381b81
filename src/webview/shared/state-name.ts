import { html, nothing, type TemplateResult } from 'lit';
import { oneLine, splitState } from '../model/text';

/** A name that may break where its words meet: after underscores and before capitals. */
export function breakable(name: string): TemplateResult[] {
  const words = oneLine(name).split(/(?<=_)|(?<=[a-z0-9])(?=[A-Z])/);
  return words.map((word, at) => html`${at > 0 ? html`<wbr />` : nothing}${word}`);
}

/** A state's name, its common prefix drawn quietly. */
export function stateName(name: string): TemplateResult {
  const { prefix, rest } = splitState(name);
  return html`<span class="state-name"
    >${prefix ? html`<span class="prefix">${prefix}</span><wbr />` : nothing}${breakable(rest)}</span
  >`;
}
