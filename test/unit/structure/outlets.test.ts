import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = resolve(__dirname, '../../../src');

/** What shows a text to a person, who may call it, and why: each of these takes only what a gate made (`src/base/shown`). */
interface Outlet {
  readonly what: string;
  readonly rooms: readonly string[];
  readonly call: RegExp;
  readonly allowed: readonly string[];
  /** One call, to see that it would be found. */
  readonly example: string;
}

const OUTLETS: readonly Outlet[] = [
  {
    what: 'notifications, dialogs, questions, progress, status bar, output',
    rooms: ['extension'],
    // Whatever of `vscode.window` does not show a text of ours; and the window whole, which could be called by another name.
    call: new RegExp(
      `\\bvscode\\s*\\.\\s*window\\b(?!\\s*\\.\\s*(?:${[
        'showTextDocument',
        'tabGroups',
        'registerTreeDataProvider',
        'registerWebviewViewProvider',
        'registerCustomEditorProvider',
      ].join('|')})\\b)|\\bprogress\\.report\\b|\\bconsole\\.`,
    ),
    allowed: ['log', 'messages', 'questions', 'views'].map((name) => `extension/say/${name}.ts`),
    example: "void vscode.window['showErrorMessage'](error.message)",
  },
  {
    what: 'what else of VS Code shows a text',
    rooms: ['extension'],
    // Whatever is made of `vscode`, but for what has no text of its own.
    call: new RegExp(
      `\\bnew\\s+vscode\\s*\\.\\s*(?!(?:${[
        'ThemeIcon',
        'ThemeColor',
        'EventEmitter',
        'Disposable',
        'Position',
        'Range',
        'Selection',
        'CancellationTokenSource',
      ].join(
        '|',
      )})\\b)|\\bcreate(?:DiagnosticCollection|CommentController|TestController|SourceControl|StatusBarItem)\\b|\\bLogOutputChannel\\b|\\bQuickPickItem\\b|\\bvscode\\s*\\[|[=(,]\\s*vscode\\s*[;),]`,
    ),
    allowed: ['log', 'views'].map((name) => `extension/say/${name}.ts`),
    example: 'item.tooltip = new vscode.MarkdownString(verdict)',
  },
  {
    what: 'documents that are made here',
    rooms: ['extension'],
    call: /\bregisterTextDocumentContentProvider\b|\bTextDocumentContentProvider\b|\bopenTextDocument\s*\(\s*\{|\bWorkspaceEdit\b|\bTextEdit\b|\bregisterFileSystemProvider\b/,
    allowed: ['extension/say/documents.ts'],
    example: 'await vscode.workspace.openTextDocument({ content: error.message })',
  },
  {
    what: 'VS Code by another name',
    rooms: ['extension'],
    call: /import\s+(?!(?:type\s+)?\*\s+as\s+vscode\s)[^;]*?from\s+'vscode'|require\(\s*'vscode'|import\(\s*'vscode'/,
    allowed: [],
    example: "import { window } from 'vscode';",
  },
  {
    what: 'pages of webviews',
    rooms: ['extension'],
    call: /\.html\s*=[^=]/,
    allowed: ['extension/webview-page.ts'],
    example: 'panel.webview.html = page(verdict)',
  },
  {
    what: "lit's own templates, and what goes past them",
    rooms: ['webview'],
    call: /import\s*\{[^}]*\b(?:html|svg|mathml|render)\b[^}]*\}\s*from\s*'lit(?:-html)?(?:\/[^']*)?'|\bunsafe(?:HTML|SVG|Static)\b|\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\btextContent\s*=|\binnerText\s*=|\bdocument\s*\.\s*(?:write|title)\b|\bsrcdoc\b|\bsetAttribute\b/,
    allowed: ['webview/shared/html.ts'],
    example: "import { html, LitElement } from 'lit';",
  },
  {
    what: 'what the language server gives an editor',
    rooms: ['language'],
    call: /\bMarkupKind\b|'markdown'|\bcontents\s*:|\brelatedInformation\s*:|\bshow(?:Information|Warning|Error)Message\b|\bcreateWorkDoneProgress\b|\bconnection\s*\.\s*console\b|\bconsole\.|\bprocess\s*\.\s*std(?:out|err)\b|import\s*\{[^}]*\b(?:Diagnostic|Hover|DocumentSymbol|MarkupContent|CodeLens|InlayHint)\b[^}]*\}\s*from\s*'vscode-languageserver/,
    allowed: ['language/outlets.ts'],
    example: "return { contents: { kind: 'markdown', value: verdict } }",
  },
  {
    what: 'the standard streams',
    // Not `recorder`: there `process` is a capture program.
    rooms: ['cli', 'files', 'live', 'lab'],
    call: /\bprocess\s*(?:\.\s*|\[\s*['"])std(?:out|err)\b(?!\.isTTY)|\bconsole\.|\bemitWarning\b|\bcreateWriteStream\b.*\bfd\b|\bwriteSync\s*\(\s*[12]\b/,
    allowed: ['cli/terminal.ts'],
    example: 'process.stderr.write(error.message)',
  },
  {
    what: 'a text that says of itself that it went through a gate',
    rooms: [
      'base',
      'trace',
      'inspect',
      'contract',
      'files',
      'recorder',
      'live',
      'lab',
      'cli',
      'language',
      'extension',
      'webview',
    ],
    // Its last form is that of a value from another process, which is believed.
    call: /(?:\bas\s+(?:unknown\s+as\s+)?|\bcustom\s*<\s*)(?:MessageText|LineText|MarkdownText|FileNameText|JsonText|Printable|Gated)\b/,
    allowed: ['base/shown/gate.ts', 'base/shown/outlets.ts', 'base/shown/json.ts', 'contract/language.ts'],
    example: 'return text as MessageText',
  },
  {
    what: 'JSON that is printed',
    rooms: ['cli'],
    call: /\bJSON\s*\.\s*stringify\b/,
    allowed: [],
    example: 'await print(JSON.stringify(trace))',
  },
];

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Without comments, which may name what must not be called. */
function codeOf(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

const files = sourceFiles(source).map((path) => ({
  name: relative(source, path).split(sep).join('/'),
  code: codeOf(path),
}));

describe.each(OUTLETS)('$what', ({ rooms, call, allowed, example }) => {
  const callers = files
    .filter(({ name, code }) => rooms.includes(name.split('/')[0]) && call.test(code))
    .map(({ name }) => name);

  it('go through their gate', () => {
    expect(callers.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('are found where they are', () => {
    expect(example).toMatch(call);
    expect(callers).toEqual(expect.arrayContaining([...allowed]));
  });
});

describe('text that goes through a gate', () => {
  it('names an outlet of each kind that is there', () => {
    // A file that moved would leave a rule without anything to hold.
    const known = new Set(files.map(({ name }) => name));
    for (const { allowed } of OUTLETS) for (const name of allowed) expect(known).toContain(name);
  });
});
