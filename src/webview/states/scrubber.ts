import { css, LitElement, nothing } from 'lit';
import type { Step } from '../../trace/model';
import { directionText, layerName } from '../model/labels';
import { formatBytes, formatMillis, framesText, oneLine } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { icon } from '../shared/icons';
import { stateName } from '../shared/state-name';
import { base } from '../shared/styles';

/** Moves along the steps: a slider whose arrow keys go one step, buttons beside it, and the chosen step in words. */
export class Scrubber extends LitElement {
  static override properties = {
    steps: { attribute: false },
    step: { attribute: false },
    disabled: { attribute: false },
  };
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .bar {
        display: flex;
        align-items: center;
        gap: 2px;
      }
      input {
        flex: 1;
        min-width: 0;
        height: 20px;
        margin: 0 4px;
        background: none;
        appearance: none;
        cursor: pointer;
      }
      input::-webkit-slider-runnable-track {
        height: 3px;
        border-radius: 2px;
        background: var(--vscode-scrollbarSlider-background, var(--hi-muted));
        outline: 1px solid var(--vscode-contrastBorder, transparent);
      }
      input::-webkit-slider-thumb {
        width: 11px;
        height: 11px;
        margin-top: -4px;
        border-radius: 50%;
        border: none;
        appearance: none;
        background: var(--vscode-button-background, var(--vscode-focusBorder));
        outline: 1px solid var(--vscode-contrastBorder, transparent);
      }
      input:disabled {
        cursor: default;
      }
      input:focus-visible {
        outline: none;
      }
      input:focus-visible::-webkit-slider-thumb {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: 2px;
      }
      .count {
        min-width: 42px;
        text-align: right;
        color: var(--hi-muted);
        font-size: 11px;
        font-variant-numeric: tabular-nums;
      }
      .what {
        display: flex;
        align-items: center;
        gap: 6px;
        margin-top: 2px;
      }
      .what b {
        font-weight: 600;
        min-width: 0;
      }
      .what .icon {
        width: 12px;
        height: 12px;
        color: var(--hi-muted);
      }
      .states {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0 8px;
        margin-top: 4px;
        font-size: 11px;
      }
      .states dt {
        color: var(--hi-muted);
      }
      .states dd {
        font-size: 11px;
        overflow-wrap: anywhere;
      }
      .states .prefix {
        color: var(--hi-muted);
      }
      .where,
      .summary {
        color: var(--hi-muted);
        font-size: 11px;
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare steps: readonly Step[];
  declare step: number;
  declare disabled: boolean;

  constructor() {
    super();
    this.steps = [];
    this.step = 0;
    this.disabled = false;
  }

  override render() {
    const count = this.steps.length;
    const step = this.steps[this.step];
    if (!step) return nothing;
    return html`
      <div class="bar">
        ${this.#button('step-back', 'Previous step', this.step - 1)}
        <input
          type="range"
          min="0"
          max=${count - 1}
          aria-label="Step"
          aria-valuetext=${`Step ${this.step + 1} of ${count}: ${oneLine(step.message)}`}
          .value=${String(this.step)}
          ?disabled=${this.disabled}
          @input=${(event: Event) => this.#choose(Number((event.target as HTMLInputElement).value))}
        />
        ${this.#button('step-forward', 'Next step', this.step + 1)}
        <span class="count" aria-hidden="true">${this.step + 1} / ${count}</span>
      </div>
      <div class=${`what layer-${step.layer}`}>
        ${step.encrypted ? icon('lock', 'encrypted') : nothing}
        <b class="cut" title=${oneLine(step.message)}>${oneLine(step.message)}</b>
        <span class="tag">${layerName(step.layer)}</span>
        ${step.internal ? html`<span class="tag" title="The real client passes through this state without showing it">internal</span>` : nothing}
      </div>
      <p class="where">${where(step)}</p>
      <p class="summary">${oneLine(step.summary)}</p>
      <dl class="states">
        <dt>Client</dt>
        <dd class="mono">${stateName(step.clientState)}</dd>
        <dt>Server</dt>
        <dd class="mono">${stateName(step.serverState)}</dd>
      </dl>
    `;
  }

  #button(name: 'step-back' | 'step-forward', label: string, to: number) {
    return html`<button
      type="button"
      class="icon-button"
      title=${label}
      aria-label=${label}
      ?disabled=${this.disabled || to < 0 || to >= this.steps.length}
      @click=${() => this.#choose(to)}
    >
      ${icon(name)}
    </button>`;
  }

  #choose(step: number): void {
    emit(this, 'hi-select-step', { step });
  }
}

function where(step: Step): string {
  const parts = [
    step.from === 'local' ? 'on the client, nothing sent' : directionText(step.from),
    formatMillis(step.time),
    step.from === 'local' ? '' : formatBytes(step.bytes),
    framesText(step.frames),
  ];
  return parts.filter(Boolean).join(' · ');
}

customElements.define('hi-scrubber', Scrubber);
