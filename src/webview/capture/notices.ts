import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { css, LitElement, nothing } from 'lit';
import { isOfSettings } from '../../base/issue';
import { namedPorts } from '../../contract/ports';
import type { Problem, Progress, RecordingState } from '../../contract/values';
import type { CaptureSummary } from '../../trace/model';
import { severityLook } from '../model/labels';
import { formatBytes, formatDuration, oneLine, plural } from '../model/text';
import { type Action, emit } from '../shared/events';
import { html } from '../shared/html';
import { lookIcon } from '../shared/icons';
import { base } from '../shared/styles';

/** Above the list: how far the reading is, and what is wrong with the file. */
export class Notices extends LitElement {
  static override properties = {
    reading: { attribute: false },
    progress: { attribute: false },
    recording: { attribute: false },
    unsaved: { attribute: false },
    saved: { attribute: false },
    handshakes: { attribute: false },
    capture: { attribute: false },
    cancelled: { attribute: false },
    stale: { attribute: false },
    open: { state: true },
  };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        flex: none;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 5px 8px 5px 12px;
        border-bottom: 1px solid var(--hi-line, transparent);
        font-size: 12px;
      }
      .text {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      button.link {
        padding: 0 2px;
        border: none;
        background: none;
        color: var(--vscode-textLink-foreground);
        font: inherit;
        cursor: pointer;
        white-space: nowrap;
      }
      button.link:hover {
        color: var(--vscode-textLink-activeForeground);
        text-decoration: underline;
      }
      .dot {
        flex: none;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--hi-error);
        animation: pulse 1.6s ease-in-out infinite;
      }
      @keyframes pulse {
        50% {
          opacity: 0.35;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .dot {
          animation: none;
        }
      }
      .number {
        font-variant-numeric: tabular-nums;
      }
      ul {
        list-style: none;
        max-height: 120px;
        overflow: auto;
        padding: 4px 12px 6px 36px;
        border-bottom: 1px solid var(--hi-line, transparent);
        font-size: 12px;
      }
      li {
        padding: 1px 0;
        overflow-wrap: anywhere;
      }
    `,
  ];
  declare reading: boolean;
  declare progress: Progress | null;
  declare recording: RecordingState | null;
  declare unsaved: boolean;
  declare saved: string | null;
  declare handshakes: number;
  declare capture: CaptureSummary | null;
  declare cancelled: boolean;
  declare stale: Problem | null;
  declare open: boolean;

  constructor() {
    super();
    this.reading = false;
    this.progress = null;
    this.recording = null;
    this.unsaved = false;
    this.saved = null;
    this.handshakes = 0;
    this.capture = null;
    this.cancelled = false;
    this.stale = null;
    this.open = false;
  }

  override render() {
    const reading = this.reading && !this.recording;
    return html`${this.#recording()} ${reading ? this.#progressLine() : nothing} ${this.#keep()} ${this.#stale()} ${this.#cancelled()} ${this.#settings()} ${this.#issues()} ${this.#notes()}`;
  }

  #progressLine() {
    const { progress } = this;
    const known = progress !== null && progress.totalBytes > 0;
    const text = progress
      ? `Reading ${formatBytes(progress.bytes)} of ${formatBytes(progress.totalBytes)}: ${plural(progress.packets, 'packet')}, ${plural(progress.traces, 'handshake')}`
      : 'Reading the capture…';
    return html`<vscode-progress-bar
        aria-label="Reading the capture"
        .indeterminate=${!known}
        .value=${progress?.bytes ?? 0}
        .max=${known ? progress.totalBytes : 100}
      ></vscode-progress-bar>
      <div class="line" role="status">
        <span class="text">${text}</span>${this.#link('cancel', 'Cancel')}
      </div>`;
  }

  #recording() {
    const { recording } = this;
    if (!recording) return nothing;
    const { interface: name, ports, elapsedMs, packets, traces, open, bytes, maxBytes } = recording;
    return html`<div class="line">
      <span class="dot"></span>
      <span class="text number"
        >Recording ${oneLine(name)}, ${namedPorts(ports)} · ${formatDuration(elapsedMs)} · ${plural(packets, 'packet')},
        ${plural(traces, 'handshake')}${open > 0 ? `, ${open.toLocaleString('en')} in progress` : ''} <span class="muted">· ${formatBytes(bytes)} of ${formatBytes(maxBytes)}</span></span
      >
      ${traces > 0 ? this.#link('save', 'Save…') : nothing} ${this.#link('stop', 'Stop')}
    </div>`;
  }

  /** What becomes of a recording that has ended. */
  #keep() {
    if (this.recording || this.reading || (!this.unsaved && this.saved === null)) return nothing;
    const packets = this.capture?.packets ?? 0;
    if (packets === 0) return nothing;
    const text = this.unsaved
      ? 'This recording is not saved: it is deleted when its editor is closed.'
      : `Saved as ${oneLine(this.saved ?? '')}.`;
    return html`<div class="line" role="status">
      ${lookIcon(severityLook('info'))}
      <span class="text">${text}</span>
      ${this.handshakes > 0 ? this.#link('save', 'Save…') : this.#link('save-all', 'Save…')}
    </div>`;
  }

  #stale() {
    if (!this.stale) return nothing;
    return html`<div class="line" role="alert">
      ${lookIcon(severityLook('info'))}
      <span class="text">${oneLine(this.stale.message)} <span class="muted">${oneLine(this.stale.next)}</span></span>
      ${this.#link('reload', 'Read again')}
    </div>`;
  }

  #cancelled() {
    if (!this.cancelled) return nothing;
    return html`<div class="line" role="status">
      ${lookIcon(severityLook('info'))}
      <span class="text">Reading was cancelled; the list holds what was found until then.</span>
      ${this.#link('reload', 'Read again')}
    </div>`;
  }

  /** What the file says about itself. */
  #notes() {
    return (this.capture?.notes ?? []).map(
      (note) => html`<div class="line">
        ${lookIcon(severityLook('info'))}
        <span class="text">${oneLine(note)}</span>
      </div>`,
    );
  }

  /** What is wrong with the key log or the settings is no damage of the file, and goes away when the file is read again. */
  #settings() {
    return (this.capture?.issues.filter(isOfSettings) ?? []).map(
      (issue) => html`<div class="line" role="status">
        ${lookIcon(severityLook('warning'))}
        <span class="text">${oneLine(issue.message)}</span>
        ${this.#link('reload', 'Read again')}
      </div>`,
    );
  }

  #issues() {
    const issues = this.capture?.issues.filter((issue) => !isOfSettings(issue)) ?? [];
    if (issues.length === 0) return nothing;
    const first = oneLine(issues[0].message);
    return html`<div class="line">
        ${lookIcon(severityLook('warning'))}
        <span class="text">${issues.length === 1 ? first : `${plural(issues.length, 'place')} of the file could not be read.`}</span>
        ${
          issues.length > 1
            ? html`<button
                type="button"
                class="link"
                aria-expanded=${String(this.open)}
                @click=${() => {
                  this.open = !this.open;
                }}
              >
                ${this.open ? 'Hide' : 'Details'}
              </button>`
            : nothing
        }
      </div>
      ${
        this.open
          ? html`<ul>
              ${issues.map(
                (issue) =>
                  html`<li>
                    ${oneLine(issue.message)}
                    <span class="muted mono">${issue.code}${issue.offset === undefined ? '' : `, byte ${issue.offset}`}</span>
                  </li>`,
              )}
            </ul>`
          : nothing
      }`;
  }

  #link(action: Action, label: string) {
    return html`<button
      type="button"
      class="link"
      data-action=${action}
      @click=${() => emit(this, 'hi-action', { action })}
    >
      ${label}
    </button>`;
  }
}

customElements.define('hi-notices', Notices);
