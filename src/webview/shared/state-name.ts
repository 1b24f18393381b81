import { nothing, type TemplateResult } from 'lit';
import { breakWords, splitState } from '../model/text';
import { html } from './html';

/** A name that may break where its words meet. */
export function breakable(name: string): TemplateResult[] {
  return breakWords(name).map((word, at) => html`${at > 0 ? html`<wbr />` : nothing}${word}`);
}

/** A state's name, its common prefix drawn quietly. */
export function stateName(name: string): TemplateResult {
  const { prefix, rest } = splitState(name);
  return html`<span class="state-name"
    >${prefix ? html`<span class="prefix">${prefix}</span><wbr />` : nothing}${breakable(rest)}</span
  >`;
}
