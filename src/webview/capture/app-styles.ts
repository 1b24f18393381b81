import { css } from 'lit';
import { base } from '../shared/styles';

export const appStyles = [
  base,
  css`
    :host {
      display: block;
      height: 100vh;
      background: var(--vscode-editor-background);
    }
    .app {
      display: flex;
      flex-direction: column;
      height: 100%;
    }
    vscode-split-layout {
      flex: 1;
      min-height: 0;
      border: none;
      --separator-border: var(--hi-line, transparent);
    }
    .pane {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
      min-width: 0;
      overflow: hidden;
    }
    .list {
      background: var(--vscode-sideBar-background, transparent);
    }
    hi-trace-list,
    hi-ladder {
      flex: 1;
      min-height: 0;
    }
    hi-ladder {
      height: 100%;
    }
    .none {
      flex: 1;
      display: flex;
      flex-direction: column;
      align-items: flex-start;
      gap: 8px;
      padding: 16px 12px;
      color: var(--hi-muted);
    }
    .status {
      display: flex;
      flex: none;
      gap: 6px;
      padding: 4px 12px;
      border-top: 1px solid var(--hi-line, transparent);
      color: var(--hi-muted);
      font-size: 11px;
      white-space: nowrap;
      overflow: hidden;
    }
    .file {
      margin-left: auto;
      overflow: hidden;
      text-overflow: ellipsis;
    }
    .hint {
      padding: 24px 16px;
      color: var(--hi-muted);
    }
    .hint.tone-error {
      color: var(--hi-error);
    }
    .message {
      display: flex;
      flex-direction: column;
      align-items: flex-start;
      gap: 8px;
      max-width: 560px;
      margin: 0 auto;
      padding: 12vh 24px 24px;
    }
    .message h2 {
      font-size: 16px;
      font-weight: 600;
    }
    .message vscode-button {
      margin-top: 8px;
    }
  `,
];
