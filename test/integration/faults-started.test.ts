/** Every fault can be started from the side panel and from the command line, and the server that comes up has it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lab, listFaults } from '../../src/cli/lab';
import { LabController } from '../../src/extension/lab-controller';
import { pickFault } from '../../src/extension/pick-fault';
import { FAULTS } from '../../src/postgres/faults/faults';

interface Pick {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

const { showQuickPick } = vi.hoisted(() => ({ showQuickPick: vi.fn() }));

vi.mock('vscode', () => ({
  window: { showQuickPick },
  EventEmitter: class {
    event = () => ({ dispose() {} });
    fire() {}
    dispose() {}
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a command line says while it runs, on both streams. */
function listen(): { readonly text: () => string } {
  let text = '';
  const take = (part: unknown, ...more: unknown[]) => {
    text += String(part);
    const done = more.find((argument) => typeof argument === 'function');
    if (typeof done === 'function') done();
    return true;
  };
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
  vi.spyOn(process.stdout, 'write').mockImplementation(take);
  return { text: () => text };
}

/** As Ctrl-C ends it, for the listener that came last alone. */
function interrupt(before: number): void {
  const added = process.rawListeners('SIGINT').slice(before);
  for (const listener of added) listener.call(process, 'SIGINT');
}

describe('the side panel', () => {
  it('offers every fault and starts what was chosen', { timeout: 60_000 }, async () => {
    const controller = new LabController();
    const started: (string | undefined)[] = [];
    try {
      for (const fault of FAULTS) {
        showQuickPick.mockImplementation(async (picks: readonly Pick[]) => {
          expect(picks.map((pick) => pick.description)).toEqual(FAULTS.map(({ name }) => name));
          return picks.find((pick) => pick.label === fault.title);
        });
        const chosen = await pickFault();
        if (!chosen) continue;
        const server = await controller.startWithFault(chosen);
        expect(controller.running('postgres')).toBe(server);
        started.push(server.fault?.name);
      }
    } finally {
      await controller.dispose();
    }
    expect(started).toEqual(FAULTS.map(({ name }) => name));
  });

  it('takes a name that it is given, and nothing when nothing is chosen', async () => {
    expect(await pickFault('expired')).toMatchObject({ name: 'expired' });
    showQuickPick.mockResolvedValue(undefined);
    expect(await pickFault('no such fault')).toBeUndefined();
  });
});

describe('the command line', () => {
  it('lists every fault with what it does', async () => {
    const said = listen();
    expect(await listFaults()).toBe(0);
    const lines = said.text().trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(FAULTS.map(({ name }) => name));
    lines.forEach((line, i) => {
      expect(line).toContain(`${FAULTS[i].does}: ${FAULTS[i].shows}`);
    });
  });

  it.each(FAULTS)('starts $name', async ({ name, title, options }) => {
    const said = listen();
    const before = process.rawListeners('SIGINT').length;
    const terminate = process.rawListeners('SIGTERM').length;
    const running = lab('postgres', { port: 0, format: 'text', fault: name });
    try {
      await vi.waitFor(() => expect(process.rawListeners('SIGINT').length).toBeGreaterThan(before), 10_000);
      expect(said.text()).toContain(`Fault ${name}: ${title}.`);
      const uri = /connect '([^']+)'/.exec(said.text())?.[1] ?? '';
      expect(uri).toContain(`sslmode=${options?.sslmode ?? 'require'}`);
    } finally {
      interrupt(before);
    }
    expect(await running).toBe(0);
    for (const listener of process.rawListeners('SIGTERM').slice(terminate)) {
      process.off('SIGTERM', listener as NodeJS.SignalsListener);
    }
  });

  it('says so when there is no such fault, and for which server there are any', async () => {
    const said = listen();
    expect(await lab('postgres', { port: 0, format: 'text', fault: 'bogus' })).toBe(2);
    expect(said.text()).toContain('there is no fault "bogus"; --list-faults shows them all');
    expect(await lab('mongodb', { port: 0, format: 'text', fault: 'expired' })).toBe(2);
    expect(said.text()).toContain('--fault is for the PostgreSQL server.');
  });
});
