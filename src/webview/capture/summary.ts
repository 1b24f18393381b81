import { css, LitElement, nothing, type TemplateResult } from 'lit';
import { wrongRows } from '../../trace/diagnosis-words';
import type { CauseSummary } from '../../trace/model';
import { severityLook } from '../model/labels';
import { oneLine, plural } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { lookIcon } from '../shared/icons';
import { base } from '../shared/styles';

/** Rows that are shown before somebody asks for all. */
const FEW = 4;

/** Above the list: the causes by server, the gravest first. Choosing one shows its handshakes alone. */
export class SummaryView extends LitElement {
  static override properties = {
    summary: { attribute: false },
    filter: { attribute: false },
    all: { state: true },
  };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        flex: none;
        max-height: 40%;
        overflow-y: auto;
        padding: 4px 0;
        border-bottom: 1px solid var(--hi-line, transparent);
      }
      button {
        display: grid;
        width: 100%;
        grid-template-columns: 16px minmax(0, 1fr);
        gap: 0 8px;
        padding: 4px 10px;
        border: none;
        background: none;
        color: inherit;
        font: inherit;
        font-size: 12px;
        text-align: left;
        cursor: pointer;
      }
      button:hover {
        background: var(--vscode-list-hoverBackground);
        color: var(--vscode-list-hoverForeground, inherit);
      }
      button[aria-pressed='true'] {
        background: var(--vscode-list-inactiveSelectionBackground);
        color: var(--vscode-list-inactiveSelectionForeground, inherit);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      button:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      .what {
        display: -webkit-box;
        overflow: hidden;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
      }
      .where {
        grid-column: 2;
        font-size: 11px;
      }
      button.more {
        display: block;
        padding-left: 34px;
        color: var(--vscode-textLink-foreground);
      }
    `,
  ];
  declare summary: readonly CauseSummary[];
  /** Text of the list's filter. */
  declare filter: string;
  declare all: boolean;

  constructor() {
    super();
    this.summary = [];
    this.filter = '';
    this.all = false;
  }

  override render() {
    const wrong = wrongRows(this.summary);
    if (wrong.length === 0) return nothing;
    const shown = this.all ? wrong : wrong.slice(0, FEW);
    return html`<div role="group" aria-label="Causes">
      ${shown.map(({ row }) => this.#row(row))}
      ${
        shown.length < wrong.length
          ? html`<button
              type="button"
              class="more"
              @click=${() => {
                this.all = true;
              }}
            >
              ${plural(wrong.length - shown.length, 'more cause')}
            </button>`
          : nothing
      }
    </div>`;
  }

  #row(row: CauseSummary): TemplateResult {
    const { severity, what, server, code } = row;
    const filter = filterOf(row);
    const chosen = this.filter === filter;
    const choose = () => {
      emit(this, 'hi-filter', { text: chosen ? '' : filter });
      if (!chosen) emit(this, 'hi-select-trace', { id: row.traces[0] });
    };
    return html`<button type="button" aria-pressed=${String(chosen)} title=${oneLine(what)} @click=${choose}>
      ${lookIcon(severityLook(severity === 'ok' ? 'hint' : severity))}
      <span class="what">${oneLine(what)}</span>
      <span class="where muted cut">${server} · <span class="mono">${oneLine(code)}</span></span>
    </button>`;
  }
}

/** The filter that leaves the handshakes with a cause at a server. */
function filterOf({ code, server }: CauseSummary): string {
  return `${code.toLowerCase()} ${server}`;
}

customElements.define('hi-summary', SummaryView);
