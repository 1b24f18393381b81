import * as vscode from 'vscode';
import { type MessageText, message } from '../base/shown/outlets';
import type { LabServer } from '../lab/lab-server';
import type { Protocol } from '../trace/model';
import type { CaptureEditorProvider } from './capture-editor-provider';
import { CAPTURE_EDITOR, type COMMANDS } from './ids';
import { LAB_PROTOCOLS } from './lab-controller';
import type { LabItem } from './lab-view';
import { inform } from './say/messages';
import { askWhichFile, pickMany, pickOne } from './say/questions';
import type { Services } from './services';

type CommandName = keyof typeof COMMANDS;

/** What each command does; called from the palette without an argument, from a view with its item. */
export function commandHandlers(
  services: Services,
  editors: CaptureEditorProvider,
): Record<CommandName, (argument?: unknown) => Promise<unknown>> {
  return {
    connectTest: async (argument) => {
      const id = hostIdOf(argument);
      if (id !== undefined) return services.runTest(id);
      const { pickHost } = await import('./pick-host');
      const host = await pickHost(services.hosts);
      if (host) await services.runTest(host.id);
    },
    compareModes: async (argument) => {
      const id = hostIdOf(argument);
      const { pickHost } = await import('./pick-host');
      const host = id === undefined ? await pickHost(services.hosts, COMPARE) : services.hosts.find(id);
      if (host) await (await import('./compare-modes')).compareSslModes(services, host);
    },
    showStates: async (argument) => {
      const id = hostIdOf(argument);
      const run = id === undefined ? services.runs.last : services.runs.lastOf(id);
      if (run) return services.showRunStates(run);
      await (await services.statePanel()).focus();
    },
    startLab: async (argument) => {
      const lab = labOf(argument) ?? (await pickLab(services, false));
      if (!lab) return;
      const server = await services.lab.start(lab);
      await offer(
        services,
        server,
        message`The ${LAB_NAMES[lab]} lab server answers on ${server.host}:${server.port}.`,
      );
    },
    startFault: async (argument) => {
      const { pickFault } = await import('./pick-fault');
      const fault = await pickFault(argument);
      if (!fault) return;
      const server = await services.lab.startWithFault(fault);
      await offer(
        services,
        server,
        message`The PostgreSQL lab server answers on ${server.host}:${server.port} and ${fault.does}.`,
      );
    },
    stopLab: async (argument) => {
      const lab = labOf(argument) ?? (await pickLab(services, true));
      if (lab) await services.lab.stop(lab);
    },
    copyUri: async (argument) => {
      const lab = labOf(argument);
      const id = lab ? `lab:${lab}` : hostIdOf(argument);
      const { pickHost } = await import('./pick-host');
      const host = id === undefined ? await pickHost(services.hosts) : services.hosts.find(id);
      if (host) await vscode.env.clipboard.writeText(await host.uri());
    },
    openCapture: async () => {
      const uri = await askWhichFile(message`Open Capture`, {
        Captures: ['pcap', 'pcapng', 'cap', 'gz', 'zst', 'lz4'],
        'All files': ['*'],
      });
      if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, CAPTURE_EDITOR);
    },
    record: async () => (await services.recordings()).start(),
    stopRecording: async () => (await services.recordings()).stop(),
    saveRecording: async () => editors.activeEditor?.saveRecording(),
    saveHandshakes: async (argument) => {
      const capture = argument instanceof vscode.Uri ? argument : editors.active;
      if (capture) {
        const { saveHandshakes } = await import('./save-handshakes');
        return saveHandshakes(services, capture, editors.activeEditor?.chosenId);
      }
      void inform(message`Open a capture first: the handshakes in it are saved.`);
    },
    checkPassword: async (argument) => {
      const capture = argument instanceof vscode.Uri ? argument : editors.active;
      if (capture) {
        const { checkRecordedPassword } = await import('./check-password');
        return checkRecordedPassword(services, capture, editors.activeEditor?.chosenId);
      }
      void inform(message`Open a capture first: a password is checked against a login in it.`);
    },
    showText: async (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : editors.active;
      if (uri) return services.annotatedText.show(uri, null, null);
      const run = services.runs.last;
      if (run) return services.annotatedText.showRun(run);
      void inform(message`There is nothing to show as text yet. Open a capture or run a Connect Test first.`);
    },
    exportRun: async (argument) => {
      const id = hostIdOf(argument);
      const run = id === undefined ? services.runs.last : services.runs.lastOf(id);
      if (run) return (await import('./export-run')).exportRun(run);
      void inform(message`There is no run to save yet. Run a Connect Test first.`);
    },
    forgetPasswords: async () => {
      const accounts = services.passwords.accounts();
      if (accounts.length === 0) {
        void inform(message`No passwords are stored.`);
        return;
      }
      const chosen = await pickMany(
        accounts.map((account) => ({ account, label: message(account), picked: true })),
        { title: message`Forget Passwords`, placeHolder: message`Passwords to forget` },
      );
      for (const { account } of chosen ?? []) await services.passwords.forget(account);
    },
    decodePort: async () => (await import('./decode-port')).decodePortAs(),
    editHosts: async () => (await import('./settings')).openSetting('hosts'),
  };
}

/** What to do next with a lab server that has just started. */
async function offer(services: Services, server: LabServer, text: MessageText): Promise<void> {
  const chosen = await inform(text, 'Connect Test', 'Copy URI');
  if (chosen === 'Connect Test') await services.runTest(`lab:${server.protocol}`);
  if (chosen === 'Copy URI') await vscode.env.clipboard.writeText(server.uri);
}

/** What picking a host is for, when it is not a Connect Test. */
const COMPARE = { title: message`Compare sslmodes`, protocol: 'postgres' } as const;

const LAB_NAMES: Readonly<Record<Protocol, string>> = { postgres: 'PostgreSQL', mongodb: 'MongoDB' };

/** The id of an item of the Hosts view, or an id itself. */
function hostIdOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const id = (argument as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' ? id : undefined;
}

function labOf(argument: unknown): Protocol | undefined {
  const lab = typeof argument === 'string' ? argument : (argument as LabItem | null | undefined)?.lab;
  return LAB_PROTOCOLS.find((protocol) => protocol === lab);
}

async function pickLab(services: Services, running: boolean): Promise<Protocol | undefined> {
  const labs = LAB_PROTOCOLS.filter((lab) => (services.lab.running(lab) !== undefined) === running);
  if (labs.length === 0) {
    void inform(
      running ? message`No lab server is running.` : message`Both lab servers are running already.`,
    );
    return undefined;
  }
  if (labs.length === 1) return labs[0];
  const chosen = await pickOne(
    labs.map((lab) => ({ label: message(LAB_NAMES[lab]), lab })),
    { title: running ? message`Stop Lab Server` : message`Start Lab Server` },
  );
  return chosen?.lab;
}
