import { css } from 'lit';
import { base } from '../shared/styles';

export const appStyles = [
  base,
  css`
    :host {
      display: block;
      height: 100vh;
      overflow-y: auto;
      overflow-x: hidden;
      /* Below the steps, which stay at the top. */
      scroll-padding-top: 170px;
      color: var(--vscode-sideBar-foreground, var(--vscode-foreground));
    }
    section {
      padding: 8px 12px;
    }
    section.flush {
      padding: 4px 0;
    }
    .top {
      padding-top: 10px;
    }
    .origin {
      color: var(--hi-muted);
      font-size: 11px;
    }
    .verdict {
      display: flex;
      gap: 6px;
      margin-top: 2px;
    }
    .verdict .look {
      padding-top: 2px;
    }
    h2 {
      font-size: 13px;
      font-weight: 600;
      line-height: 19px;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    h2 .prefix {
      color: var(--hi-muted);
      font-weight: normal;
    }
    .facts {
      margin-top: 2px;
      color: var(--hi-muted);
      font-size: 11px;
      overflow-wrap: anywhere;
    }
    hi-diagnosis {
      margin: 2px 0 0 22px;
      font-size: 12px;
    }
    hi-run-bar {
      margin-top: 8px;
    }
    .sticky {
      position: sticky;
      top: 0;
      z-index: 1;
      background: var(--vscode-sideBar-background, var(--vscode-editor-background));
      border-top: 1px solid var(--vscode-sideBarSectionHeader-border, var(--hi-line, transparent));
      border-bottom: 1px solid var(--vscode-sideBarSectionHeader-border, var(--hi-line, transparent));
    }
    @media (max-height: 480px) {
      .sticky {
        position: static;
      }
    }
    .bar {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 4px 8px;
      padding: 4px 12px;
    }
    .roles {
      display: flex;
      border: 1px solid var(--vscode-widget-border, var(--hi-line, transparent));
      border-radius: 4px;
      overflow: hidden;
    }
    .roles button {
      padding: 1px 9px;
      border: none;
      background: none;
      color: var(--hi-muted);
      font: inherit;
      font-size: 11px;
      line-height: 17px;
      cursor: pointer;
    }
    .roles button[aria-checked='true'] {
      background: var(--vscode-inputOption-activeBackground);
      color: var(--vscode-inputOption-activeForeground, var(--vscode-foreground));
      outline: 1px solid var(--vscode-inputOption-activeBorder, transparent);
      outline-offset: -1px;
    }
    .roles button:focus-visible {
      outline: 1px solid var(--vscode-focusBorder);
    }
    .text-button {
      padding: 1px 2px;
      border: none;
      background: none;
      color: var(--vscode-textLink-foreground);
      font: inherit;
      font-size: 11px;
      cursor: pointer;
    }
    .text-button:hover {
      color: var(--vscode-textLink-activeForeground);
      text-decoration: underline;
    }
    h3 {
      margin-bottom: 4px;
    }
    .fields h3 {
      margin: 0;
    }
    .fields,
    .fields ~ section {
      border-top: 1px solid var(--vscode-sideBarSectionHeader-border, var(--hi-line, transparent));
    }
    .empty {
      display: flex;
      flex-direction: column;
      align-items: stretch;
      gap: 6px;
      padding: 16px 12px;
    }
    .empty h2 {
      font-weight: 600;
    }
  `,
];
