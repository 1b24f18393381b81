import * as vscode from 'vscode';
import type { LabServer } from '../lab/lab-server';
import type { Fault } from '../postgres/faults/faults';
import type { Protocol } from '../trace/model';

export const LAB_PROTOCOLS: readonly Protocol[] = ['postgres', 'mongodb'];

/** The lab servers of this window: at most one of each protocol, on loopback, gone with the window. */
export class LabController {
  readonly #running = new Map<Protocol, Promise<LabServer>>();
  readonly #servers = new Map<Protocol, LabServer>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** @param onLog takes the lines of the servers' logs. */
  constructor(private readonly onLog?: (line: string) => void) {}

  /** The server, if it is up. */
  running(protocol: Protocol): LabServer | undefined {
    return this.#servers.get(protocol);
  }

  /** Starts the server, or joins the one that is up or starting. */
  start(protocol: Protocol): Promise<LabServer> {
    return this.#running.get(protocol) ?? this.#launch(protocol);
  }

  /** Starts the PostgreSQL server with a fault, in the place of the one that is up. */
  async startWithFault(fault: Fault): Promise<LabServer> {
    await this.stop('postgres');
    return this.#launch('postgres', fault);
  }

  #launch(protocol: Protocol, fault?: Fault): Promise<LabServer> {
    const starting = launch(protocol, this.onLog, fault);
    this.#running.set(protocol, starting);
    starting.then(
      (server) => {
        if (this.#running.get(protocol) !== starting) return;
        this.#servers.set(protocol, server);
        this.#changed.fire();
      },
      () => {
        if (this.#running.get(protocol) === starting) this.#running.delete(protocol);
      },
    );
    return starting;
  }

  async stop(protocol: Protocol): Promise<void> {
    const running = this.#running.get(protocol);
    this.#running.delete(protocol);
    this.#servers.delete(protocol);
    this.#changed.fire();
    await running?.then((server) => server.close()).catch(() => {});
  }

  async dispose(): Promise<void> {
    await Promise.all(LAB_PROTOCOLS.map((protocol) => this.stop(protocol)));
    this.#changed.dispose();
  }
}

async function launch(
  protocol: Protocol,
  onLog: ((line: string) => void) | undefined,
  fault?: Fault,
): Promise<LabServer> {
  if (protocol === 'postgres')
    return (await import('../lab/postgres-lab')).startPostgresLab({ port: 0, fault, onLog });
  return (await import('../lab/mongo-lab')).startMongoLab({ port: 0, onLog });
}
