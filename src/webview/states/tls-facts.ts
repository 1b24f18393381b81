import { css, LitElement, nothing } from 'lit';
import type { CertificateSummary, Trace } from '../../trace/model';
import { oneLine } from '../model/text';
import { commonName, type Expiry, expiry, refusal } from '../model/tls';
import { html } from '../shared/html';
import { icon } from '../shared/icons';
import { base } from '../shared/styles';

const EXPIRY_TONES: Readonly<Record<Expiry['state'], string>> = {
  valid: 'muted',
  soon: 'tone-warning',
  expired: 'tone-error',
  future: 'tone-error',
  unknown: 'tone-warning',
};

/** What TLS agreed on, whom the certificates name and until when, and why it was refused. */
export class TlsFacts extends LitElement {
  static override properties = { trace: { attribute: false } };
  static override styles = [
    base,
    css`
      :host {
        display: block;
        font-size: 12px;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 1px 10px;
      }
      dt {
        color: var(--hi-muted);
      }
      dd,
      li span,
      li b {
        overflow-wrap: anywhere;
      }
      .refusal {
        margin-bottom: 4px;
        color: var(--hi-error);
      }
      ul {
        list-style: none;
        margin-top: 6px;
      }
      li {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr);
        gap: 0 6px;
        padding: 3px 0;
      }
      li b {
        font-weight: 600;
      }
      li span {
        grid-column: 2;
        font-size: 11px;
      }
      li .icon {
        color: var(--hi-muted);
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
    const tls = trace?.tls;
    if (!trace || !tls) return nothing;
    const refused = refusal(tls);
    const at = Date.parse(trace.startTime);
    return html`
      ${refused ? html`<p class="refusal" role="note">TLS failed: ${refused}</p>` : nothing}
      <dl>
        ${fact('Version', tls.version)} ${fact('Cipher', tls.cipher)} ${fact('Name asked', tls.sni)}
        ${fact('ALPN', tls.alpn)}
      </dl>
      ${
        tls.certificates.length > 0
          ? html`<ul aria-label="Certificates, the server's first">
              ${tls.certificates.map((certificate) => this.#certificate(certificate, at))}
            </ul>`
          : nothing
      }
    `;
  }

  #certificate(certificate: CertificateSummary, at: number) {
    const dates = expiry(certificate, at);
    const names = certificate.names.map(oneLine).join(', ');
    const issuer = certificate.selfSigned
      ? 'self-signed'
      : `issued by ${oneLine(commonName(certificate.issuer))}`;
    return html`<li title=${`SHA-256 ${certificate.fingerprint256}`}>
      ${icon('certificate')}
      <b>${oneLine(commonName(certificate.subject))}</b>
      ${names ? html`<span>for ${names}</span>` : nothing}
      <span class="muted">${issuer}</span>
      <span class=${EXPIRY_TONES[dates.state]}>${dates.text}</span>
    </li>`;
  }
}

function fact(name: string, value: string | null) {
  return value ? html`<dt>${name}</dt><dd>${oneLine(value)}</dd>` : nothing;
}

customElements.define('hi-tls-facts', TlsFacts);
