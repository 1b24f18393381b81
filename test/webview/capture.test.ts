import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/toolchain';
import { type OpenOptions, type Pages, startPages, type ViewPage } from './pages';

const SECRET = 'fyko+d2lbbFgONRv9qkxdawL';

await describeWith('the capture editor in a browser', ['chromium'], ({ chromium }) => {
  let pages: Pages;
  let view: ViewPage;
  beforeAll(async () => {
    pages = await startPages(chromium.path);
  });
  afterAll(() => pages?.close());
  afterEach(async () => {
    // Whatever a test did: nothing was blocked and nothing was complained about.
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  async function open(options: OpenOptions): Promise<Page> {
    view = await pages.open('capture', options);
    return view.page;
  }
  const rows = (page: Page) => page.locator('hi-trace-list .row');
  const chosenRow = (page: Page) => page.locator('hi-trace-list .row[aria-selected="true"]');
  const chosenStep = (page: Page) => page.locator('hi-ladder .row[aria-selected="true"]');
  const steps = (page: Page) => page.locator('hi-ladder [role="listbox"]');

  async function chooseStep(page: Page, message: string): Promise<void> {
    await page.locator('hi-ladder .row', { has: page.getByText(message, { exact: true }) }).click();
    await expect.poll(() => page.locator('hi-step-details h2').innerText()).toContain(message);
  }

  test('opens on the first handshake, at the step that ended it', async () => {
    const page = await open({ sample: 'capture' });
    await expect.poll(() => chosenStep(page).getAttribute('aria-label')).toContain('ErrorResponse');
    expect(await rows(page).count()).toBe(4);
    expect(await chosenRow(page).getAttribute('data-id')).toBe('t1');
    expect(await page.locator('hi-trace-header h2').innerText()).toContain('rejected the password');
    const box = await chosenStep(page).boundingBox();
    expect(box && box.y + box.height <= 800).toBe(true);
  });

  test('the lists are walked with the keyboard', async () => {
    const page = await open({ sample: 'capture' });
    const list = page.locator('hi-trace-list [role="listbox"]');
    await chosenStep(page).waitFor();
    await list.focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t2');
    await page.keyboard.press('End');
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t4');
    expect(await list.getAttribute('aria-activedescendant')).toBe('row-t4');
    await expect.poll(() => page.locator('hi-trace-header h2').innerText()).toContain('SCRAM-SHA-256');
    await steps(page).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => chosenStep(page).getAttribute('id')).toBe('step-0');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => chosenStep(page).getAttribute('id')).toBe('step-1');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => chosenStep(page).getAttribute('id')).toBe('step-0');
    expect(await view.sent('select')).toContainEqual({ id: 't4', step: 0 });
  });

  test('the field tree opens, closes and moves with arrows, and marks the bytes', async () => {
    const page = await open({ sample: 'capture' });
    await chooseStep(page, 'SASLInitialResponse');
    const items = page.locator('hi-field-tree [role="treeitem"]');
    await expect.poll(() => items.count()).toBe(7);
    await page.locator('hi-field-tree [role="tree"]').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => items.count()).toBe(4);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const chosen = page.locator('hi-field-tree [aria-selected="true"]');
    await expect.poll(() => chosen.innerText()).toContain('gs2-header');
    await expect.poll(() => page.locator('hi-hex-view .cell.on').allInnerTexts()).toEqual(['6e', '2c', '2c']);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosen.innerText()).toContain('client-first-message');
    // And the other way: a byte finds its field.
    await page.locator('hi-hex-view .cell[data-offset="5"]').click();
    await expect.poll(() => chosen.innerText()).toContain('mechanism');
  });

  test('a secret is masked in fields and bytes until VS Code has asked the user', async () => {
    const page = await open({ sample: 'capture' });
    await chooseStep(page, 'SASLInitialResponse');
    const nonce = page.locator('hi-field-tree [role="treeitem"]', { hasText: 'nonce' });
    const byte = page.locator('hi-hex-view .cell[data-offset="31"]');
    await expect.poll(() => byte.innerText()).toBe('••');
    expect(await nonce.innerText()).not.toContain(SECRET);
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(SECRET);

    await page.evaluate(() => {
      window.harness.allowReveal = false;
    });
    await page.locator('.reveal').click();
    await expect.poll(() => view.sent('reveal')).toHaveLength(1);
    expect(await nonce.innerText()).not.toContain(SECRET);

    await page.evaluate(() => {
      window.harness.allowReveal = true;
    });
    await page.locator('.reveal').click();
    await expect.poll(() => nonce.innerText()).toContain(SECRET);
    await expect.poll(() => byte.innerText()).toBe('66');

    await page.locator('[data-action="copy"]').click();
    await expect.poll(() => view.sent('copy')).toHaveLength(1);
    const [copied] = (await view.sent('copy')) as { text: string }[];
    expect(copied.text).not.toContain(SECRET);
    expect(JSON.parse(copied.text)).toMatchObject({ version: 2, traces: [{ id: 't1', outcome: 'failed' }] });

    await page.locator('.reveal').click();
    await expect.poll(() => nonce.innerText()).not.toContain(SECRET);
    await expect.poll(() => byte.innerText()).toBe('••');
  });

  test('five thousand handshakes are filtered as one types, and only those in view are drawn', async () => {
    const page = await open({ sample: 'many' });
    const status = page.locator('.status');
    await expect.poll(() => status.innerText()).toContain('5,000 handshakes');
    expect(await rows(page).count()).toBeLessThan(80);
    await page.locator('hi-filter-bar [data-name="mongodb"]').click();
    await expect.poll(() => status.innerText()).toContain('1,000 of 5,000');
    await page.locator('hi-filter-bar input').fill('@mongodb 10.20.0.14:40009');
    await expect.poll(() => status.innerText()).toMatch(/^0 of/);
    await page.locator('hi-filter-bar input').fill('10.20.0.14:40009');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.locator('hi-filter-bar input').press('Escape');
    await expect.poll(() => status.innerText()).toMatch(/^5,000 handshakes/);
    await page.locator('hi-trace-list [role="listbox"]').focus();
    await page.keyboard.press('End');
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t5000');
    const box = await chosenRow(page).boundingBox();
    expect(box && box.y > 0 && box.y < 800).toBe(true);
  });

  test('why and what to do stand below the heading, and a line is copied by its button', async () => {
    const page = await open({ sample: 'capture' });
    const diagnosis = page.locator('hi-trace-header hi-diagnosis');
    await expect.poll(() => diagnosis.locator('.why').innerText()).toContain('The password is wrong');
    expect(await diagnosis.locator('ol li').count()).toBe(2);
    expect(await diagnosis.locator('details').getAttribute('open')).toBeNull();
    await diagnosis.locator('.paste button').last().click();
    const copied = () =>
      page.evaluate(() => window.harness.log.find(({ method }) => method === 'copy')?.params);
    await expect.poll(copied).toEqual({ text: await diagnosis.locator('code').last().innerText() });
  });

  test('causes come before the list; choosing one shows its handshakes alone, choosing it again all', async () => {
    const page = await open({ sample: 'capture' });
    const button = page.locator('hi-summary button');
    await expect.poll(() => button.count()).toBe(1);
    expect(await button.innerText()).toMatch(/2 connections from 1 client[\s\S]*PG_PASSWORD_REFUSED/);
    await rows(page).nth(3).click();
    await button.click();
    await expect.poll(() => rows(page).count()).toBe(2);
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t1');
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    await button.click();
    await expect.poll(() => rows(page).count()).toBe(4);
  });

  test('what was chosen and filtered comes back after a reload', async () => {
    const page = await open({ sample: 'capture' });
    await chosenStep(page).waitFor();
    await rows(page).nth(2).click();
    await expect.poll(() => page.locator('hi-trace-header h2').innerText()).toContain('not encrypted');
    await chooseStep(page, 'SSLRequest');
    await page.locator('hi-filter-bar [data-name="ready"]').click();
    await expect.poll(() => rows(page).count()).toBe(2);
    await page.reload();
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t3');
    await expect.poll(() => page.locator('hi-step-details h2').innerText()).toContain('SSLRequest');
    expect(await rows(page).count()).toBe(2);
  });

  test('reading can be cancelled and begun again', async () => {
    const page = await open({ sample: 'reading' });
    await page.locator('hi-notices [data-action="cancel"]').click();
    await expect.poll(() => view.sent('cancel')).toHaveLength(1);
    await page.locator('hi-notices [data-action="reload"]').click();
    await expect.poll(() => view.sent('reload')).toHaveLength(1);
  });

  test('what is wrong with the key log and with settings is said apart from damage, and the file read again for it', async () => {
    const page = await open({ sample: 'nokeys' });
    const notices = page.locator('hi-notices .line');
    await expect.poll(() => notices.count()).toBe(2);
    expect(await notices.first().innerText()).toContain('/home/app/keys.log does not exist');
    expect(await notices.last().innerText()).toContain('names no port');
    await notices.last().locator('[data-action="reload"]').click();
    await expect.poll(() => view.sent('reload')).toHaveLength(1);
  });

  test('the buttons tell the host', async () => {
    const page = await open({ sample: 'capture' });
    await chosenStep(page).waitFor();
    await page.locator('[data-action="states"]').click();
    await page.locator('[data-action="text"]').click();
    await expect.poll(() => view.sent('showStates')).toEqual([{ id: 't1' }]);
    await expect.poll(() => view.sent('openText')).toEqual([{ id: 't1', step: 13 }]);
  });

  test('a finding leads to the step of its frame', async () => {
    const page = await open({ sample: 'capture' });
    await chosenStep(page).waitFor();
    await rows(page).nth(2).click();
    await page.locator('hi-findings button.frames').click();
    await expect.poll(() => chosenStep(page).getAttribute('aria-label')).toContain('#6');
  });

  test('a handshake is shown when the host says so', async () => {
    const page = await open({ sample: 'capture' });
    await chosenStep(page).waitFor();
    await page.evaluate(() => window.harness.send('focus', { id: 't3', step: 1 }));
    await expect.poll(() => chosenRow(page).getAttribute('data-id')).toBe('t3');
    await expect.poll(() => chosenStep(page).getAttribute('id')).toBe('step-1');
  });

  test('a recording says how far it is, stops, and says what becomes of it', async () => {
    const page = await open({ sample: 'recording' });
    const notices = page.locator('hi-notices');
    const text = notices.locator('.text').first();
    await expect
      .poll(() => text.innerText())
      .toMatch(/Recording lo, ports 5432, 27017 · 1:23 · 412 packets,\s+4 handshakes, 1 in progress/);
    expect(await text.innerText()).not.toMatch(/Reading|not saved/);
    await notices.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => text.innerText()).toMatch(/not saved: it is deleted when its editor is closed/);
    await notices.getByRole('button', { name: 'Save…' }).click();
    await expect.poll(() => text.innerText()).toMatch(/Saved as logins\.pcapng/);
    const sent = await page.evaluate(() =>
      window.harness.log.filter(({ method }) => /stop|save/.test(method)),
    );
    expect(sent).toEqual([
      { method: 'stop', params: {} },
      { method: 'save', params: { form: null } },
    ]);
  });
});
