import { css, LitElement, nothing } from 'lit';
import type { Trace } from '../../trace/model';
import { attemptsOf } from '../model/attempts';
import { outcomeLook } from '../model/labels';
import { nextIndex } from '../model/list-keys';
import { formatMillis, oneLine } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { icon, lookIcon } from '../shared/icons';
import { base, listRows } from '../shared/styles';

/** The connections of one run; libpq may log in twice for what its user wrote once. */
export class AttemptList extends LitElement {
  static override properties = { traces: { attribute: false }, selected: { attribute: false } };
  static override styles = [
    base,
    listRows,
    css`
      :host {
        display: block;
      }
      [role='option'] {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        gap: 0 8px;
        align-items: center;
        padding: 4px 12px;
      }
      .verdict {
        grid-column: 2 / 4;
        color: var(--hi-muted);
        font-size: 11px;
      }
      .time {
        color: var(--hi-muted);
        font-size: 11px;
        font-variant-numeric: tabular-nums;
      }
      .retry {
        display: inline-flex;
        align-items: center;
        gap: 3px;
        margin-left: 6px;
        color: var(--hi-muted);
        font-size: 11px;
      }
      .retry .icon {
        width: 11px;
        height: 11px;
      }
    `,
  ];
  declare traces: readonly Trace[];
  declare selected: number;

  constructor() {
    super();
    this.traces = [];
    this.selected = 0;
  }

  override render() {
    return html`<div
      role="listbox"
      tabindex="0"
      aria-label="Connections of this run"
      aria-activedescendant=${`attempt-${this.selected}`}
      @keydown=${this.#onKey}
    >
      ${attemptsOf(this.traces).map(
        ({ trace, number, retries, title }, at) => html`<div
          id=${`attempt-${at}`}
          role="option"
          aria-selected=${at === this.selected ? 'true' : 'false'}
          @click=${() => emit(this, 'hi-attempt', { attempt: at })}
        >
          ${lookIcon(outcomeLook(trace.outcome))}
          <span class="cut" title=${`Connection ${number} ${title}`}
            >${number}. ${title}${
              retries === null
                ? nothing
                : html`<span class="retry" title=${`Tries connection ${retries} again`}
                    >${icon('retry', 'retry of')}${retries}</span
                  >`
            }</span
          >
          <span class="time">${formatMillis(trace.durationMs)}</span>
          <span class="verdict cut" title=${oneLine(trace.verdict)}>${oneLine(trace.verdict)}</span>
        </div>`,
      )}
    </div>`;
  }

  #onKey(event: KeyboardEvent): void {
    const next = nextIndex(event.key, this.selected, this.traces.length);
    if (next === null) return;
    event.preventDefault();
    emit(this, 'hi-attempt', { attempt: next });
  }
}

customElements.define('hi-attempt-list', AttemptList);
