import '@vscode-elements/elements/dist/vscode-button/index.js';
import { css, LitElement, nothing, type TemplateResult } from 'lit';
import type { Trace } from '../../trace/model';
import { outcomeLook } from '../model/labels';
import { clockTime, endpointText, formatMillis, oneLine, protocolName } from '../model/text';
import { type Action, emit } from '../shared/events';
import { html } from '../shared/html';
import { icon, lookIcon } from '../shared/icons';
import { base } from '../shared/styles';
import { headline } from '../shared/verdict';
import '../shared/diagnosis';
import './findings';

/** The chosen handshake in one look: verdict, facts, findings, and what can be done with it. */
export class TraceHeader extends LitElement {
  static override properties = { trace: { attribute: false } };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding: 12px 16px 10px;
        container: header / inline-size;
        border-bottom: 1px solid var(--hi-line, transparent);
        max-height: 45%;
        overflow-y: auto;
        flex: none;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 16px;
        align-items: flex-start;
      }
      .verdict {
        flex: 1 1 300px;
        display: flex;
        gap: 8px;
        min-width: 0;
      }
      h2 {
        font-size: 14px;
        font-weight: 600;
        line-height: 20px;
        overflow-wrap: anywhere;
      }
      .verdict .look {
        padding-top: 2px;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 2px;
        margin: -2px -6px 0 0;
      }
      .actions button {
        padding: 3px 6px;
        font-size: 12px;
        white-space: nowrap;
      }
      @container header (max-width: 820px) {
        .top {
          flex-wrap: nowrap;
        }
        .verdict {
          flex-basis: 0;
        }
        .actions {
          flex-wrap: nowrap;
        }
        .actions button:not(:first-child) span {
          display: none;
        }
      }
      @container header (max-width: 460px) {
        .actions span {
          display: none;
        }
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        margin: 6px 0 0 24px;
        font-size: 12px;
      }
      .facts div {
        display: flex;
        gap: 5px;
        min-width: 0;
      }
      dt {
        color: var(--hi-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      hi-diagnosis {
        margin: 2px 0 0 24px;
      }
      hi-findings {
        margin: 8px 0 0 24px;
      }
    `,
  ];
  declare trace: Trace | null;

  constructor() {
    super();
    this.trace = null;
  }

  override render() {
    const trace = this.trace;
    if (!trace) return nothing;
    return html`
      <div class="top">
        <div class="verdict">
          ${lookIcon(outcomeLook(trace.outcome))}
          <h2>${headline(trace)}</h2>
        </div>
        <div class="actions" role="toolbar" aria-label="Handshake">
          ${this.#action('states', 'graph', 'Show states')} ${this.#action('text', 'text', 'Annotated text')}
          ${this.#action('copy', 'copy', 'Copy as JSON', 'Copies the trace as JSON with secrets masked')}
        </div>
      </div>
      <hi-diagnosis .diagnosis=${trace.diagnosis}></hi-diagnosis>
      <dl class="facts">
        ${facts(trace).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      </dl>
      ${trace.findings.length > 0 ? html`<hi-findings .findings=${trace.findings}></hi-findings>` : nothing}
    `;
  }

  #action(action: Action, name: 'graph' | 'text' | 'copy', label: string, title = label): TemplateResult {
    return html`<button
      type="button"
      class="icon-button"
      title=${title}
      aria-label=${label}
      data-action=${action}
      @click=${() => emit(this, 'hi-action', { action })}
    >
      ${icon(name)}<span>${label}</span>
    </button>`;
  }
}

const SSL_ANSWERS = {
  S: 'accepted (S)',
  N: 'refused (N)',
  E: 'answered with an error (E)',
  other: 'answered with an unknown byte',
} as const;

/** Name and value of what is worth knowing; what was not there is left out. */
function facts(trace: Trace): [string, string][] {
  const { auth, ssl, gssenc, tls } = trace;
  const list: [string, string | null | undefined | false][] = [
    [protocolName(trace.protocol), `${endpointText(trace.client)} → ${endpointText(trace.server)}`],
    ['at', `${clockTime(trace.startTime)} UTC, took ${formatMillis(trace.durationMs)}`],
    ['user', auth.user],
    ['database', auth.database],
    ['authentication', auth.mechanism && `${auth.mechanism}: ${auth.outcome}`],
    [
      'SSL',
      ssl.direct ? 'direct' : ssl.requested && (ssl.answer ? SSL_ANSWERS[ssl.answer] : 'no answer seen'),
    ],
    ['GSS encryption', gssenc.requested && (gssenc.answer ?? 'no answer seen')],
    ['TLS', tls && ([tls.version, tls.cipher].filter(Boolean).join(' ') || 'not finished')],
    ['SNI', tls?.sni],
    ['error', trace.error && `${trace.error.code} from the ${trace.error.from}`],
    ['retry of', trace.retryOf],
  ];
  return list.filter((fact): fact is [string, string] => Boolean(fact[1])).map(([a, b]) => [a, oneLine(b)]);
}

customElements.define('hi-trace-header', TraceHeader);
