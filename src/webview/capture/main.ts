/**
 * The capture editor's page.
 *
 * What the host's HTML must provide: a document with `<body></body>` and two scripts with the page's nonce, placed after the
 * body begins: `dist/webview/shared.js`, which is what both pages have in common, and `dist/webview/capture.js`. Nothing else: styles are constructed style
 * sheets and CSSOM properties, icons are SVG in the scripts, and no font, image, inline style or `eval` is used, so
 * `default-src 'none'; script-src 'nonce-…'` is enough for it. Messages are those of `contract/capture-editor`.
 */
import { mount } from '../shared/page';
import './capture-app';

mount('hi-capture');
