import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { css, LitElement } from 'lit';
import type { TraceRow } from '../../contract/values';
import type { Outcome, Protocol } from '../../trace/model';
import { countNames, OUTCOMES, PROTOCOLS, parseFilter, toggleName } from '../model/filter';
import { outcomeLook } from '../model/labels';
import { protocolName } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { icon } from '../shared/icons';
import { base } from '../shared/styles';

/** The list's filter: a line of text, and a button for each outcome and protocol that occurs. */
export class FilterBar extends LitElement {
  static override properties = {
    rows: { attribute: false },
    version: { attribute: false },
    text: { attribute: false },
  };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding: 8px 8px 6px;
        container: filter / inline-size;
      }
      vscode-textfield {
        display: block;
        width: 100%;
      }
      .find {
        margin-left: 4px;
        color: var(--vscode-input-placeholderForeground, var(--hi-muted));
      }
      .names {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-top: 6px;
      }
      .names button {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        height: 20px;
        padding: 0 7px;
        border: 1px solid var(--vscode-widget-border, var(--hi-line, transparent));
        border-radius: 10px;
        background: none;
        color: var(--hi-muted);
        font: inherit;
        font-size: 11px;
        cursor: pointer;
      }
      .names button:hover {
        background: var(--vscode-toolbar-hoverBackground);
        color: var(--vscode-foreground);
      }
      .names button[aria-pressed='true'] {
        background: var(--vscode-inputOption-activeBackground);
        border-color: var(--vscode-inputOption-activeBorder, transparent);
        color: var(--vscode-inputOption-activeForeground, var(--vscode-foreground));
      }
      .names .icon {
        width: 12px;
        height: 12px;
        stroke-width: 1.4;
      }
      @container filter (max-width: 520px) {
        .many .outcome {
          display: none;
        }
      }
      .count {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
  declare rows: readonly TraceRow[];
  /** Changes whenever `rows` grew: the array itself stays the same. */
  declare version: number;
  declare text: string;

  constructor() {
    super();
    this.rows = [];
    this.version = 0;
    this.text = '';
  }

  override render() {
    const counts = countNames(this.rows);
    const outcomes = OUTCOMES.filter((name) => counts.has(name));
    const protocols = PROTOCOLS.filter((name) => counts.has(name));
    return html`
      <vscode-textfield
        placeholder="Filter by address, user, mechanism, verdict…"
        label="Filter handshakes"
        .value=${this.text}
        @input=${(event: Event) => emit(this, 'hi-filter', { text: textOf(event) })}
        @keydown=${this.#onKey}
        ><span slot="content-before" class="find">${icon('search')}</span></vscode-textfield
      >
      <div class=${outcomes.length > 3 ? 'names many' : 'names'} role="group" aria-label="Show only">
        ${outcomes.length > 1 || this.#chosen(outcomes) ? outcomes.map((name) => this.#outcome(name, counts)) : ''}
        ${
          protocols.length > 1 || this.#chosen(protocols)
            ? protocols.map((name) => this.#button(name, protocolName(name), counts))
            : ''
        }
      </div>
    `;
  }

  #chosen(names: readonly (Outcome | Protocol)[]): boolean {
    const { outcomes, protocols } = parseFilter(this.text);
    return names.some((name) => outcomes.has(name as Outcome) || protocols.has(name as Protocol));
  }

  #outcome(name: Outcome, counts: Map<Outcome | Protocol, number>) {
    const look = outcomeLook(name);
    return this.#button(
      name,
      look.label,
      counts,
      html`<span class="tone-${look.tone}">${icon(look.icon)}</span>`,
    );
  }

  #button(
    name: Outcome | Protocol,
    label: string,
    counts: Map<Outcome | Protocol, number>,
    before: unknown = '',
  ) {
    return html`<button
      type="button"
      aria-pressed=${this.#chosen([name]) ? 'true' : 'false'}
      title=${`Show only: ${label}`}
      aria-label=${`${label}, ${counts.get(name) ?? 0}`}
      data-name=${name}
      @click=${() => emit(this, 'hi-filter', { text: toggleName(this.text, name) })}
    >
      ${before}<span class=${before ? 'outcome' : ''}>${label}</span><span class="count">${(counts.get(name) ?? 0).toLocaleString('en')}</span>
    </button>`;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.text !== '') emit(this, 'hi-filter', { text: '' });
  }
}

function textOf(event: Event): string {
  return (event.target as HTMLElement & { value: string }).value;
}

customElements.define('hi-filter-bar', FilterBar);
