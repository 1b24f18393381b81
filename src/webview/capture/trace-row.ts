import { css, nothing, type TemplateResult } from 'lit';
import type { TraceRow } from '../../contract/values';
import { outcomeLook, severityLook } from '../model/labels';
import {
  clockTime,
  endpointText,
  formatMillis,
  framesText,
  oneLine,
  plural,
  protocolName,
} from '../model/text';
import { html } from '../shared/html';
import { icon, lookIcon } from '../shared/icons';

/** A row is three short lines where the list is narrow, two where it is wide. */
export const rowStyles = css`
  .row {
    display: grid;
    width: 100%;
    grid-template-columns: 16px minmax(0, 1fr) auto;
    grid-template-areas: 'icon who who' '. what time' '. verdict verdict';
    column-gap: 8px;
    row-gap: 1px;
    align-items: center;
    padding: 6px 10px 7px;
  }
  .row .look {
    grid-area: icon;
  }
  .who {
    grid-area: who;
    font-variant-numeric: tabular-nums;
  }
  .who .icon {
    display: inline-block;
    width: 11px;
    height: 11px;
    margin: 0 3px;
    vertical-align: -1px;
    color: var(--hi-muted);
  }
  .time {
    grid-area: time;
    color: var(--hi-muted);
    font-size: 11px;
    font-variant-numeric: tabular-nums;
  }
  @container list (max-width: 559px) {
    .fraction {
      display: none;
    }
  }
  .what {
    grid-area: what;
    display: flex;
    align-items: center;
    gap: 6px;
    color: var(--hi-muted);
    font-size: 11px;
    min-width: 0;
  }
  .what > span + span:not(.retry)::before {
    content: '·';
    margin-right: 6px;
  }
  .retry {
    display: inline-flex;
    align-items: center;
    gap: 3px;
  }
  .what .icon {
    width: 12px;
    height: 12px;
  }
  .verdict {
    grid-area: verdict;
    min-width: 0;
    font-size: 12px;
  }
  @container list (min-width: 560px) {
    .row {
      grid-template-columns: 16px minmax(0, 1fr) auto auto;
      grid-template-areas: 'icon who what time' '. verdict verdict verdict';
      column-gap: 12px;
    }
  }
`;

export function traceRow(row: TraceRow): TemplateResult {
  const look = outcomeLook(row.outcome);
  const who = `${endpointText(row.client)} → ${endpointText(row.server)}`;
  const what = [protocolName(row.protocol), row.mechanism, row.tls].filter(Boolean).join(' · ');
  const frames = row.firstFrame > 0 ? `, frames ${framesText([row.firstFrame])}–#${row.lastFrame}` : '';
  const [clock, fraction] = clockTime(row.startTime).split('.');
  const verdict = oneLine(row.verdict);
  // A finding that the outcome's own icon does not already say.
  const worst =
    row.worst === 'warning' || (row.worst === 'error' && row.outcome !== 'failed') ? row.worst : null;
  return html`
    ${lookIcon(look)}
    <span class="who cut" title=${who}
      >${endpointText(row.client)}${icon('arrow-right', 'to')}${endpointText(row.server)}</span
    >
    <span class="time" title=${`${row.startTime}, ${formatMillis(row.durationMs)}${frames}`}
      >${clock}${fraction ? html`<span class="fraction">.${fraction}</span>` : nothing}</span
    >
    <span class="what" title=${what}>
      <span>${protocolName(row.protocol)}</span>
      ${row.mechanism ? html`<span class="cut">${oneLine(row.mechanism)}</span>` : nothing}
      ${row.tls ? html`<span>${oneLine(row.tls)}</span>` : nothing}
      ${
        row.retryOf
          ? html`<span class="retry" title=${`Tries ${row.retryOf} again`}>${icon('retry', 'retry')}${row.retryOf}</span>`
          : nothing
      }
      ${
        worst
          ? html`<span class="retry tone-${severityLook(worst).tone}" title=${plural(row.findings, 'finding')}
              >${icon(severityLook(worst).icon, plural(row.findings, 'finding'))}</span
            >`
          : nothing
      }
    </span>
    <span class="verdict cut" title=${verdict}>${verdict}</span>
  `;
}
