import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/toolchain';
import { type OpenOptions, type Pages, startPages } from './pages';

/** A picture of each state of the views, in out/screenshots, and what can be checked of a picture by a program. */
const SHOTS: readonly [string, 'capture' | 'states', OpenOptions][] = [
  ['capture-1200-dark', 'capture', { sample: 'capture' }],
  ['capture-1200-light', 'capture', { sample: 'capture', theme: 'light' }],
  ['capture-1200-contrast', 'capture', { sample: 'capture', theme: 'contrast' }],
  ['capture-700-dark', 'capture', { sample: 'capture', width: 700 }],
  ['capture-700-light', 'capture', { sample: 'capture', theme: 'light', width: 700 }],
  ['capture-420-light', 'capture', { sample: 'capture', theme: 'light', width: 420 }],
  ['capture-many', 'capture', { sample: 'many' }],
  ['capture-reading', 'capture', { sample: 'reading', theme: 'light' }],
  ['capture-recording-dark', 'capture', { sample: 'recording' }],
  ['capture-recording-420-light', 'capture', { sample: 'recording', theme: 'light', width: 420 }],
  ['capture-recorded-contrast', 'capture', { sample: 'recorded', theme: 'contrast' }],
  ['capture-none', 'capture', { sample: 'none', height: 500 }],
  ['capture-failed', 'capture', { sample: 'failed', height: 500 }],
  ['states-ok-dark', 'states', { sample: 'ok', width: 300, height: 1100 }],
  ['states-ok-light', 'states', { sample: 'ok', theme: 'light', width: 300, height: 1100 }],
  ['states-ok-contrast', 'states', { sample: 'ok', theme: 'contrast', width: 300, height: 1100 }],
  ['states-wrong-dark', 'states', { sample: 'wrong', width: 300, height: 1000 }],
  ['states-wrong-light', 'states', { sample: 'wrong', theme: 'light', width: 300, height: 1000 }],
  ['states-mongo-dark', 'states', { sample: 'mongo', width: 300, height: 1000 }],
  ['states-mongocr-light', 'states', { sample: 'mongocr', theme: 'light', width: 300, height: 1000 }],
  ['states-running', 'states', { sample: 'running', width: 300, height: 900 }],
  ['states-empty-dark', 'states', { sample: 'empty', width: 300, height: 400 }],
  ['states-nohosts-light', 'states', { sample: 'nohosts', theme: 'light', width: 300, height: 400 }],
  ['states-problem-light', 'states', { sample: 'problem', theme: 'light', width: 300, height: 400 }],
];

await describeWith('what the views look like', ['chromium'], ({ chromium }) => {
  let pages: Pages;
  beforeAll(async () => {
    pages = await startPages(chromium.path);
  });
  afterAll(() => pages?.close());

  test.each(SHOTS)('%s', async (name, view, options) => {
    const { page, complaints, screenshot } = await pages.open(view, options);
    await page.waitForTimeout(400);
    await screenshot(name);
    // The page itself never scrolls sideways; what is wide scrolls inside its pane.
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
