import '@lit-labs/virtualizer';
import { css, LitElement, type PropertyValues } from 'lit';
import type { ByteRange } from '../model/fields';
import { type HexCell, hexRow, hexRowCount, hexWidth, inRanges } from '../model/hex';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { base } from '../shared/styles';

/** Height of a row in pixels. */
const LINE = 19;

/** The bytes of a step as hex and text; only the rows in view are drawn. */
export class HexView extends LitElement {
  static override properties = {
    bytes: { attribute: false },
    masks: { attribute: false },
    range: { attribute: false },
    /** The range should come into view. */
    follow: { attribute: false },
    width: { state: true },
  };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        min-height: 0;
        overflow: hidden;
      }
      lit-virtualizer {
        height: 100%;
        overflow-x: hidden;
      }
      .row {
        display: flex;
        width: 100%;
        padding: 0 12px 0 14px;
        font-family: var(--hi-mono);
        font-size: 12px;
        line-height: ${LINE}px;
        white-space: pre;
      }
      .offset {
        flex: none;
        margin-right: 1.5ch;
        color: var(--vscode-editorLineNumber-foreground, var(--hi-muted));
        user-select: none;
      }
      .cells {
        flex: none;
        margin-right: 1ch;
      }
      .cells[data-width='16'] {
        min-width: 48ch;
      }
      .cells[data-width='8'] {
        min-width: 24ch;
      }
      .cells[data-width='4'] {
        min-width: 12ch;
      }
      .cell {
        display: inline-block;
        width: 3ch;
        text-align: center;
        cursor: default;
      }
      .char {
        display: inline-block;
        width: 1ch;
      }
      .masked {
        color: var(--hi-muted);
      }
      .on {
        background: var(--vscode-editor-selectionBackground, var(--vscode-editor-findMatchHighlightBackground));
        box-shadow: 0 1px var(--vscode-contrastActiveBorder, transparent);
      }
    `,
  ];
  declare bytes: Uint8Array;
  declare masks: readonly ByteRange[];
  declare range: ByteRange | null;
  declare follow: boolean;
  declare width: number;
  readonly #resize = new ResizeObserver(([entry]) => {
    this.width = hexWidth(entry.contentRect.width - 30, 7.3);
  });

  constructor() {
    super();
    this.bytes = new Uint8Array();
    this.masks = [];
    this.range = null;
    this.follow = false;
    this.width = 16;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  override render() {
    const { bytes, masks, range, width } = this;
    const ranges = range ? [range] : [];
    const part = (cell: HexCell, kind: string, text: string) =>
      html`<span
        class="${kind}${cell.masked ? ' masked' : ''}${inRanges(ranges, cell.offset) ? ' on' : ''}"
        data-offset=${cell.offset}
        >${text}</span
      >`;
    const renderItem = (index: number) => {
      const row = hexRow(bytes, index, width, masks);
      return html`<div class="row"
        ><span class="offset">${row.label}</span
        ><span class="cells" data-width=${width}>${row.cells.map((cell) => part(cell, 'cell', cell.hex))}</span
        ><span class="chars">${row.cells.map((cell) => part(cell, 'char', cell.char))}</span
      ></div>`;
    };
    return html`<lit-virtualizer
      scroller
      tabindex="0"
      role="region"
      aria-label="Bytes of the step"
      .items=${Array.from({ length: hexRowCount(bytes.length, width) }, (_, index) => index)}
      .renderItem=${renderItem}
      @click=${this.#onClick}
    ></lit-virtualizer>`;
  }

  protected override updated(changed: PropertyValues): void {
    const list = this.renderRoot.querySelector('lit-virtualizer');
    if (!changed.has('range') || !this.range || !this.follow || !list) return;
    // Within this list only: `scrollIntoView` would move the panes around it as well.
    const top = Math.floor(this.range.start / this.width) * LINE;
    const bottom = (Math.floor((this.range.end - 1) / this.width) + 1) * LINE;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) {
      list.scrollTop = Math.min(top, bottom - list.clientHeight);
    }
  }

  #onClick(event: Event): void {
    const offset = (event.target as HTMLElement).dataset?.offset;
    if (offset !== undefined) emit(this, 'hi-pick-byte', { offset: Number(offset) });
  }
}

customElements.define('hi-hex-view', HexView);
