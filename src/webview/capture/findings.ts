import { css, LitElement, nothing } from 'lit';
import type { Finding } from '../../trace/model';
import { bySeverity, severityLook } from '../model/labels';
import { framesText, oneLine } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { lookIcon } from '../shared/icons';
import { base } from '../shared/styles';

/** Findings, worst first: what was seen, where, and what to do about it. */
export class Findings extends LitElement {
  static override properties = { findings: { attribute: false } };
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      ul {
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr);
        gap: 0 8px;
        padding: 3px 0;
        overflow-wrap: anywhere;
      }
      .help {
        grid-column: 2;
        color: var(--hi-muted);
        font-size: 12px;
      }
      .frames {
        margin-left: 6px;
        padding: 0;
        border: none;
        background: none;
        color: var(--vscode-textLink-foreground);
        font-size: 11px;
        cursor: pointer;
      }
      .frames:hover {
        color: var(--vscode-textLink-activeForeground);
        text-decoration: underline;
      }
      .code {
        color: var(--hi-muted);
        font-size: 11px;
        margin-left: 4px;
        white-space: nowrap;
      }
    `,
  ];
  declare findings: readonly Finding[];

  constructor() {
    super();
    this.findings = [];
  }

  #frames(frames: readonly number[]) {
    if (frames.length === 0) return nothing;
    return html`<button
      type="button"
      class="frames mono"
      title="Go to the step of this frame"
      @click=${() => emit(this, 'hi-select-frame', { frame: frames[0] })}
    >
      ${framesText(frames)}
    </button>`;
  }

  override render() {
    return html`<ul aria-label="Findings">
      ${bySeverity(this.findings).map(
        (finding) => html`<li>
          ${lookIcon(severityLook(finding.severity))}
          <span
            >${oneLine(finding.message)}<span class="code mono">${finding.code}</span>${this.#frames(finding.frames)}</span
          >
          ${finding.help ? html`<span class="help">${oneLine(finding.help)}</span>` : nothing}
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('hi-findings', Findings);
