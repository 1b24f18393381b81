import { css } from 'lit';
import { base } from '../shared/styles';

/** What was not visited is quiet, the path is plain, the current state is filled, a failing one is red. */
export const graphStyles = [
  base,
  css`
    :host {
      display: block;
      overflow-x: auto;
      --idle: color-mix(in srgb, var(--vscode-foreground) 28%, transparent);
      --taken: var(--vscode-charts-blue, var(--vscode-textLink-foreground));
    }
    .graph {
      display: block;
      margin: 0 auto;
    }
    .node rect {
      fill: var(--vscode-sideBar-background, var(--vscode-editor-background));
      stroke: var(--idle);
      stroke-width: 1;
    }
    .node text {
      fill: var(--hi-muted);
      font-family: var(--hi-mono);
      font-size: 10.5px;
      text-anchor: middle;
      dominant-baseline: central;
    }
    .node.internal rect,
    .node.unlisted rect {
      stroke-dasharray: 3 2.5;
    }
    .node.internal text {
      font-style: italic;
    }
    .node.later rect {
      stroke: color-mix(in srgb, var(--taken) 60%, transparent);
    }
    .node.visited rect {
      stroke: var(--taken);
    }
    .node.visited text {
      fill: var(--vscode-foreground);
    }
    .node.current rect {
      fill: var(--vscode-list-activeSelectionBackground, var(--taken));
      stroke: var(--vscode-focusBorder, var(--taken));
      stroke-width: 1.5;
    }
    .node.current text {
      fill: var(--vscode-list-activeSelectionForeground, var(--vscode-foreground));
      font-weight: 600;
    }
    .node.success.current rect {
      fill: color-mix(in srgb, var(--hi-ok) 22%, transparent);
      stroke: var(--hi-ok);
    }
    .node.success.current text {
      fill: var(--vscode-foreground);
    }
    .node.failing rect {
      fill: color-mix(in srgb, var(--hi-error) 18%, transparent);
      stroke: var(--hi-error);
    }
    .node.failing text {
      fill: var(--vscode-foreground);
    }
    .line {
      fill: none;
      stroke: var(--idle);
      stroke-width: 1;
    }
    .hit {
      fill: none;
      stroke: transparent;
      stroke-width: 9;
    }
    .edge:hover .line {
      stroke: var(--vscode-foreground);
    }
    .edge.later .line {
      stroke: color-mix(in srgb, var(--taken) 55%, transparent);
      stroke-dasharray: 2 3;
    }
    .edge.taken .line {
      stroke: var(--taken);
      stroke-width: 1.5;
    }
    .edge.now .line {
      stroke: var(--vscode-focusBorder, var(--taken));
      stroke-width: 2.5;
    }
    .edge.failed .line {
      stroke: var(--hi-error);
      stroke-width: 2;
    }
    .edge.unlisted .line {
      stroke-dasharray: 6 3;
    }
    .head path,
    .loop {
      fill: none;
      stroke: var(--idle);
      stroke-width: 1.2;
    }
    .head.taken path,
    .loop {
      stroke: var(--taken);
    }
    .head.now path {
      stroke: var(--vscode-focusBorder, var(--taken));
    }
    .head.failed path {
      stroke: var(--hi-error);
    }
  `,
];
