/** What the page of a webview is made of. */
export interface PageParts {
  readonly title: string;
  /** The scripts' addresses in the order of their running, already in the form for the page (`asWebviewUri`). */
  readonly scripts: readonly string[];
  /** Unguessable, new for every page. */
  readonly nonce: string;
}

/**
 * The page of a webview: its scripts, allowed by their nonce, and nothing else. No style, font, image or address of any kind is
 * allowed: the script draws with constructed style sheets and theme variables.
 */
export function webviewHtml({ title, scripts, nonce }: PageParts): string {
  const tags = scripts.map((script) => `<script nonce="${nonce}" src="${escapeHtml(script)}"></script>`);
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    ${tags.join('\n    ')}
  </body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
