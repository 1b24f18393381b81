import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { DATABASE } from './accounts';
import type { RunClient } from './clients';
import type { Combination } from './combination';
import { eventsOf, type Observation } from './events';
import { type Address, Recorder } from './proxy';
import { isScript, type ScriptedServer, startScripted } from './scripted';
import type { Files, ServerName, Servers } from './servers';

/** Runs one client on one combination, with recorders of its own before the servers. */
export async function observe(
  combination: Combination,
  client: RunClient,
  servers: Servers,
): Promise<Observation> {
  const recorders: Recorder[] = [];
  const scripted: ScriptedServer[] = [];
  try {
    const addresses: Address[] = [];
    for (const name of combination.servers) {
      if (name === 'nobody') {
        addresses.push(await freePort());
        continue;
      }
      let recorder: Recorder;
      if (isScript(name)) {
        const server = await startScripted(name);
        scripted.push(server);
        recorder = await Recorder.start(name, server.port);
      } else {
        recorder = await startRecorder(name, combination, servers);
      }
      recorders.push(recorder);
      addresses.push(recorder.address);
    }
    const connection = `${place(combination, addresses)} ${withFiles(combination.options, servers.files)}`;
    const { outcome, message, keyLog } = await client({
      connection,
      environment: environmentOf(combination, servers.files),
    });
    await Promise.all(recorders.map((recorder) => recorder.stop()));
    return { outcome, message, ...eventsOf(recorders, keyLog) };
  } finally {
    await Promise.all([...recorders, ...scripted].map((server) => server.stop()));
  }
}

function startRecorder(name: ServerName, combination: Combination, servers: Servers): Promise<Recorder> {
  const { port, socket } = servers.get(name);
  if (!combination.unix) return Recorder.start(name, port);
  const folder = mkdtempSync(path.join(servers.folder, 'socket-'));
  return Recorder.start(name, socket, path.join(folder, `.s.PGSQL.${port}`));
}

function place(
  { host = 'localhost', unix, environment }: Combination,
  addresses: readonly Address[],
): string {
  const common = environment ? '' : `dbname=${DATABASE} application_name=parity`;
  if (unix) {
    const folders = addresses.map((address) => path.dirname(String(address))).join(',');
    const ports = addresses.map((address) => path.extname(String(address)).slice(1)).join(',');
    return `host=${folders} port=${ports} ${common}`;
  }
  const hosts = addresses.map(() => host).join(',');
  const hostaddr = addresses.map(() => '127.0.0.1').join(',');
  return `host=${hosts} hostaddr=${hostaddr} port=${addresses.join(',')} ${common}`;
}

/** What the connection string says elsewhere stands here in the environment. */
function environmentOf({ environment }: Combination, files: Files): Record<string, string> {
  if (!environment) return {};
  const all = { PGDATABASE: DATABASE, PGAPPNAME: 'parity', ...environment };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, withFiles(value, files)]));
}

/** `$root`, `$otherRoot`, `$missing`, `$garbage`, and `$folder` for everything else. */
function withFiles(options: string, files: Files): string {
  return options.replace(/\$(\w+)/g, (whole, name: string) => files[name as keyof Files] ?? whole);
}

/** Runs `work` on every item, at most `limit` at once, and gives the results in order. */
export async function inPool<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
