import { nothing, type TemplateResult } from 'lit';
import type { IconName, Look } from '../model/labels';
import { html, svg } from './html';

/** Drawn on VS Code's 16-pixel grid with its one-pixel line, in the current text colour. */
const SHAPES: Readonly<Record<IconName, TemplateResult>> = {
  pass: svg`<circle cx="8" cy="8" r="6.5" /><path d="M5 8.2l2.1 2.1L11 6.1" />`,
  error: svg`<circle cx="8" cy="8" r="6.5" /><path d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />`,
  warning: svg`<path d="M8 2L14.6 13.6H1.4Z" /><path d="M8 6.4v3.4M8 11.2v.9" />`,
  info: svg`<circle cx="8" cy="8" r="6.5" /><path d="M8 7.2v4M8 4.6v.9" />`,
  hint: svg`<path d="M6 11.5h4M6.5 13.5h3M8 2.5a4 4 0 0 0-2.2 7.3c.3.3.4.8.4 1.2h3.6c0-.4.1-.9.4-1.2A4 4 0 0 0 8 2.5Z" />`,
  cancel: svg`<circle cx="8" cy="8" r="6.5" /><path d="M3.5 12.5l9-9" />`,
  lock: svg`<rect x="3.5" y="7" width="9" height="6.5" rx="1" /><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />`,
  partial: svg`<circle cx="8" cy="8" r="6.5" stroke-dasharray="2.6 2" /><path d="M8 4.8v3.4M8 10v.9" />`,
  'arrow-right': svg`<path d="M2.5 8h10.5M9.5 4.5L13 8l-3.5 3.5" />`,
  chevron: svg`<path d="M6 3.8L10.2 8 6 12.2" />`,
  local: svg`<rect x="2.5" y="3.5" width="11" height="7.5" rx="1" /><path d="M5.5 13.5h5" />`,
  retry: svg`<path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3" />`,
  search: svg`<circle cx="7" cy="7" r="4.5" /><path d="M10.3 10.3l3.7 3.7" />`,
  eye: svg`<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z" /><circle cx="8" cy="8" r="2" />`,
  play: svg`<path d="M4.5 3v10L12.5 8Z" />`,
  graph: svg`<circle cx="4" cy="4" r="2" /><circle cx="4" cy="12" r="2" /><circle cx="12" cy="8" r="2" /><path d="M4 6v4M5.8 4.9l4.4 2.2M5.8 11.1l4.4-2.2" />`,
  text: svg`<path d="M2.5 4h11M2.5 8h11M2.5 12h7" />`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1" /><path d="M3.5 10.5h-1v-8h8v1" />`,
  close: svg`<path d="M4 4l8 8M12 4l-8 8" />`,
  certificate: svg`<rect x="1.5" y="3" width="13" height="8.5" rx="1" /><path d="M4 6h5M4 8.5h3" /><circle cx="11.2" cy="8.6" r="1.7" /><path d="M10.2 10.2v4l1-.8 1 .8v-4" />`,
  'step-back': svg`<path d="M10 3.8L5.8 8 10 12.2" />`,
  'step-forward': svg`<path d="M6 3.8L10.2 8 6 12.2" />`,
};

/** An icon; with a label it is read aloud, without one it is decoration. */
export function icon(name: IconName, label = ''): TemplateResult {
  return html`<svg
    class="icon icon-${name}"
    viewBox="0 0 16 16"
    role=${label ? 'img' : 'presentation'}
    aria-label=${label || nothing}
    aria-hidden=${label ? 'false' : 'true'}
    focusable="false"
  >${SHAPES[name]}</svg>`;
}

/** The icon of an outcome or severity in its tone, read aloud by its label. */
export function lookIcon(look: Look): TemplateResult {
  return html`<span class="tone-${look.tone} look" title=${look.label}>${icon(look.icon, look.label)}</span>`;
}
