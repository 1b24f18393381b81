import * as vscode from 'vscode';
import type { LabServer } from '../lab/lab-server';
import type { Protocol } from '../trace/model';
import type { CaptureEditorProvider } from './capture-editor-provider';
import { CAPTURE_EDITOR, type COMMANDS } from './ids';
import { LAB_PROTOCOLS } from './lab-controller';
import type { LabItem } from './lab-view';
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
        `The ${LAB_NAMES[lab]} lab server answers on ${server.host}:${server.port}.`,
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
        `The PostgreSQL lab server answers on ${server.host}:${server.port} and ${fault.does}.`,
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
      const [uri] =
        (await vscode.window.showOpenDialog({
          title: 'Open Capture',
          filters: { Captures: ['pcap', 'pcapng', 'cap', 'gz', 'zst', 'lz4'], 'All files': ['*'] },
        })) ?? [];
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
      void vscode.window.showInformationMessage('Open a capture first: the handshakes in it are saved.');
    },
    checkPassword: async (argument) => {
      const capture = argument instanceof vscode.Uri ? argument : editors.active;
      if (capture) {
        const { checkRecordedPassword } = await import('./check-password');
        return checkRecordedPassword(services, capture, editors.activeEditor?.chosenId);
      }
      void vscode.window.showInformationMessage(
        'Open a capture first: a password is checked against a login in it.',
      );
    },
    showText: async (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : editors.active;
      if (uri) return services.annotatedText.show(uri, null, null);
      const run = services.runs.last;
      if (run) return services.annotatedText.showRun(run);
      void vscode.window.showInformationMessage(
        'There is nothing to show as text yet. Open a capture or run a Connect Test first.',
      );
    },
    exportRun: async (argument) => {
      const id = hostIdOf(argument);
      const run = id === undefined ? services.runs.last : services.runs.lastOf(id);
      if (run) return (await import('./export-run')).exportRun(run);
      void vscode.window.showInformationMessage('There is no run to save yet. Run a Connect Test first.');
    },
    forgetPasswords: async () => {
      const accounts = services.passwords.accounts();
      if (accounts.length === 0) {
        void vscode.window.showInformationMessage('No passwords are stored.');
        return;
      }
      const chosen = await vscode.window.showQuickPick(
        accounts.map((label) => ({ label, picked: true })),
        { title: 'Forget Passwords', placeHolder: 'Passwords to forget', canPickMany: true },
      );
      for (const { label } of chosen ?? []) await services.passwords.forget(label);
    },
    editHosts: async () => (await import('./settings')).openSetting('hosts'),
  };
}

/** What to do next with a lab server that has just started. */
async function offer(services: Services, server: LabServer, message: string): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(message, 'Connect Test', 'Copy URI');
  if (chosen === 'Connect Test') await services.runTest(`lab:${server.protocol}`);
  if (chosen === 'Copy URI') await vscode.env.clipboard.writeText(server.uri);
}

/** What picking a host is for, when it is not a Connect Test. */
const COMPARE = { title: 'Compare sslmodes', protocol: 'postgres' } as const;

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
    void vscode.window.showInformationMessage(
      running ? 'No lab server is running.' : 'Both lab servers are running already.',
    );
    return undefined;
  }
  if (labs.length === 1) return labs[0];
  const chosen = await vscode.window.showQuickPick(
    labs.map((lab) => ({ label: LAB_NAMES[lab], lab })),
    { title: running ? 'Stop Lab Server' : 'Start Lab Server' },
  );
  return chosen?.lab;
}
