import { html, nothing, type TemplateResult } from 'lit';
import { splitState } from '../model/text';

/** A state's name that may break after underscores, its common prefix drawn quietly. */
export function stateName(name: string): TemplateResult {
  const { prefix, rest } = splitState(name);
  const words = rest.split(/(?<=_)/);
  return html`<span class="state-name"
    >${prefix ? html`<span class="prefix">${prefix}</span><wbr />` : nothing}${words.map(
      (word, at) => html`${at > 0 ? html`<wbr />` : nothing}${word}`,
    )}</span
  >`;
}
