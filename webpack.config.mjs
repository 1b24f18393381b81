// Four programs in two builds: the extension host, the language server and the command line for Node (they
// share their chunks, so the decoder is in the package once), and the webviews for the browser.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EsbuildPlugin } from 'esbuild-loader';
import webpack from 'webpack';

const root = path.dirname(fileURLToPath(import.meta.url));

const NODE_ENTRIES = {
  extension: { import: './src/extension/extension.ts', library: { type: 'commonjs2' } },
  server: './src/language/server.ts',
  cli: './src/cli/main.ts',
};
const WEBVIEW_ENTRIES = {
  capture: './src/webview/capture/main.ts',
  states: './src/webview/states/main.ts',
};

const lazy = (name) => path.join(root, 'scripts/lazy', `${name}.cjs`);
/** Libraries that are evaluated when first used, see scripts/lazy/README.md. */
const LAZY = {
  '@peculiar/asn1-schema$': lazy('asn1-schema'),
  '@peculiar/asn1-x509$': lazy('asn1-x509'),
  '@peculiar/asn1-rsa$': lazy('asn1-rsa'),
  '@noble/ciphers/aes.js$': lazy('aes'),
  '@noble/ciphers/chacha.js$': lazy('chacha'),
  '@mongodb-js/saslprep$': lazy('saslprep'),
};

const unused = (name) => path.join(root, 'scripts/unused', `${name}.cjs`);
/** What the language client never comes to here, see scripts/unused/README.md. */
const UNUSED = {
  'semver/functions/parse$': unused('semver-parse'),
  'semver/functions/satisfies$': unused('semver-satisfies'),
};
/** Modules of vscode-languageclient, one for each feature of the protocol that our server does not offer. */
export const UNUSED_FEATURES = [
  ['callHierarchy', 'codeAction', 'codeLens', 'colorProvider', 'completion', 'declaration', 'definition'],
  [
    'diagnostic',
    'documentHighlight',
    'documentLink',
    'executeCommand',
    'fileOperations',
    'fileSystemWatcher',
  ],
  ['formatting', 'implementation', 'inlayHint', 'inlineCompletion', 'inlineValue', 'linkedEditingRange'],
  ['notebook', 'progress', 'reference', 'rename', 'selectionRange', 'semanticTokens', 'signatureHelp'],
  ['textDocumentContent', 'typeDefinition', 'typeHierarchy', 'workspaceFolder', 'workspaceSymbol'],
].flat();

/** @param {{ only?: string[] }} [options] names of the Node entries to build; all, and the webviews, if absent */
export default function configurations({ only } = {}) {
  const names = Object.keys(NODE_ENTRIES).filter((name) => !only || only.includes(name));
  const node = {
    ...common('node', 'node20.9', 'src/tsconfig.node.json', !only),
    target: 'node20.9',
    entry: Object.fromEntries(names.map((name) => [name, NODE_ENTRIES[name]])),
    output: {
      path: path.join(root, 'dist'),
      // Named after their contents, so a partial build never replaces what another bundle was built with.
      filename: ({ chunk }) => (names.includes(chunk.name) ? '[name].js' : 'chunks/[contenthash].js'),
      chunkFilename: 'chunks/[contenthash].js',
      // The webviews are the other build's, the stamps are the build script's.
      clean: only ? false : { keep: /^(webview|\.stamps)\/|^THIRD_PARTY_LICENSES/ },
    },
    externals: { vscode: 'commonjs vscode' },
    // What a first screen does not need sits behind `import()`: it becomes a chunk that is read when asked for.
    optimization: { minimizer: minimizer(only), ...SHARED_CHUNKS },
  };
  node.plugins.push(
    new webpack.NormalModuleReplacementPlugin(
      new RegExp(`^\\./(${UNUSED_FEATURES.join('|')})$`),
      (resource) => {
        if (/vscode-languageclient[\\/]lib[\\/]common$/.test(resource.context)) {
          resource.request = unused('feature');
        }
      },
    ),
    new webpack.BannerPlugin({
      banner: '#!/usr/bin/env node',
      raw: true,
      entryOnly: true,
      include: /^cli\.js$/,
    }),
  );
  if (only) return [node];
  const base = common('webviews', 'chrome120', 'src/tsconfig.webview.json', true);
  const webviews = {
    ...base,
    target: ['web', 'es2022'],
    entry: WEBVIEW_ENTRIES,
    output: { path: path.join(root, 'dist/webview'), filename: '[name].js', clean: true },
    module: { ...base.module, parser: { javascript: { dynamicImportMode: 'eager' } } },
    // Libraries' own `import()` included: a page loads exactly two scripts, what both share and its own.
    optimization: { minimizer: minimizer(), splitChunks: WEBVIEW_CHUNKS },
  };
  return [node, webviews];
}

function common(name, esbuildTarget, tsconfig, all) {
  return {
    name,
    context: root,
    mode: 'production',
    devtool: false,
    module: {
      rules: [
        {
          test: /[\\/]node_modules[\\/]pcap-parser[\\/]/,
          loader: path.join(root, 'scripts/pcap-parser-loader.cjs'),
        },
        { test: /[\\/]src[\\/](tls|auth)[\\/].*\.ts$/, resolve: { alias: LAZY } },
        { test: /[\\/]vscode-languageclient[\\/]/, resolve: { alias: UNUSED } },
        {
          test: /\.ts$/,
          loader: 'esbuild-loader',
          options: { target: esbuildTarget, tsconfig: path.join(root, tsconfig) },
        },
      ],
    },
    resolve: { extensions: ['.ts', '.js'] },
    plugins: [],
    performance: false,
    cache: {
      type: 'filesystem',
      name: all ? name : `${name}-part`,
      cacheDirectory: path.join(root, 'node_modules/.cache/webpack'),
      buildDependencies: { config: [fileURLToPath(import.meta.url)] },
    },
    infrastructureLogging: { level: 'error' },
  };
}

/**
 * Reading one more chunk costs a file system call, having a module in two chunks costs package size: so as many
 * chunks as it takes, and every module in the one form that serves all three programs.
 */
const SHARED_CHUNKS = {
  usedExports: 'global',
  splitChunks: { chunks: 'all', minSize: 4096, maxAsyncRequests: 1000, maxInitialRequests: 1000 },
};

const WEBVIEW_CHUNKS = {
  cacheGroups: {
    default: false,
    defaultVendors: false,
    shared: { name: 'shared', chunks: 'initial', minChunks: 2, enforce: true },
  },
};

/**
 * Terser (webpack's own choice) drops unused functions inside a module too, which makes the package a fifth
 * smaller; esbuild is ten times as fast, which is what a partial build is for.
 */
function minimizer(only) {
  return only ? [new EsbuildPlugin({ target: 'node20.9', legalComments: 'none' })] : ['...'];
}
