import * as vscode from 'vscode';
import { TEXT_SCHEME } from '../contract/text-uri';
import { CaptureEditorProvider } from './capture-editor-provider';
import { commandHandlers } from './commands';
import { HostsView } from './hosts-view';
import { CAPTURE_EDITOR, COMMANDS, VIEWS } from './ids';
import { LabView } from './lab-view';
import { serveTexts } from './say/documents';
import { Services } from './services';

let services: Services | undefined;

/** Registers everything and loads nothing: decoders, sockets and the language client come with their first use. */
export function activate(context: vscode.ExtensionContext): void {
  const shared = new Services(context);
  services = shared;
  const editors = new CaptureEditorProvider(shared);
  const handlers = commandHandlers(shared, editors);
  for (const name of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
    context.subscriptions.push(
      vscode.commands.registerCommand(COMMANDS[name], async (argument?: unknown) => {
        try {
          await handlers[name](argument);
        } catch (error) {
          shared.report(error);
        }
      }),
    );
  }
  context.subscriptions.push(
    vscode.window.registerCustomEditorProvider(CAPTURE_EDITOR, editors, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerTreeDataProvider(VIEWS.hosts, new HostsView(shared.hosts)),
    vscode.window.registerTreeDataProvider(VIEWS.lab, new LabView(shared.lab)),
    vscode.window.registerWebviewViewProvider(VIEWS.states, {
      resolveWebviewView: async (view) => (await shared.statePanel()).resolve(view),
    }),
    serveTexts(TEXT_SCHEME, shared.annotatedText),
    shared.recordingFiles.tidyUpLater(),
  );
}

/** Stops the language server and the lab: nothing outlives the window. */
export async function deactivate(): Promise<void> {
  await services?.dispose();
  services = undefined;
}
