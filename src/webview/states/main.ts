/**
 * The state panel's page, in the side bar.
 *
 * What the host's HTML must provide: a document with `<body></body>` and two scripts with the page's nonce, placed after the
 * body begins: `dist/webview/shared.js`, which is what both pages have in common, and `dist/webview/states.js`. Nothing else: styles are constructed style
 * sheets and CSSOM properties, the graph and the icons are SVG made by the scripts, and no font, image, inline style or `eval`
 * is used, so `default-src 'none'; script-src 'nonce-…'` is enough for it. Messages are those of `contract/state-panel`.
 */
import { mount } from '../shared/page';
import './states-app';

mount('hi-states');
