import { css } from 'lit';

/**
 * What every component shares. Only theme variables give colour, so that light, dark and high-contrast themes all work; where a
 * theme leaves a variable out, another of the theme's variables stands in.
 */
export const base = css`
  :host {
    box-sizing: border-box;
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
    font-weight: var(--vscode-font-weight, normal);
    line-height: 1.4;
    --hi-muted: var(--vscode-descriptionForeground, var(--vscode-foreground));
    --hi-line: var(--vscode-panel-border, var(--vscode-editorGroup-border, var(--vscode-contrastBorder)));
    --hi-ok: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
    --hi-error: var(--vscode-testing-iconFailed, var(--vscode-errorForeground));
    --hi-warning: var(--vscode-list-warningForeground, var(--vscode-editorWarning-foreground));
    --hi-info: var(--vscode-notificationsInfoIcon-foreground, var(--vscode-charts-blue));
    --hi-layer-local: var(--vscode-descriptionForeground, var(--vscode-foreground));
    --hi-layer-tcp: var(--vscode-descriptionForeground, var(--vscode-foreground));
    --hi-layer-tls: var(--vscode-charts-purple, var(--vscode-foreground));
    --hi-layer-postgres: var(--vscode-charts-blue, var(--vscode-foreground));
    --hi-layer-mongodb: var(--vscode-charts-green, var(--vscode-foreground));
    --hi-mono: var(--vscode-editor-font-family, monospace);
    --hi-mono-size: calc(var(--vscode-font-size, 13px) - 1px);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  .mono {
    font-family: var(--hi-mono);
    font-size: var(--hi-mono-size);
  }
  .muted {
    color: var(--hi-muted);
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .icon {
    width: 16px;
    height: 16px;
    flex: none;
    display: block;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.1;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .look {
    display: inline-flex;
    flex: none;
  }
  .tone-ok {
    color: var(--hi-ok);
  }
  .tone-error {
    color: var(--hi-error);
  }
  .tone-warning {
    color: var(--hi-warning);
  }
  .tone-info {
    color: var(--hi-info);
  }
  .tone-muted {
    color: var(--hi-muted);
  }
  .layer-local {
    --hi-layer: var(--hi-layer-local);
  }
  .layer-tcp {
    --hi-layer: var(--hi-layer-tcp);
  }
  .layer-tls {
    --hi-layer: var(--hi-layer-tls);
  }
  .layer-postgres {
    --hi-layer: var(--hi-layer-postgres);
  }
  .layer-mongodb {
    --hi-layer: var(--hi-layer-mongodb);
  }
  .tag {
    flex: none;
    padding: 0 5px;
    border: 1px solid color-mix(in srgb, var(--hi-layer, var(--hi-muted)) 45%, transparent);
    border-radius: 3px;
    color: var(--hi-layer, var(--hi-muted));
    font-size: 10px;
    line-height: 14px;
  }
  h2,
  h3,
  p,
  dl,
  dd,
  ul {
    margin: 0;
    padding: 0;
  }
  h3 {
    font-size: 11px;
    font-weight: 600;
    text-transform: uppercase;
    letter-spacing: 0.04em;
    color: var(--vscode-sideBarSectionHeader-foreground, var(--vscode-foreground));
  }
  button.icon-button {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 3px;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: var(--vscode-icon-foreground, var(--vscode-foreground));
    font: inherit;
    cursor: pointer;
  }
  button.icon-button:hover:not(:disabled) {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
    outline-offset: -1px;
  }
  button.icon-button:disabled {
    opacity: 0.4;
    cursor: default;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;

/** Rows of a list: hover, selection and focus as VS Code's own lists draw them. */
export const listRows = css`
  [role='option'],
  [role='treeitem'] {
    cursor: pointer;
    outline: none;
  }
  [role='option']:hover,
  [role='treeitem']:hover {
    background: var(--vscode-list-hoverBackground);
    color: var(--vscode-list-hoverForeground, inherit);
  }
  [role='option'][aria-selected='true'],
  [role='treeitem'][aria-selected='true'] {
    background: var(--vscode-list-inactiveSelectionBackground);
    color: var(--vscode-list-inactiveSelectionForeground, inherit);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  :focus > [role='option'][aria-selected='true'],
  :focus > * > [role='option'][aria-selected='true'],
  :focus > [role='treeitem'][aria-selected='true'] {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground, inherit);
    --hi-muted: color-mix(in srgb, var(--vscode-list-activeSelectionForeground, currentColor) 80%, transparent);
    outline-color: var(--vscode-list-focusOutline, var(--vscode-focusBorder));
  }
`;
