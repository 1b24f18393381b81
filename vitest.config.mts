import { defineConfig } from 'vitest/config';

const MINUTE = 60_000;

/** One project for each folder of test/: what is pure runs in parallel, what starts programs runs in turn. */
function project(name: string, options: { timeout: number; inTurn?: boolean; setup?: string }) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: options.timeout,
      hookTimeout: Math.max(options.timeout, 10_000),
      fileParallelism: !options.inTurn,
      setupFiles: options.setup ? [options.setup] : [],
    },
  };
}

export default defineConfig({
  // As src/tsconfig.webview.json says it: Lit's decorators need fields to be set, not defined.
  oxc: {
    decorator: { legacy: true },
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  test: {
    pool: 'forks',
    // What a browser shows comes when it comes, on a busy machine later.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      project('unit', { timeout: 10_000 }),
      project('golden', { timeout: 30_000 }),
      project('conformance', { timeout: 30_000 }),
      project('fuzz', { timeout: 2 * MINUTE, setup: 'test/support/fuzz.setup.ts' }),
      project('package', { timeout: 2 * MINUTE, inTurn: true }),
      project('integration', { timeout: MINUTE, inTurn: true }),
      project('parity', { timeout: 5 * MINUTE, inTurn: true }),
      project('webview', { timeout: MINUTE, inTurn: true }),
      project('e2e', { timeout: 4 * MINUTE, inTurn: true }),
    ],
  },
});
