import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { line } from '../base/shown/outlets';
import type { Direction } from '../contract/envelope';
import { Peer } from '../contract/rpc';
import type { Log } from './say/log';
import { webviewHtml } from './webview-html';

/** Puts a bundle of `dist/webview` into a webview and opens the channel to it. */
export function openPage<ToHost extends Direction, ToWebview extends Direction>(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: { readonly name: 'capture' | 'states'; readonly title: string },
  toHost: ToHost,
  toWebview: ToWebview,
  log: Log,
): { peer: Peer<ToHost, ToWebview>; load: () => void; dispose: () => void } {
  const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  const peer = new Peer(toHost, toWebview, {
    post: (message) => void webview.postMessage(message),
    timer: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    onBadMessage: (reason) => log.warn(line`${page.name} webview: ${reason}`),
  });
  const listener = webview.onDidReceiveMessage((message: unknown) => peer.receive(message));
  return {
    peer,
    // After the handlers are set: the page says `ready` at once.
    load: () => {
      webview.html = webviewHtml({
        title: page.title,
        // What both pages share comes first.
        scripts: ['shared', page.name].map((name) =>
          webview.asWebviewUri(vscode.Uri.joinPath(root, `${name}.js`)).toString(),
        ),
        nonce: randomBytes(18).toString('base64url'),
      });
    },
    dispose: () => {
      listener.dispose();
      peer.dispose();
    },
  };
}
