import { css, LitElement, nothing, type TemplateResult } from 'lit';
import type { Diagnosis, NextStep } from '../../trace/diagnosis';
import { isTrouble, optionText, sureText } from '../../trace/diagnosis-words';
import { oneLine } from '../model/text';
import { emit } from './events';
import { html } from './html';
import { icon } from './icons';
import { base } from './styles';

/** Steps that are shown at once; more are read in the annotated text. */
const MOST_STEPS = 3;

/** What stands below the heading of a handshake: why, what to do, how sure it is and what else it may be. */
export class DiagnosisView extends LitElement {
  static override properties = { diagnosis: { attribute: false } };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        overflow-wrap: anywhere;
      }
      .why {
        margin-top: 2px;
      }
      ol {
        margin: 4px 0 0;
        padding: 0 0 0 18px;
      }
      ol.single {
        padding: 0;
        list-style: none;
      }
      li {
        padding: 1px 0;
      }
      .paste {
        display: flex;
        align-items: flex-start;
        gap: 4px;
        margin: 2px 0 3px;
      }
      code {
        min-width: 0;
        padding: 2px 6px;
        border-radius: 3px;
        background: var(--vscode-textCodeBlock-background, transparent);
        color: var(--vscode-foreground);
        font-family: var(--hi-mono);
        font-size: var(--hi-mono-size);
        white-space: pre-wrap;
      }
      details {
        margin-top: 4px;
        color: var(--hi-muted);
        font-size: 12px;
      }
      summary {
        width: fit-content;
        cursor: pointer;
      }
      details p {
        margin: 3px 0 0 12px;
      }
      .code {
        margin-left: 4px;
        font-size: 11px;
        white-space: nowrap;
      }
    `,
  ];
  declare diagnosis: Diagnosis | null;

  constructor() {
    super();
    this.diagnosis = null;
  }

  override render() {
    const { diagnosis } = this;
    if (!diagnosis) return nothing;
    const { why, next } = diagnosis;
    return html`
      ${why === null ? nothing : html`<p class="why">${oneLine(why)}</p>`}
      ${
        next.length === 0
          ? nothing
          : html`<ol class=${next.length === 1 ? 'single' : ''} aria-label="What to do">
              ${next.slice(0, MOST_STEPS).map((step) => html`<li>${oneLine(step.text)}${this.#paste(step)}</li>`)}
            </ol>`
      }
      ${isTrouble(diagnosis) ? this.#sure(diagnosis) : nothing}
    `;
  }

  /** The line to paste, or the option to set, with a button that copies it. */
  #paste(step: NextStep): TemplateResult | typeof nothing {
    const text = step.snippet ?? optionText(step);
    if (text === '') return nothing;
    return html`<span class="paste"
      ><code>${text}</code
      ><button
        type="button"
        class="icon-button"
        title="Copy"
        aria-label=${`Copy ${oneLine(text)}`}
        @click=${() => emit(this, 'hi-copy', { text })}
      >
        ${icon('copy')}
      </button></span
    >`;
  }

  #sure(diagnosis: Diagnosis): TemplateResult {
    const { code, alternatives } = diagnosis;
    const label = alternatives.length > 0 ? 'How sure, and what else it may be' : 'How sure';
    return html`<details>
      <summary>${label}<span class="code mono">${oneLine(code)}</span></summary>
      <p>${sureText(diagnosis)}</p>
      ${alternatives.map(
        ({ code: other, what, tellApart }) =>
          html`<p>
            ${oneLine(what)}<span class="code mono">${oneLine(other)}</span><br />To tell them apart: ${oneLine(tellApart)}
          </p>`,
      )}
    </details>`;
  }
}

customElements.define('hi-diagnosis', DiagnosisView);
