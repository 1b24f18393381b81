import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CLIENT_STATES, SERVER_STATES } from '../../src/postgres/states';
import { describeWith } from '../support/toolchain';
import { type OpenOptions, type Pages, startPages, type ViewPage } from './pages';

await describeWith('the state panel in a browser', ['chromium'], ({ chromium }) => {
  let pages: Pages;
  let view: ViewPage;
  beforeAll(async () => {
    pages = await startPages(chromium.path);
  });
  afterAll(() => pages?.close());
  afterEach(async () => {
    expect(view.complaints).toEqual([]);
    await view.page.close();
  });

  async function open(options: OpenOptions): Promise<Page> {
    view = await pages.open('states', { width: 300, height: 900, ...options });
    return view.page;
  }
  const current = (page: Page) => page.locator('hi-graph-view [aria-current="step"]');
  const slider = (page: Page) => page.locator('hi-scrubber input');
  const visited = (page: Page) => page.locator('hi-graph-view .node.visited').count();

  test('the scrubber walks the path with the keyboard', async () => {
    const page = await open({ sample: 'ok' });
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_OK');
    expect(await visited(page)).toBe(8);
    await slider(page).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_NEEDED');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_STARTED');
    expect(await slider(page).getAttribute('aria-valuetext')).toContain('Step 2 of 19: SYN');
    for (let at = 0; at < 2; at++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_SSL_STARTUP');
    expect(await visited(page)).toBe(4);
    await page.getByRole('button', { name: 'Previous step' }).click();
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_MADE');
    expect(await view.sent('select')).toContainEqual({ id: 't1', step: 3 });
  });

  test('the internal state is dashed and says what it is', async () => {
    const page = await open({ sample: 'ok' });
    const check = page.locator('hi-graph-view [data-state="CONNECTION_CHECK_TARGET"]');
    expect(await check.getAttribute('class')).toContain('internal');
    expect(await check.locator('title').textContent()).toContain('never shows it');
  });

  test('either side of the graph, all of its transitions', async () => {
    const page = await open({ sample: 'ok' });
    await page.locator('[data-role="client"]').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('PostgresMain');
    expect(await page.locator('[data-role="server"]').getAttribute('aria-checked')).toBe('true');
    const edges = page.locator('hi-graph-view .edge');
    const few = await edges.count();
    await page.getByRole('button', { name: 'All transitions' }).click();
    await expect.poll(() => edges.count()).toBeGreaterThan(few);
    // Every state of the table has its place in the picture.
    const drawn = () =>
      page
        .locator('hi-graph-view [data-state]')
        .evaluateAll((nodes) =>
          [...new Set(nodes.map((node) => node.getAttribute('data-state') ?? ''))].sort(),
        );
    expect(await drawn()).toEqual(Object.keys(SERVER_STATES).sort());
    await page.locator('[data-role="server"]').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('CONNECTION_OK');
    expect(await drawn()).toEqual(Object.keys(CLIENT_STATES).sort());
  });

  test('two failed logins are listed, the second as the retry of the first', async () => {
    const page = await open({ sample: 'wrong' });
    const attempts = page.locator('hi-attempt-list [role="option"]');
    await expect.poll(() => attempts.count()).toBe(2);
    expect(await attempts.nth(1).getAttribute('aria-selected')).toBe('true');
    expect(await attempts.nth(1).locator('.retry').getAttribute('title')).toBe('Tries connection 1 again');
    expect(await page.locator('hi-graph-view .failing').getAttribute('data-state')).toBe('CONNECTION_BAD');
    expect(await page.locator('hi-tls-facts').count()).toBe(0);
    await page.locator('hi-attempt-list [role="listbox"]').focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.locator('hi-tls-facts ul').innerText()).toContain('db.internal.example');
    expect(await page.locator('h2').first().innerText()).toContain('rejected the password');
    expect(await page.locator('hi-diagnosis .why').innerText()).toContain('The password is wrong');
  });

  test('a test runs against the chosen host: steps as they come, then the verdict', async () => {
    const page = await open({ sample: 'refused' });
    await page.locator('vscode-single-select').click();
    await page.getByRole('option', { name: 'Billing' }).click();
    await page.locator('[data-action="run"]').click();
    await expect.poll(() => view.sent('runAgain')).toEqual([{ hostId: 'billing' }]);
    await expect.poll(() => page.locator('[role="status"]').innerText()).toContain('CONNECTION_');
    await expect.poll(() => page.locator('[role="status"]').innerText()).toContain('Connected as app_user');
  });

  test('a run is cancelled, and the reason shown with the next thing to try', async () => {
    const page = await open({ sample: 'running' });
    await page.locator('[data-action="cancel-run"]').click();
    await expect.poll(() => page.locator('[role="alert"]').innerText()).toContain('cancelled');
    expect(await view.sent('cancelRun')).toHaveLength(1);
    expect(await page.locator('[data-action="run"]').count()).toBe(1);
  });

  test('an empty panel has a first thing to do', async () => {
    const page = await open({ sample: 'empty' });
    await page.locator('[data-action="run"]').click();
    await expect.poll(() => view.sent('runAgain')).toEqual([{ hostId: 'orders' }]);
    await view.page.close();
    const bare = await open({ sample: 'nohosts' });
    await bare.locator('[data-action="configure"]').click();
    await expect.poll(() => view.sent('configureHosts')).toHaveLength(1);
  });

  test('the secrets of a live run are masked until the user allows them', async () => {
    const page = await open({ sample: 'mongocr' });
    await slider(page).focus();
    await page.keyboard.press('ArrowLeft');
    const fields = page.locator('hi-field-tree [role="tree"]');
    await expect.poll(() => fields.innerText()).toContain('key');
    expect(await fields.innerText()).not.toContain('21742f26');
    await page.locator('[data-action="reveal"]').click();
    await expect.poll(() => fields.innerText()).toContain('21742f26');
    expect(await slider(page).getAttribute('aria-valuetext')).toContain('authenticate');
  });

  test('attempt, step and side come back after a reload', async () => {
    const page = await open({ sample: 'wrong' });
    await page.locator('hi-attempt-list [role="option"]').first().click();
    await slider(page).focus();
    await page.keyboard.press('Home');
    await page.locator('[data-role="server"]').click();
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('ServerLoop');
    await page.reload();
    await expect.poll(() => current(page).getAttribute('data-state')).toBe('ServerLoop');
    expect(await slider(page).inputValue()).toBe('0');
    expect(await page.locator('hi-attempt-list [role="option"]').first().getAttribute('aria-selected')).toBe(
      'true',
    );
  });
});
