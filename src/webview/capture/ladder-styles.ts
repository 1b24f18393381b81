import { css } from 'lit';

/** The lanes: time, client's state, the two lines with the messages between them, server's state. */
export const ladderStyles = css`
  :host {
    display: block;
    min-height: 0;
    overflow: hidden;
    container: ladder / inline-size;
  }
  .scroll {
    height: 100%;
    overflow: auto;
  }
  .empty {
    padding: 24px 16px;
    color: var(--hi-muted);
  }
  .grid {
    display: grid;
    grid-template-columns: 60px minmax(112px, 1fr) minmax(180px, 2.4fr) minmax(112px, 1fr);
    padding: 0 12px 0 8px;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 1;
    padding-top: 8px;
    padding-bottom: 6px;
    background: var(--vscode-editor-background);
    border-bottom: 1px solid var(--hi-line, transparent);
    font-size: 11px;
  }
  .side {
    display: flex;
    flex-direction: column;
    min-width: 0;
    color: var(--hi-muted);
  }
  .side b {
    color: var(--vscode-foreground);
    font-weight: 600;
  }
  .head .client {
    grid-column: 1 / 3;
    grid-row: 1;
  }
  .head .server {
    grid-column: 3 / 5;
    grid-row: 1;
    align-items: flex-end;
  }
  .client {
    text-align: right;
    padding-right: 10px;
  }
  .server {
    padding-left: 10px;
  }
  .rows {
    padding: 6px 0 16px;
  }
  .row {
    scroll-margin: 56px 0 12px;
  }
  .rows:focus-visible {
    outline: none;
  }
  .long .row {
    content-visibility: auto;
    contain-intrinsic-height: auto 46px;
  }
  .when {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    padding: 6px 8px 6px 0;
    font-size: 11px;
    font-variant-numeric: tabular-nums;
    color: var(--hi-muted);
    white-space: nowrap;
  }
  .slow {
    color: var(--hi-warning);
    font-weight: 600;
  }
  .state {
    align-self: center;
    min-width: 0;
    font-family: var(--hi-mono);
    font-size: 11px;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  .state .prefix {
    display: none;
  }
  .state .same {
    color: var(--hi-muted);
  }
  .failed .state .new {
    color: var(--hi-error);
  }
  .row[aria-selected='true'] .state .new {
    color: inherit;
  }
  .row .lane {
    position: relative;
    display: flex;
    flex-direction: column;
    padding: 5px 14px;
    border: solid var(--vscode-editorIndentGuide-activeBackground1, var(--hi-muted));
    border-width: 0 1px;
    min-width: 0;
  }
  .label {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .label b {
    font-weight: 600;
  }
  .label .tag {
    display: inline-block;
    margin-left: 4px;
    vertical-align: 1px;
    font-style: normal;
  }
  .to-client .label,
  .to-client .summary {
    align-self: flex-end;
    text-align: right;
  }
  .failed .label b {
    color: var(--hi-error);
  }
  .row[aria-selected='true'] .label b {
    color: inherit;
  }
  .lock .icon {
    display: inline-block;
    width: 12px;
    height: 12px;
    margin-right: 4px;
    vertical-align: -1px;
    color: var(--hi-muted);
  }
  .quiet {
    border-style: dashed;
    color: var(--hi-muted);
  }
  .arrow {
    position: relative;
    height: 1px;
    margin: 3px -14px 4px;
    background: var(--hi-layer);
  }
  .failed .arrow {
    background: var(--hi-error);
  }
  .arrow::after {
    content: '';
    position: absolute;
    top: -3px;
    width: 7px;
    height: 7px;
    border: solid var(--hi-layer);
    border-width: 1px 1px 0 0;
  }
  .failed .arrow::after {
    border-color: var(--hi-error);
  }
  .to-server .arrow::after {
    right: 1px;
    transform: rotate(45deg);
  }
  .to-client .arrow::after {
    left: 1px;
    transform: rotate(-135deg);
  }
  .local .arrow {
    display: none;
  }
  .local .label::before {
    content: '';
    display: inline-block;
    width: 7px;
    height: 7px;
    margin-left: -18px;
    margin-right: 5px;
    border: 1px solid var(--hi-layer);
    border-radius: 50%;
    background: var(--vscode-editor-background);
  }
  .summary {
    max-width: 100%;
    color: var(--hi-muted);
    font-size: 11px;
    line-height: 1.35;
    overflow: hidden;
    display: -webkit-box;
    -webkit-line-clamp: 2;
    -webkit-box-orient: vertical;
    overflow-wrap: anywhere;
  }
  /* Why it failed is never cut. */
  .failed .summary {
    -webkit-line-clamp: none;
  }
  .internal .lane,
  .internal .state {
    font-style: italic;
  }
  @container ladder (max-width: 540px) {
    .grid {
      grid-template-columns: 52px minmax(0, 1fr) minmax(0, 1fr);
      padding: 0 8px 0 4px;
    }
    .grid .lane {
      grid-column: 2 / 4;
      grid-row: 1;
    }
    .row .state {
      grid-row: 2;
      padding-top: 0;
      align-self: stretch;
      border: 0 solid var(--vscode-editorIndentGuide-activeBackground1, var(--hi-muted));
    }
    .row .state > span {
      display: block;
      padding-bottom: 6px;
    }
    .row .state.client {
      grid-column: 2;
      text-align: left;
      padding-left: 8px;
      border-left-width: 1px;
    }
    .row .state.server {
      grid-column: 3;
      text-align: right;
      padding-right: 8px;
      border-right-width: 1px;
    }
    .head .client {
      grid-column: 2;
      text-align: left;
      padding-left: 6px;
    }
    .head .server {
      grid-column: 3;
      padding-right: 6px;
    }
  }
`;
