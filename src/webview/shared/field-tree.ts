import { css, LitElement, nothing, type PropertyValues } from 'lit';
import type { Field } from '../../trace/model';
import { MASK } from '../../trace/redact';
import { type FieldRow, fieldRange, fieldRows, parentPath } from '../model/fields';
import { nextIndex } from '../model/list-keys';
import { oneLine } from '../model/text';
import { emit } from './events';
import { html } from './html';
import { icon } from './icons';
import { base, listRows } from './styles';

/** The fields of a message as a tree. Values of secrets stay masked until `revealed`. */
export class FieldTree extends LitElement {
  static override properties = {
    fields: { attribute: false },
    revealed: { attribute: false },
    /** Path of the row to mark because its byte was picked. */
    marked: { attribute: false },
    collapsed: { state: true },
    focused: { state: true },
  };
  static override styles = [
    base,
    listRows,
    css`
      :host {
        display: block;
      }
      [role='tree'] {
        outline: none;
      }
      [role='treeitem'] {
        display: flex;
        align-items: baseline;
        gap: 6px;
        padding: 1px 12px 1px 10px;
        line-height: 20px;
      }
      .twist {
        flex: none;
        align-self: center;
        width: 16px;
        height: 16px;
        margin-right: -4px;
      }
      .twist .icon {
        transition: transform 80ms;
      }
      [aria-expanded='true'] > .twist .icon {
        transform: rotate(90deg);
      }
      .name {
        flex: none;
        max-width: 45%;
        color: var(--vscode-symbolIcon-fieldForeground, var(--vscode-debugTokenExpression-name, inherit));
      }
      [aria-selected='true'] .name {
        color: inherit;
      }
      .value {
        min-width: 0;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      .masked {
        color: var(--hi-muted);
        letter-spacing: 1px;
      }
      .indent-2 {
        padding-left: 24px;
      }
      .indent-3 {
        padding-left: 38px;
      }
      .indent-4 {
        padding-left: 52px;
      }
      .indent-5 {
        padding-left: 66px;
      }
    `,
  ];
  declare fields: readonly Field[];
  declare revealed: boolean;
  declare marked: string | null;
  declare collapsed: ReadonlySet<string>;
  declare focused: string | null;

  constructor() {
    super();
    this.fields = [];
    this.revealed = false;
    this.marked = null;
    this.collapsed = new Set();
    this.focused = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('fields')) {
      this.collapsed = new Set();
      this.focused = null;
    }
    if (changed.has('marked') && this.marked !== null) this.focused = this.marked;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('focused') && this.focused !== null) {
      this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    }
  }

  override render() {
    const rows = fieldRows(this.fields, this.collapsed);
    const active = rows.find((row) => row.path === this.focused);
    return html`<div
      role="tree"
      tabindex="0"
      aria-label="Fields"
      aria-activedescendant=${active ? `field-${active.path}` : nothing}
      @keydown=${(event: KeyboardEvent) => this.#onKey(event, rows)}
      @pointerleave=${() =>
        this.#highlight(
          rows.find((row) => row.path === this.focused),
          false,
        )}
    >
      ${rows.map((row) => this.#row(row))}
    </div>`;
  }

  #row(row: FieldRow) {
    const { field } = row;
    const masked = field.secret === true && !this.revealed && field.value !== '';
    return html`<div
      id=${`field-${row.path}`}
      class=${`indent-${Math.min(5, row.level)}`}
      role="treeitem"
      aria-level=${row.level}
      aria-posinset=${row.position}
      aria-setsize=${row.siblings}
      aria-expanded=${row.expandable ? String(row.expanded) : nothing}
      aria-selected=${row.path === this.focused ? 'true' : 'false'}
      @pointerenter=${() => this.#highlight(row, false)}
      @click=${() => this.#choose(row, true)}
    >
      <span class="twist">${row.expandable ? icon('chevron') : nothing}</span>
      <span class="name cut" title=${oneLine(field.name)}>${oneLine(field.name)}</span>
      <span class="value mono ${masked ? 'masked' : ''}" aria-label=${masked ? 'masked' : nothing}
        >${masked ? MASK : oneLine(field.value)}</span
      >
      ${field.secret ? html`<span class="tag">secret</span>` : nothing}
    </div>`;
  }

  #choose(row: FieldRow, toggle = false): void {
    if (toggle && row.expandable && row.path === this.focused) this.#toggle(row);
    this.focused = row.path;
    this.#highlight(row, true);
  }

  #toggle(row: FieldRow): void {
    const next = new Set(this.collapsed);
    if (!next.delete(row.path)) next.add(row.path);
    this.collapsed = next;
  }

  #highlight(row: FieldRow | undefined, chosen: boolean): void {
    emit(this, 'hi-highlight', { range: row ? fieldRange(row.field) : null, chosen });
  }

  #onKey(event: KeyboardEvent, rows: readonly FieldRow[]): void {
    const at = rows.findIndex((row) => row.path === this.focused);
    const row = rows[at];
    let next = nextIndex(event.key, at, rows.length);
    if (row && event.key === 'ArrowRight' && row.expandable) {
      if (row.expanded) next = at + 1;
      else this.#toggle(row);
    } else if (row && event.key === 'ArrowLeft') {
      if (row.expanded) this.#toggle(row);
      else next = rows.findIndex((known) => known.path === parentPath(row.path));
    } else if (row?.expandable && (event.key === 'Enter' || event.key === ' ')) {
      this.#toggle(row);
    } else if (next === null) return;
    event.preventDefault();
    if (next !== null && next >= 0) this.#choose(rows[next]);
  }
}

customElements.define('hi-field-tree', FieldTree);
