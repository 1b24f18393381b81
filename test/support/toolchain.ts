// The real servers, clients and editors behind the tests, with types. A suite that needs one says so with
// `describeWith`: where it cannot be had, the suite is one skipped test that carries the reason.
import { describe, test } from 'vitest';
import { provide } from '../../scripts/toolchain/index.mjs';

/** Paths of each tool; `bin` and `lib` are folders. */
export interface Tools {
  node24: { node: string; headers: string };
  codeServer: { node: string; entry: string };
  postgres18: { bin: string; lib: string };
  postgres15: { bin: string; version: number };
  psql: { path: string };
  tshark: { path: string };
  tcpdump: { path: string };
  chromium: { path: string };
  mongosh: { entry: string };
  pymongo: { python: string };
  libmongoc: { cc: string; include: string };
  ferretdb: { path: string; version: string };
  pgbouncer: { path: string };
  pgpool: { path: string };
  haproxy: { path: string };
  stunnel: { path: string };
  sshd: { path: string };
  ssh: { path: string };
}

/** @returns the tool's paths, found or installed, or the reason why it cannot be had */
export function tool<Name extends keyof Tools>(name: Name): Promise<Tools[Name] | { skipped: string }> {
  return provide(name);
}

/** A suite of tests that run against real tools. To be awaited at the top of a test file. */
export async function describeWith<Name extends keyof Tools>(
  title: string,
  names: readonly Name[],
  body: (tools: Pick<Tools, Name>) => void,
): Promise<void> {
  const tools: Partial<Record<Name, unknown>> = {};
  const reasons: string[] = [];
  for (const name of names) {
    const found = await tool(name);
    if ('skipped' in found) reasons.push(found.skipped);
    else tools[name] = found;
  }
  describe(title, () => {
    if (reasons.length > 0) test.skip(`skipped: ${reasons.join('; ')}`, () => {});
    else body(tools as Pick<Tools, Name>);
  });
}
