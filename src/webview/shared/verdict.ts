import { nothing, type TemplateResult } from 'lit';
import { splitVerdict } from '../model/text';
import { html } from './html';

/** A verdict for a heading: what happened stands out, the advice follows plainly. */
export function verdictText(verdict: string): TemplateResult {
  const { what, advice } = splitVerdict(verdict);
  return html`${what}${advice ? html`<span class="advice">${advice}</span>` : nothing}`;
}
