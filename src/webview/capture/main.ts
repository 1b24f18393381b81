/**
 * The capture editor's page.
 *
 * What the host's HTML must provide: a document with `<body></body>` and this one script with the page's nonce, placed after the
 * body begins (`<script nonce="…" src="…/dist/webview/capture.js"></script>`). Nothing else: styles are constructed style
 * sheets and CSSOM properties, icons are SVG in the script, and no font, image, inline style or `eval` is used, so
 * `default-src 'none'; script-src 'nonce-…'` is enough for it. Messages are those of `contract/capture-editor`.
 */
import { mount } from '../shared/page';
import './capture-app';

mount('hi-capture');
