import { LitElement, nothing, type PropertyValues } from 'lit';
import type { Endpoint, Trace } from '../../trace/model';
import { directionText, layerName } from '../model/labels';
import { type LadderRow, ladderRows } from '../model/ladder';
import { nextIndex } from '../model/list-keys';
import { endpointText, oneLine } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { icon } from '../shared/icons';
import { breakable, stateName } from '../shared/state-name';
import { base, listRows } from '../shared/styles';
import { ladderStyles } from './ladder-styles';

/** From so many rows on, the browser lays out only those in view. */
const LONG = 200;

/** The sequence view: each step between the client's and the server's line, with both states beside it. */
export class Ladder extends LitElement {
  static override properties = { trace: { attribute: false }, selected: { attribute: false } };
  static override styles = [base, listRows, ladderStyles];
  declare trace: Trace | null;
  declare selected: number | null;
  #rows: LadderRow[] = [];
  /** The panes get their sizes after the first drawing, and again when they are dragged. */
  readonly #resize = new ResizeObserver(() => this.#showSelected());

  constructor() {
    super();
    this.trace = null;
    this.selected = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('trace')) this.#rows = this.trace ? ladderRows(this.trace) : [];
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('trace') || changed.has('selected')) {
      this.#showSelected();
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  #showSelected(): void {
    this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  override render() {
    const trace = this.trace;
    if (!trace) return nothing;
    if (this.#rows.length === 0) return html`<p class="empty">Nothing of this handshake was captured.</p>`;
    return html`
      <div class="scroll">
        <div class="grid head" aria-hidden="true">
          <span class="side client"><b>Client</b>${endpoint(trace.client)}</span>
          <span class="side server"><b>Server</b>${endpoint(trace.server)}</span>
        </div>
        <div
          class=${this.#rows.length > LONG ? 'rows long' : 'rows'}
          role="listbox"
          tabindex="0"
          aria-label="Steps of the handshake"
          aria-activedescendant=${this.selected === null ? nothing : `step-${this.selected}`}
          @keydown=${this.#onKey}
        >
          ${this.#rows.map((row) => this.#row(trace, row))}
        </div>
      </div>
    `;
  }

  #row(trace: Trace, row: LadderRow) {
    const { step } = row;
    const chosen = step.index === this.selected;
    return html`<div
      id=${`step-${step.index}`}
      class=${`grid row ${row.arrow} layer-${step.layer}${row.failed ? ' failed' : ''}${step.internal ? ' internal' : ''}`}
      role="option"
      aria-selected=${chosen ? 'true' : 'false'}
      aria-label=${spoken(row)}
      @click=${() => emit(this, 'hi-select-step', { step: step.index })}
    >
      <span class="when">
        <span class=${row.slow ? 'time slow' : 'time'} title=${row.gap ? `${row.gap} after the step before` : ''}
          >${row.time}</span
        >
        <span class="frames" title=${row.frames ? 'Frame numbers in the capture' : ''}>${row.frames}</span>
      </span>
      <span class="state client"
        >${row.clientChanged || chosen ? html`<span class=${row.clientChanged ? 'new' : 'same'}>${stateName(step.clientState)}</span>` : nothing}</span
      >
      <span class="lane">
        <span class="label">
          ${step.encrypted ? html`<span class="lock">${icon('lock', 'encrypted')}</span>` : nothing}
          <b>${breakable(step.message)}</b>
          ${step.layer === trace.protocol || step.from === 'local' ? nothing : html`<span class="tag">${layerName(step.layer)}</span>`}
          ${step.internal ? html`<span class="tag quiet" title="The real client passes through this state without showing it">internal</span>` : nothing}
        </span>
        <span class="arrow"></span>
        <span class="summary" title=${oneLine(step.summary)}>${oneLine(step.summary)}</span>
      </span>
      <span class="state server"
        >${row.serverChanged || chosen ? html`<span class=${row.serverChanged ? 'new' : 'same'}>${stateName(step.serverState)}</span>` : nothing}</span
      >
    </div>`;
  }

  #onKey(event: KeyboardEvent): void {
    const next = nextIndex(event.key, this.selected ?? -1, this.#rows.length, 8);
    if (next === null) return;
    event.preventDefault();
    emit(this, 'hi-select-step', { step: next });
  }
}

function endpoint(of: Endpoint) {
  return html`<span class="cut" title=${endpointText(of)}>${endpointText(of)}</span>`;
}

/** The row as it is read aloud. */
function spoken({ step, time, frames }: LadderRow): string {
  const parts = [
    `Step ${step.index + 1}`,
    oneLine(step.message),
    directionText(step.from),
    layerName(step.layer),
    step.encrypted && 'encrypted',
    step.internal && 'internal',
    time,
    frames && `frames ${frames}`,
    `client ${step.clientState}`,
    `server ${step.serverState}`,
    oneLine(step.summary),
  ];
  return parts.filter(Boolean).join(', ');
}

customElements.define('hi-ladder', Ladder);
