import { css } from 'lit';
import { base } from '../shared/styles';

/** The details: facts and fields take what they need and scroll together, the bytes keep a share of the height. */
export const detailStyles = [
  base,
  css`
    :host {
      display: block;
      height: 100%;
      container: details / inline-size;
    }
    .details {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
      overflow: auto;
    }
    header {
      padding: 10px 14px 10px;
    }
    h2 {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      font-size: 13px;
      font-weight: 600;
      overflow-wrap: anywhere;
    }
    .lock .icon {
      width: 13px;
      height: 13px;
      color: var(--hi-muted);
    }
    .summary {
      margin-top: 2px;
      color: var(--hi-muted);
      font-size: 12px;
      overflow-wrap: anywhere;
    }
    dl {
      display: flex;
      flex-wrap: wrap;
      gap: 1px 20px;
      margin-top: 8px;
      font-size: 12px;
    }
    dl div {
      display: grid;
      flex: 0 1 auto;
      grid-template-columns: max-content minmax(0, 1fr);
      gap: 8px;
      align-items: baseline;
    }
    @container details (max-width: 520px) {
      dl div {
        flex-basis: 100%;
        grid-template-columns: 84px minmax(0, 1fr);
      }
    }
    @container details (min-width: 640px) {
      .details {
        display: grid;
        grid-template: auto minmax(140px, 1fr) / minmax(0, 1fr) minmax(0, 1fr);
      }
      header {
        grid-column: 1 / 3;
      }
      .details .fields {
        overflow: auto;
      }
      .details .fields:last-child {
        grid-column: 1 / 3;
      }
      .details .bytes {
        min-width: 0;
        border-left: 1px solid var(--hi-line, transparent);
      }
    }
    dt {
      color: var(--hi-muted);
    }
    dd {
      overflow-wrap: anywhere;
    }
    dd.mono {
      font-size: 11px;
      line-height: 17px;
    }
    dd .prefix {
      color: var(--hi-muted);
    }
    section {
      border-top: 1px solid var(--hi-line, transparent);
    }
    .bar {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 8px;
      min-height: 28px;
      padding: 2px 8px 0 14px;
    }
    .fields {
      flex: 0 0 auto;
      padding-bottom: 8px;
    }
    .bytes {
      display: flex;
      flex: 1 0 auto;
      flex-direction: column;
      min-height: 150px;
    }
    hi-hex-view {
      flex: 1 1 100px;
      min-height: 100px;
    }
    .reveal {
      font-size: 12px;
      padding: 1px 6px;
    }
    .small {
      font-size: 11px;
    }
    .note {
      padding: 2px 14px 10px;
      color: var(--hi-muted);
      font-size: 12px;
    }
    .note.tone-error {
      color: var(--hi-error);
    }
  `,
];
