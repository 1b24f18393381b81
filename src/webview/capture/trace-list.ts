import '@lit-labs/virtualizer';
import { css, LitElement, nothing, type PropertyValues } from 'lit';
import type { TraceRow } from '../../contract/values';
import { nextIndex } from '../model/list-keys';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { scrollToIndex } from '../shared/scroll';
import { base, listRows } from '../shared/styles';
import { rowStyles, traceRow } from './trace-row';

/** The handshakes of the capture: a list box whose rows are drawn only while they are in view. */
export class TraceList extends LitElement {
  static override properties = { rows: { attribute: false }, selected: { attribute: false } };
  static override styles = [
    base,
    listRows,
    rowStyles,
    css`
      :host {
        display: block;
        min-height: 0;
        overflow: hidden;
        container: list / inline-size;
      }
      lit-virtualizer {
        height: 100%;
        overflow-x: hidden;
      }
      lit-virtualizer:focus-visible {
        outline: none;
      }
    `,
  ];
  declare rows: readonly TraceRow[];
  declare selected: string | null;
  #shown: string | null = null;

  constructor() {
    super();
    this.rows = [];
    this.selected = null;
  }

  override render() {
    const active = this.#active();
    return html`<lit-virtualizer
      scroller
      tabindex="0"
      role="listbox"
      aria-label="Handshakes"
      aria-activedescendant=${active >= 0 ? rowId(this.rows[active]) : nothing}
      .items=${this.rows as TraceRow[]}
      .keyFunction=${(row: TraceRow) => row.id}
      .renderItem=${this.#row}
      @keydown=${this.#onKey}
    ></lit-virtualizer>`;
  }

  protected override willUpdate(changed: PropertyValues): void {
    // Rows are drawn by the virtualizer, which only looks at its own properties: a new function redraws the selection.
    if (changed.has('selected') || changed.has('rows')) this.#row = this.#makeRow();
  }

  protected override updated(): void {
    if (this.selected === this.#shown) return;
    this.#shown = this.selected;
    scrollToIndex(this.renderRoot.querySelector('lit-virtualizer'), this.#active());
  }

  #row = this.#makeRow();

  #makeRow() {
    const selected = this.selected;
    const count = this.rows?.length ?? 0;
    return (row: TraceRow, index: number) =>
      html`<div
        class="row"
        role="option"
        id=${rowId(row)}
        data-id=${row.id}
        aria-selected=${row.id === selected ? 'true' : 'false'}
        aria-posinset=${index + 1}
        aria-setsize=${count}
        @click=${() => emit(this, 'hi-select-trace', { id: row.id })}
      >
        ${traceRow(row)}
      </div>`;
  }

  #active(): number {
    return this.selected === null ? -1 : this.rows.findIndex((row) => row.id === this.selected);
  }

  #onKey(event: KeyboardEvent): void {
    const list = this.renderRoot.querySelector('lit-virtualizer');
    const sample = list?.querySelector('.row')?.clientHeight ?? 40;
    const page = Math.floor((list?.clientHeight ?? 0) / Math.max(1, sample));
    const next = nextIndex(event.key, this.#active(), this.rows.length, page);
    if (next === null) return;
    event.preventDefault();
    emit(this, 'hi-select-trace', { id: this.rows[next].id });
  }
}

function rowId(row: TraceRow): string {
  return `row-${row.id}`;
}

customElements.define('hi-trace-list', TraceList);
