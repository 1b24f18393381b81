import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEXT_ENDING, TEXT_SCHEME } from '../../src/contract/text-uri';
import { mongoHostSchema, postgresHostSchema } from '../../src/extension/host-settings';
import { CAPTURE_EDITOR, COMMANDS, SETTINGS, VIEWS } from '../../src/extension/ids';

import { renderTrace } from '../../src/trace/text';
import { stepOf, traceOf } from '../support/traces';

const root = resolve(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { contributes } = manifest;

function sources(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

const extension = sources('src/extension');

describe('manifest', () => {
  it('declares every command that is implemented, and no other', () => {
    const declared = contributes.commands.map((command: { command: string }) => command.command);
    expect(declared.toSorted()).toEqual(Object.values(COMMANDS).toSorted());
    for (const command of contributes.commands) {
      expect(command.category, command.command).toBe('Handshake');
      expect(command.title, command.command).not.toMatch(/^Handshake/);
    }
    // Each name of the table has a handler of that name: the compiler keeps it, this keeps the compiler's word.
    const handlers = readFileSync(join(root, 'src/extension/commands.ts'), 'utf8');
    for (const name of Object.keys(COMMANDS))
      expect(handlers).toMatch(new RegExp(`^    ${name}: async`, 'm'));
  });

  it('declares every view that is implemented, and no other', () => {
    const declared = Object.values(
      contributes.views as Record<string, { id: string; type?: string }[]>,
    ).flat();
    expect(declared.map((view) => view.id).toSorted()).toEqual(Object.values(VIEWS).toSorted());
    for (const view of declared) {
      const name = Object.entries(VIEWS).find(([, id]) => id === view.id)?.[0];
      const how = view.type === 'webview' ? 'registerWebviewViewProvider' : 'registerTreeDataProvider';
      expect(extension).toContain(`${how}(VIEWS.${name}`);
    }
    const containers = contributes.viewsContainers.activitybar.map(
      (container: { id: string }) => container.id,
    );
    expect(Object.keys(contributes.views)).toEqual(containers);
  });

  it('has a page for each webview', () => {
    const pages = [...extension.matchAll(/\{ name: '(\w+)', title/g)].map((match) => match[1]);
    expect(pages.toSorted()).toEqual(['capture', 'states']);
    for (const page of pages) expect(existsSync(join(root, 'src/webview', page, 'main.ts')), page).toBe(true);
  });

  it('declares the custom editor for captures, also compressed ones', () => {
    expect(contributes.customEditors).toHaveLength(1);
    const [editor] = contributes.customEditors;
    expect(editor.viewType).toBe(CAPTURE_EDITOR);
    expect(editor.priority).toBe('default');
    const patterns = editor.selector.map((selector: { filenamePattern: string }) => selector.filenamePattern);
    expect(patterns).toEqual(expect.arrayContaining(['*.pcap', '*.pcapng', '*.cap']));
    expect(extension).toContain('registerCustomEditorProvider(CAPTURE_EDITOR');
  });

  it('declares the language of the annotated text, and a provider serves its scheme', () => {
    expect(contributes.languages).toEqual([
      expect.objectContaining({ id: TEXT_SCHEME, extensions: [TEXT_ENDING] }),
    ]);
    expect(extension).toMatch(/serveTexts\(TEXT_SCHEME, /);
    expect(extension).toMatch(/registerTextDocumentContentProvider\(scheme, /);
  });

  it('colours the annotated text as it is rendered', () => {
    const [grammar] = contributes.grammars;
    expect(grammar.language).toBe(TEXT_SCHEME);
    const { scopeName, patterns } = JSON.parse(readFileSync(join(root, grammar.path), 'utf8'));
    expect(scopeName).toBe(grammar.scopeName);
    const step = stepOf({
      frames: [4, 5],
      message: 'SSLRequest',
      clientState: 'CONNECTION_MADE',
      serverState: 'ServerLoop',
    });
    const finding = { code: 'PG_X', severity: 'warning', message: 'm', frames: [], help: '' } as const;
    const { text, lines } = renderTrace(traceOf({ steps: [step], findings: [finding] }));
    const [heading, ofStep, , ofFinding] = patterns.map(({ match }: { match: string }) => new RegExp(match));
    const line = (kind: 'heading' | 'step' | 'finding') =>
      text.split('\n')[lines.findIndex((reference) => reference[kind] !== undefined)];
    expect(heading.exec(line('heading'))?.slice(1, 3)).toEqual(['t1', 'PostgreSQL']);
    expect(ofStep.exec(line('step'))?.slice(2, 7)).toEqual(
      ['#4, #5', '→', 'SSLRequest', 'CONNECTION_MADE', 'ServerLoop'].map((part) =>
        expect.stringContaining(part),
      ),
    );
    expect(ofFinding.exec(line('finding'))?.slice(1)).toEqual(['warning', 'PG_X']);
  });

  it('declares every setting that is read, and no other', () => {
    const declared = Object.keys(contributes.configuration.properties);
    expect(declared.toSorted()).toEqual(Object.values(SETTINGS).toSorted());
    const read = [...extension.matchAll(/getConfiguration\(SECTION\)\.get\('(\w+)'\)/g)].map(
      (match) => match[1],
    );
    expect(read.toSorted()).toEqual(Object.keys(SETTINGS).toSorted());
    for (const [name, setting] of Object.entries<Record<string, string>>(
      contributes.configuration.properties,
    )) {
      expect(setting.description ?? setting.markdownDescription, name).toMatch(/\w{3}.*\./);
    }
  });

  it('knows the same host settings in the schema and in the source', () => {
    const variants = contributes.configuration.properties[SETTINGS.hosts].items.oneOf;
    const byProtocol = (protocol: string) =>
      variants.find(
        (variant: { properties: { protocol: { const: string } } }) =>
          variant.properties.protocol.const === protocol,
      );
    for (const [protocol, schema] of [
      ['postgres', postgresHostSchema],
      ['mongodb', mongoHostSchema],
    ] as const) {
      const { properties, required, additionalProperties } = byProtocol(protocol);
      expect(Object.keys(properties).toSorted()).toEqual(Object.keys(schema.entries).toSorted());
      const needed = Object.entries(schema.entries).filter(([, entry]) => entry.type !== 'optional');
      expect(required.toSorted()).toEqual(needed.map(([name]) => name).toSorted());
      expect(additionalProperties).toBe(false);
      for (const [name, property] of Object.entries<Record<string, string>>(properties)) {
        expect(property.description ?? property.markdownDescription, name).toMatch(/\w{3}/);
      }
      // What completion offers is what is accepted.
      const lists = Object.entries(schema.entries).flatMap(([name, entry]) =>
        'wrapped' in entry && 'options' in entry.wrapped ? [[name, entry.wrapped.options] as const] : [],
      );
      expect(lists.length).toBeGreaterThan(0);
      for (const [name, options] of lists) {
        expect([...properties[name].enum].toSorted(), name).toEqual(options.toSorted());
      }
    }
  });

  it('has menus only for commands, views and item contexts that exist', () => {
    const commands = new Set<string>(Object.values(COMMANDS));
    const views = new Set<string>(Object.values(VIEWS));
    for (const [menu, items] of Object.entries<{ command: string; when: string }[]>(contributes.menus)) {
      for (const { command, when } of items) {
        expect(commands.has(command), `${menu}: ${command}`).toBe(true);
        for (const [, view] of when.matchAll(/view == ([\w.]+)/g)) expect(views.has(view), view).toBe(true);
        for (const [, context] of when.matchAll(/viewItem == ([\w.]+)/g))
          expect(extension).toContain(`'${context}'`);
        for (const [, editor] of when.matchAll(/activeCustomEditorId == ([\w.]+)/g))
          expect(editor).toBe(CAPTURE_EDITOR);
      }
    }
  });

  it('offers to save handshakes where a capture is looked at, and nowhere else', () => {
    const offered = Object.entries<{ command: string; when: string }[]>(contributes.menus).flatMap(
      ([menu, items]) =>
        items
          .filter((item) => item.command === COMMANDS.saveHandshakes)
          .map((item) => `${menu}: ${item.when}`),
    );
    const when = `activeCustomEditorId == ${CAPTURE_EDITOR}`;
    expect(offered.toSorted()).toEqual([`commandPalette: ${when}`, `editor/title: ${when}`]);
  });

  it('asks for no activation event of its own', () => {
    expect(manifest.activationEvents).toEqual([]);
  });

  it('opens captures without trust, and takes no setting of an untrusted workspace', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    expect(untrustedWorkspaces.supported).toBe('limited');
    expect(untrustedWorkspaces.restrictedConfigurations.toSorted()).toEqual(
      Object.values(SETTINGS).toSorted(),
    );
    expect(virtualWorkspaces.description).toMatch(/disk/);
  });

  it('names icons that are there', () => {
    const icons = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map((container: { icon: string }) => container.icon),
      ...Object.values<{ icon: string }[]>(contributes.views).flatMap((list) =>
        list.map((view) => view.icon),
      ),
    ];
    for (const icon of icons) expect(existsSync(join(root, icon)), icon).toBe(true);
  });
});
