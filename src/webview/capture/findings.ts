import { css, html, LitElement, nothing } from 'lit';
import type { Finding } from '../../trace/model';
import { bySeverity, severityLook } from '../model/labels';
import { framesText, oneLine } from '../model/text';
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

  override render() {
    return html`<ul aria-label="Findings">
      ${bySeverity(this.findings).map(
        (finding) => html`<li>
          ${lookIcon(severityLook(finding.severity))}
          <span
            >${oneLine(finding.message)}<span class="code mono"
              >${finding.code}${finding.frames.length > 0 ? html` ${framesText(finding.frames)}` : nothing}</span
            ></span
          >
          ${finding.help ? html`<span class="help">${oneLine(finding.help)}</span>` : nothing}
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('hi-findings', Findings);
