import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-split-layout/index.js';
import { LitElement, nothing } from 'lit';
import { namedPorts } from '../../contract/ports';
import type { TraceRow } from '../../contract/values';
import { isEmptyFilter, matches, parseFilter } from '../model/filter';
import { MAX_ROWS } from '../model/row-store';
import { formatBytes, oneLine, plural } from '../model/text';
import type { ViewEvents } from '../shared/events';
import { html } from '../shared/html';
import { appStyles } from './app-styles';
import './filter-bar';
import './ladder';
import './notices';
import { CaptureSession } from './session';
import './step-details';
import './summary';
import './trace-header';
import './trace-list';

/** Below these widths (CSS pixels) the panes lie on top of each other. */
const WIDE = 860;
const ROOMY = 1_080;

/** The capture editor: handshakes, the chosen one's steps, the chosen step's details. */
export class CaptureApp extends LitElement {
  static override properties = { width: { state: true } };
  static override styles = appStyles;
  declare width: number;
  readonly #session = new CaptureSession(this);
  readonly #resize = new ResizeObserver(([entry]) => {
    this.width = entry.contentRect.width;
  });
  #filtered: { text: string; count: number; rows: TraceRow[] } = { text: '', count: -1, rows: [] };

  constructor() {
    super();
    this.width = window.innerWidth;
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
    const session = this.#session;
    if (session.failed) return this.#failed();
    if (!session.started) return nothing;
    const wide = this.width >= WIDE;
    return html`<div
      class="app"
      @hi-select-trace=${(event: CustomEvent<ViewEvents['hi-select-trace']>) => session.select(event.detail.id)}
      @hi-select-step=${(event: CustomEvent<ViewEvents['hi-select-step']>) => session.selectStep(event.detail.step)}
      @hi-select-frame=${(event: CustomEvent<ViewEvents['hi-select-frame']>) => session.selectFrame(event.detail.frame)}
      @hi-filter=${(event: CustomEvent<ViewEvents['hi-filter']>) => session.setView({ filter: event.detail.text.slice(0, 500) })}
      @hi-reveal=${(event: CustomEvent<ViewEvents['hi-reveal']>) => session.setRevealed(event.detail.reveal)}
      @hi-copy=${(event: CustomEvent<ViewEvents['hi-copy']>) => session.copyText(event.detail.text)}
      @hi-action=${this.#onAction}
    >
      <hi-notices
        .reading=${session.reading}
        .progress=${session.progress}
        .recording=${session.recording}
        .unsaved=${session.unsaved}
        .saved=${session.saved}
        .handshakes=${session.store.total}
        .capture=${session.capture}
        .cancelled=${session.cancelled}
        .stale=${session.stale}
      ></hi-notices>
      ${
        session.finished && !session.cancelled && session.store.total === 0
          ? this.#nothingFound()
          : html`<vscode-split-layout
              class="outer"
              .split=${wide ? 'vertical' : 'horizontal'}
              .initialHandlePosition=${this.#position(0, wide ? `${Math.round(Math.min(360, Math.max(240, this.width * 0.28)))}px` : '32%')}
              min-start=${wide ? '200px' : '80px'}
              min-end="240px"
              @vsc-split-layout-change=${(event: CustomEvent<{ positionInPercentage: number }>) => this.#keep(0, event)}
            >
              <div slot="start" class="pane list">${this.#list()}</div>
              <div slot="end" class="pane">${this.#chosen()}</div>
            </vscode-split-layout>`
      }
    </div>`;
  }

  #list() {
    const { store, view } = this.#session;
    const rows = this.#visible();
    const filtered = rows.length < store.rows.length;
    return html`
      ${
        store.total > 1
          ? html`<hi-summary .summary=${this.#session.summary} .filter=${view.filter}></hi-summary>`
          : nothing
      }
      <hi-filter-bar .rows=${store.rows} .version=${store.rows.length} .text=${view.filter}></hi-filter-bar>
      ${
        rows.length > 0
          ? html`<hi-trace-list .rows=${rows} .selected=${view.traceId}></hi-trace-list>`
          : html`<div class="none">
              ${store.rows.length > 0 ? html`<p>No handshake matches this filter.</p><vscode-button secondary @click=${() => this.#session.setView({ filter: '' })}>Clear filter</vscode-button>` : nothing}
            </div>`
      }
      <div class="status" role="status">
        ${filtered ? `${rows.length.toLocaleString('en')} of ${plural(store.rows.length, 'handshake')}` : plural(store.rows.length, 'handshake')}
        ${store.total > MAX_ROWS ? html` · the first ${MAX_ROWS.toLocaleString('en')} of ${store.total.toLocaleString('en')} are listed` : nothing}
        ${store.error ? html`<span class="tone-error"> · ${oneLine(store.error)}</span>` : nothing}
        ${this.#session.capture ? html`<span class="file" title=${this.#fileText()}>${this.#fileText()}</span>` : nothing}
      </div>
    `;
  }

  #chosen() {
    const { trace, traceError, view, bytes, bytesError, revealed } = this.#session;
    if (traceError) return html`<p class="hint tone-error" role="alert">${oneLine(traceError)}</p>`;
    if (!trace) return html`<p class="hint">${this.#session.reading ? this.#waiting() : nothing}</p>`;
    const roomy = this.width >= ROOMY;
    return html`
      <hi-trace-header .trace=${trace}></hi-trace-header>
      <vscode-split-layout
        class="inner"
        .split=${roomy ? 'vertical' : 'horizontal'}
        .initialHandlePosition=${this.#position(1, roomy ? '57%' : '58%')}
        min-start="120px"
        min-end=${roomy ? '240px' : '90px'}
        @vsc-split-layout-change=${(event: CustomEvent<{ positionInPercentage: number }>) => this.#keep(1, event)}
      >
        <div slot="start" class="pane"><hi-ladder .trace=${trace} .selected=${view.step}></hi-ladder></div>
        <div slot="end" class="pane">
          <hi-step-details
            .step=${view.step === null ? null : (trace.steps[view.step] ?? null)}
            .bytes=${bytes}
            .error=${bytesError}
            .revealed=${revealed}
          ></hi-step-details>
        </div>
      </vscode-split-layout>
    `;
  }

  #waiting(): string {
    const { recording } = this.#session;
    if (!recording) return 'Looking for handshakes…';
    return `Waiting for a connection on ${recording.interface}, ${namedPorts(recording.ports)}. Let the application connect now.`;
  }

  #failed() {
    const problem = this.#session.failed;
    if (!problem) return nothing;
    return html`<div class="message" role="alert" @hi-action=${this.#onAction}>
      <h2>This file could not be read</h2>
      <p>${oneLine(problem.message)}</p>
      <p class="muted">${oneLine(problem.next)}</p>
      <vscode-button @click=${() => this.#session.reload()}>Read again</vscode-button>
    </div>`;
  }

  #nothingFound() {
    const packets = this.#session.capture?.packets ?? 0;
    if (this.#session.unsaved && packets === 0) {
      return html`<div class="message">
        <h2>Nothing was recorded</h2>
        <p class="muted">
          No packet came by on these ports of this interface while it was recorded. Check both, start the recording, then let the
          application connect.
        </p>
      </div>`;
    }
    return html`<div class="message">
      <h2>No PostgreSQL or MongoDB handshake in this capture</h2>
      <p class="muted">
        ${plural(packets, 'packet')} were read. Both protocols are found by content, on any port, but only where the
        beginning of a connection was recorded: start the recording first, then let the application connect.
      </p>
      <vscode-button secondary @click=${() => this.#session.openText()}>Annotated text</vscode-button>
    </div>`;
  }

  #visible(): TraceRow[] {
    const { store, view } = this.#session;
    const known = this.#filtered;
    if (known.text !== view.filter || known.count !== store.rows.length) {
      const filter = parseFilter(view.filter);
      const rows = isEmptyFilter(filter) ? [...store.rows] : store.rows.filter((row) => matches(row, filter));
      this.#filtered = { text: view.filter, count: store.rows.length, rows };
    }
    return this.#filtered.rows;
  }

  #fileText(): string {
    const capture = this.#session.capture;
    if (!capture) return '';
    return `${capture.format}, ${plural(capture.packets, 'packet')}, ${formatBytes(capture.bytes)}`;
  }

  /** Kept sizes are fractions; each orientation has its own, because a share of the width is not one of the height. */
  #slot(which: number): number {
    return which * 2 + ((which === 0 ? this.width >= WIDE : this.width >= ROOMY) ? 0 : 1);
  }

  #position(which: number, standard: string): string {
    const kept = this.#session.view.layout[this.#slot(which)] ?? 0;
    return kept > 0 ? `${(kept * 100).toFixed(1)}%` : standard;
  }

  #keep(which: number, event: CustomEvent<{ positionInPercentage: number }>): void {
    event.stopPropagation();
    const layout = [0, 1, 2, 3].map((at) => this.#session.view.layout[at] ?? 0);
    layout[this.#slot(which)] = Math.min(1, Math.max(0, event.detail.positionInPercentage / 100));
    this.#session.setView({ layout });
  }

  #onAction(event: CustomEvent<ViewEvents['hi-action']>): void {
    const session = this.#session;
    const { action } = event.detail;
    if (action === 'cancel') session.cancel();
    else if (action === 'reload') session.reload();
    else if (action === 'states') session.showStates();
    else if (action === 'text') session.openText();
    else if (action === 'copy') session.copyJson();
    else if (action === 'stop') session.stopRecording();
    else if (action === 'save') session.save(null);
    else if (action === 'save-all') session.save('everything');
  }
}

customElements.define('hi-capture', CaptureApp);
