import { css } from 'lit';

const page = css`
  html,
  body {
    height: 100%;
    margin: 0;
    padding: 0;
    overflow: hidden;
    background: transparent;
  }
`;

/** Puts the view's element into the document, which needs nothing but a body: styles are adopted, not linked or inline. */
export function mount(tag: string): HTMLElement {
  const sheet = page.styleSheet;
  if (sheet) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const element = document.createElement(tag);
  document.body.append(element);
  return element;
}
