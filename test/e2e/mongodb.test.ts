/** MongoDB in the editor: a password checked against a recorded login, and what a person sees of Connect Tests that do not end well. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace } from './workspace';

const CR = 'mongo3-cr.pcapng';
const SCRAM = 'mongo-tls-scram-keys.pcapng';

for (const theme of ['dark', 'light'] as const) {
  await describeWith(`MongoDB in the editor, ${theme}`, ['codeServer', 'chromium'], (tools) => {
    const workspace = makeWorkspace([CR, SCRAM]);
    let editor: Editor;
    let plain: MongoLab;
    let secure: MongoLab;

    pictureFailures(() => editor);

    beforeAll(async () => {
      plain = await startMongoLab();
      secure = await startMongoLab({ tls: true });
      const { certificate, key } = await secure.issueClient('app_client');
      const stranger = await secure.issueClient('stranger', { user: false });
      writeFileSync(path.join(workspace.folder, 'ca.pem'), secure.caCertificatePem);
      writeFileSync(path.join(workspace.folder, 'client.pem'), `${certificate}\n${key}`);
      writeFileSync(path.join(workspace.folder, 'stranger.pem'), `${stranger.certificate}\n${stranger.key}`);
      const x509 = {
        protocol: 'mongodb',
        host: 'localhost',
        port: secure.port,
        tls: true,
        tlsCAFile: 'ca.pem',
        authMechanism: 'MONGODB-X509',
      };
      editor = await openEditor({
        tools,
        folder: workspace.folder,
        theme,
        settings: {
          'handshakeInspector.hosts': [
            { ...x509, name: 'by certificate', tlsCertificateKeyFile: 'client.pem' },
            { ...x509, name: 'by a certificate without a user', tlsCertificateKeyFile: 'stranger.pem' },
            { ...x509, name: 'without a certificate' },
          ],
        },
      });
    });

    afterAll(async () => {
      await editor?.close();
      await Promise.all([plain?.close(), secure?.close()]);
      workspace.remove();
    });

    /** Runs a Connect Test on a typed URI or a configured host, and takes a picture of panel and notification. */
    async function connect(to: { uri: string } | { host: string }, picture: string, password?: string) {
      await editor.runCommand('Notifications: Clear All Notifications');
      await editor.runCommand('Handshake: Connect Test');
      if ('host' in to) {
        await editor.quickPick(to.host);
      } else {
        await editor.quickPick('Type a URI');
        await editor.inputBox(to.uri);
      }
      if (password !== undefined) {
        // The box before it looks the same until it is gone.
        await editor.page
          .locator('.quick-input-widget:visible', { hasText: 'Password of app_user' })
          .waitFor();
        await editor.screenshot(`mongodb-${picture}-prompt-${theme}`);
        await editor.inputBox(password);
      }
      return async (verdict: RegExp, panel = verdict) => {
        await editor.waitForNotification(verdict);
        await editor.screenshot(`mongodb-${picture}-${theme}`);
        const shown = (await editor.notifications()).join('\n');
        if (password !== undefined) expect(shown).not.toContain(password);
        await editor.pressNotificationButton('Show States');
        await (await editor.webviewFrame('states')).getByText(panel).first().waitFor();
        await editor.runCommand('Notifications: Clear All Notifications');
        await editor.screenshot(`mongodb-${picture}-states-${theme}`);
      };
    }

    test('a wrong password', async () => {
      const uri = `mongodb://app_user@localhost:${plain.port}/`;
      const seen = await connect({ uri }, 'wrong-password', 'not-the-password');
      await seen(/refused the password of app_user@admin with SCRAM-SHA-256/);
    });

    test('a host that nobody knows', async () => {
      const seen = await connect({ uri: 'mongodb://app_user@no-such-host.invalid/' }, 'unknown-host');
      await seen(/"no-such-host\.invalid" does not resolve/);
    });

    test('TLS required, told without asking for a password', async () => {
      const seen = await connect({ uri: `mongodb://app_user@localhost:${secure.port}/` }, 'tls-required');
      await seen(/tls=true/);
    });

    test('X.509', async () => {
      await (await connect({ host: 'by certificate' }, 'x509'))(/CN=app_client@\$external is authenticated/);
      const refused = await connect({ host: 'by a certificate without a user' }, 'x509-refused');
      await refused(/refused the certificate of "CN=stranger"/);
      await (await connect({ host: 'without a certificate' }, 'x509-none'))(/sent no certificate/);
    });

    test('a replica set with several hosts', async () => {
      const seeds = `mongodb://app_user@no-such-host.invalid:27017,127.0.0.1:1,localhost:${plain.port}`;
      await (await connect({ uri: `${seeds}/?replicaSet=rs0` }, 'replica-set'))(
        /None of the 3 hosts can be used.*is not a member of that set/s,
        /is not a member of that set/,
      );
      await (await connect({ uri: `${seeds}/` }, 'several-hosts', LAB_PASSWORD))(
        /authenticated with SCRAM-SHA-256.*2 of the 3 hosts/s,
        /authenticated with SCRAM-SHA-256/,
      );
    });

    test.each([
      [CR, 'MONGODB-CR', /was used by the client in the MONGODB-CR login of cr_user/],
      [SCRAM, 'SCRAM-SHA-256', /This password is right: .* SCRAM-SHA-256 login of app_user/],
    ])('a recorded login is checked against a password: %s', async (capture, _mechanism, right) => {
      await editor.runCommand('Notifications: Clear All Notifications');
      await editor.openFile(capture);
      await (await editor.webviewFrame('capture')).getByRole('option').first().waitFor();
      await editor.runCommand('Handshake: Check Password');
      await editor.inputBox(LAB_PASSWORD);
      await editor.waitForNotification(right);
      await editor.runCommand('Handshake: Check Password');
      await editor.inputBox('not-the-password');
      await editor.waitForNotification(/This password was not used/);
      await editor.screenshot(`mongodb-check-password-${theme}`);
      const shown = (await editor.notifications()).join('\n');
      for (const password of [LAB_PASSWORD, 'not-the-password']) expect(shown).not.toContain(password);
    });

    test('the command is in the title bar of a capture', async () => {
      await editor.page
        .locator('.editor-actions')
        .getByRole('button', { name: 'Check Password' })
        .first()
        .waitFor();
    });
  });
}
