import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { css, html, LitElement, nothing } from 'lit';
import type { Problem, Progress } from '../../contract/values';
import type { CaptureSummary } from '../../trace/model';
import { severityLook } from '../model/labels';
import { formatBytes, oneLine, plural } from '../model/text';
import { type Action, emit } from '../shared/events';
import { lookIcon } from '../shared/icons';
import { base } from '../shared/styles';

/** Above the list: how far the reading is, and what is wrong with the file. */
export class Notices extends LitElement {
  static override properties = {
    reading: { attribute: false },
    progress: { attribute: false },
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
  declare capture: CaptureSummary | null;
  declare cancelled: boolean;
  declare stale: Problem | null;
  declare open: boolean;

  constructor() {
    super();
    this.reading = false;
    this.progress = null;
    this.capture = null;
    this.cancelled = false;
    this.stale = null;
    this.open = false;
  }

  override render() {
    return html`${this.reading ? this.#progressLine() : nothing} ${this.#stale()} ${this.#cancelled()} ${this.#issues()}`;
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

  #issues() {
    const issues = this.capture?.issues ?? [];
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
