/** A capture of a gigabyte: the list begins to fill while it is read, reading can be stopped, and the editor never waits for us. */
import { linkSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TIMED } from '../support/timed';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { type HostProbe, type HostReport, makeHostProbe } from './host-probe';
import { writeLargeCapture } from './large-capture';
import { makeWorkspace } from './workspace';

const GIGABYTE = 2 ** 30;
/** Of handshakes and nothing else: more than 20,000 of them. */
const MANY_BYTES = 55e6;
/** Of the extension host's thread, which all extensions share: what a person would notice while typing. With {@link TIMED}. */
const LONGEST_BLOCK_MS = 50;
/** What that process may read, from files and pipes, while a capture of a gigabyte is opened: rows and progress, never packets. */
const MOST_READ_BYTES = 16e6;

await describeWith('a large capture', ['codeServer', 'chromium'], (tools) => {
  const workspace = makeWorkspace([]);
  const file = (name: string) => path.join(workspace.folder, name);
  let probe: HostProbe;
  let editor: Editor;

  pictureFailures(() => editor);

  beforeAll(async () => {
    writeLargeCapture(file('large.pcap'), 'mixed', GIGABYTE);
    linkSync(file('large.pcap'), file('stopped.pcap'));
    writeLargeCapture(file('many.pcap'), 'handshakes', MANY_BYTES);
    probe = await makeHostProbe();
    editor = await openEditor({ tools, folder: workspace.folder, others: [probe.vsix], env: probe.env });
  });

  afterAll(async () => {
    await editor?.close();
    probe?.remove();
    workspace.remove();
  });

  test('the list begins to fill while the file is still being read', async () => {
    expect(statSync(file('large.pcap')).size).toBeGreaterThanOrEqual(GIGABYTE);
    await settled(probe);
    const { pid } = await probe.report();
    const before = bytesRead(pid);
    await editor.openFile('large.pcap');
    const page = await captureOf(editor, 'large.pcap');
    const watching = watchReading(page, 'whole');
    await editor.screenshot('large-capture-reading');
    const looks = await watching;
    const reading = looks.filter((look) => look.reading !== null);
    const end = looks[looks.length - 1];
    say(`1 GB, seen reading ${reading.length} times, rows ${reading.map((look) => look.rows).join(' ')}`);
    // With progress in words and a way to stop it, and with rows before the end.
    expect(reading.some((look) => /^Reading .* of 1\.\d+\sGB: .* packets/.test(look.reading ?? ''))).toBe(
      true,
    );
    expect(new Set(reading.map((look) => look.reading)).size).toBeGreaterThan(2);
    const first = reading.findIndex((look) => look.rows > 0);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(reading[first].rows).toBeLessThan(end.rows);
    expect(end).toMatchObject({ reading: null, cancelled: false });
    await editor.screenshot('large-capture-read');
    expectFreeThread('opened 1 GB', await probe.report());
    const read = bytesRead(pid) - before;
    say(`the extension host's process read ${(read / 1e6).toFixed(1)} MB meanwhile`);
    expect(read).toBeLessThan(MOST_READ_BYTES);
  });

  test('the bytes of a step are there for each handshake chosen', async () => {
    const page = await captureOf(editor, 'large.pcap');
    const times: number[] = [];
    for (const key of ['End', 'Home', 'PageDown']) times.push(await bytesShown(page, key));
    say(`bytes of a step after ${times.map((each) => `${each.toFixed(0)} ms`).join(', ')}`);
    if (TIMED) expect(median(times)).toBeLessThan(1000);
    await editor.screenshot('large-capture-bytes');
    expectFreeThread('steps looked at', await probe.report());
  });

  test('reading is stopped by Cancel, and what was read stays', async () => {
    await editor.openFile('stopped.pcap');
    const page = await captureOf(editor, 'stopped.pcap');
    const looks = await watchReading(page, 'cancel');
    const end = looks[looks.length - 1];
    say(`cancelled with ${end.rows} rows`);
    expect(end).toMatchObject({ reading: null, cancelled: true });
    expect(end.rows).toBeGreaterThan(0);
    await page.getByText('Reading was cancelled; the list holds what was found until then.').waitFor();
    await editor.screenshot('large-capture-cancelled');
    expectFreeThread('cancelled', await probe.report());
  });

  test('a list of many thousand handshakes is scrolled and filtered without waiting', async () => {
    await editor.openFile('many.pcap');
    const page = await captureOf(editor, 'many.pcap');
    const looks = await watchReading(page, 'whole');
    const end = looks[looks.length - 1];
    expect(end.rows).toBeGreaterThan(20_000);
    expectFreeThread(`opened ${end.rows} handshakes`, await probe.report());
    const frames = await scrollThrough(page);
    const filtered = await filterFor(page, ['s', 'sc', 'scr', 'scram', 'scram-sha-1', '']);
    await editor.screenshot('large-list');
    say(
      `${end.rows} handshakes: frames while scrolling ${spread(frames)}, after a key in the filter ${spread(filtered)}`,
    );
    // The median, because a browser that draws without a graphics card on a busy machine has its pauses.
    if (TIMED) for (const times of [frames, filtered]) expect(median(times)).toBeLessThan(300);
    const { pid } = await probe.report();
    say(`language server after all: ${memoryOf(serverOf(pid))}`);
  });

  /** Checks the thread that all extensions share. */
  function expectFreeThread(what: string, { delay, longest, ofMs }: HostReport): void {
    const worst = longest.map(({ work, clock }) => `${work.toFixed(0)}/${clock.toFixed(0)}`).join(' ');
    const seconds = (ofMs / 1000).toFixed(1);
    say(
      `${what}: extension host in ${seconds} s, longest turns ${worst} ms of work/by the clock, longest delay ${delay.toFixed(0)} ms`,
    );
    // Work, not the clock: on a machine with too few processors the thread also waits for its turn, which nobody's code can help.
    if (TIMED) expect(longest[0].work).toBeLessThan(LONGEST_BLOCK_MS);
  }
});

function say(line: string): void {
  console.log(`opening: ${line}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms, at most ${Math.max(...values).toFixed(0)} ms`;
}

/** Waits until VS Code has done what it does after its start, so that it is not taken for ours. */
async function settled(probe: HostProbe): Promise<void> {
  await probe.report();
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { longest } = await probe.report();
    say(`VS Code alone: longest turn ${longest[0].work.toFixed(1)} ms of work`);
    if (longest[0].work < 10) return;
  }
}

/** What the page showed at one moment. */
interface Look {
  /** The words beside the progress bar; null when there is none. */
  readonly reading: string | null;
  readonly rows: number;
  readonly cancelled: boolean;
  readonly over: boolean;
}

/** Looks at the page many times a second until reading is over. @param until `cancel`: presses Cancel once there are rows */
function watchReading(page: Frame, until: 'whole' | 'cancel'): Promise<Look[]> {
  return page.evaluate(async (until) => {
    const look = () => {
      const app = document.querySelector('hi-capture')?.shadowRoot;
      const notices = app?.querySelector('hi-notices')?.shadowRoot;
      const bar = notices?.querySelector('vscode-progress-bar');
      const cancel = notices?.querySelector<HTMLButtonElement>('button.link');
      const words = notices?.textContent ?? '';
      return {
        reading: bar ? (notices?.querySelector('.text')?.textContent ?? '') : null,
        rows: Number(
          /([\d,]+) handshake/
            .exec(app?.querySelector('.status')?.textContent ?? '')?.[1]
            .replaceAll(',', '') ?? 0,
        ),
        cancelled: words.includes('Reading was cancelled'),
        over: words.includes('Reading was cancelled') || !!app?.querySelector('.status .file'),
        cancel: bar ? cancel : null,
      };
    };
    const looks = [];
    // Rows come by pages: the list is whole when no more have come for a while.
    for (let still = 0; ; ) {
      const { cancel, ...seen } = look();
      still = seen.over && seen.rows > 0 && seen.rows === looks.at(-1)?.rows ? still + 1 : 0;
      looks.push(seen);
      if (until === 'cancel' && seen.rows > 0) cancel?.click();
      if (still === 10) return looks;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, until);
}

/** Chooses a handshake by a key of the list. @returns milliseconds until the bytes of its opening step are shown */
function bytesShown(page: Frame, key: string): Promise<number> {
  return page.evaluate(async (key) => {
    const app = document.querySelector('hi-capture')?.shadowRoot;
    const list = app?.querySelector('hi-trace-list')?.shadowRoot?.querySelector('lit-virtualizer');
    const shown = () =>
      app
        ?.querySelector('hi-step-details')
        ?.shadowRoot?.querySelector<HTMLElement & { bytes: Uint8Array }>('hi-hex-view');
    const before = shown()?.bytes;
    const started = performance.now();
    list?.dispatchEvent(new KeyboardEvent('keydown', { key }));
    while (!shown() || shown()?.bytes === before) {
      if (performance.now() - started > 20_000) throw new Error(`no bytes after ${key}`);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - started;
  }, key);
}

/** Scrolls from top to bottom in steps. @returns times between two frames, milliseconds */
function scrollThrough(page: Frame): Promise<number[]> {
  return page.evaluate(async () => {
    const list = document
      .querySelector('hi-capture')
      ?.shadowRoot?.querySelector('hi-trace-list')
      ?.shadowRoot?.querySelector('lit-virtualizer');
    if (!list) throw new Error('no list');
    const times: number[] = [];
    let last = performance.now();
    for (let turn = 0; turn <= 60; turn++) {
      list.scrollTop = (list.scrollHeight * turn) / 60;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times;
  });
}

/** Types texts into the filter. @returns times until the next frame, milliseconds */
function filterFor(page: Frame, texts: readonly string[]): Promise<number[]> {
  return page.evaluate(async (texts) => {
    const field = document
      .querySelector('hi-capture')
      ?.shadowRoot?.querySelector('hi-filter-bar')
      ?.shadowRoot?.querySelector<HTMLElement & { value: string }>('vscode-textfield');
    if (!field) throw new Error('no filter');
    const times: number[] = [];
    for (const text of texts) {
      const started = performance.now();
      field.value = text;
      field.dispatchEvent(new Event('input'));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - started);
    }
    return times;
  }, texts);
}

/** The page of this capture: those of others may be going away. */
async function captureOf(editor: Editor, name: string): Promise<Frame> {
  for (;;) {
    const page = await editor.webviewFrame('capture');
    if ((await page.title().catch(() => '')) === name) return page;
    await editor.page.waitForTimeout(20);
  }
}

/** Process id of our language server, a child of the extension host. */
function serverOf(host: number): number {
  const children = readFileSync(`/proc/${host}/task/${host}/children`, 'utf8').trim().split(' ').map(Number);
  const ours = children.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/server.js'),
  );
  if (ours === undefined) throw new Error('no language server');
  return ours;
}

/** What a process has read since its start, from files, pipes and sockets. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** Now and at most. */
function memoryOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
  return `${megabytes('VmRSS')} MB, at most ${megabytes('VmHWM')} MB`;
}
