import { rm } from 'node:fs/promises';
import type { NetworkInterface } from '../contract/values';
import { createGrowing } from '../files/write-whole';
import { ActiveRecording, type RecordOptions } from './active-recording';
import { CaptureProcess, runToEnd } from './capture-process';
import { offeredInterfaces } from './interfaces';
import { thisMachine } from './machine';
import { type Machine, notInstalledProblem, RecordError, type Refusal, refusalProblem } from './problems';
import { type CaptureProgram, DIALECTS, findPrograms } from './program';

/** What a test replaces. */
export interface RecorderSurroundings {
  readonly programs?: readonly CaptureProgram[];
  readonly machine?: Machine;
}

export interface InterfaceList {
  readonly program: CaptureProgram;
  /** In the order in which they are offered, see `offeredInterfaces`. */
  readonly interfaces: readonly NetworkInterface[];
}

/**
 * The interfaces of this machine, from the first capture program that names any.
 *
 * @throws {RecordError} when there is no program, or none that tells.
 */
export async function listInterfaces(surroundings: RecorderSurroundings = {}): Promise<InterfaceList> {
  const { programs, machine } = complete(surroundings);
  const refusals: Refusal[] = [];
  for (const program of programs) {
    const { listArguments, parseList } = DIALECTS[program.name];
    const { stdout, stderr, code } = await runToEnd(program, listArguments);
    const interfaces = offeredInterfaces(parseList(stdout));
    if (interfaces.length > 0) return { program, interfaces };
    refusals.push({ program, stderr, code });
  }
  throw failure(refusals, machine);
}

/**
 * Begins to record. Each program is tried in turn: what one may not, another may.
 *
 * @throws {RecordError} when none can, with the reason of the first; whatever creating the file throws.
 */
export async function startRecording(
  options: RecordOptions,
  surroundings: RecorderSurroundings = {},
): Promise<ActiveRecording> {
  const { programs, machine } = complete(surroundings);
  // A name goes to the program as it is, and some names mean other things than an interface: only one that was listed is taken.
  const { interfaces } = await listInterfaces({ programs, machine });
  if (!interfaces.some(({ name }) => name === options.interface))
    throw unknownInterface(options.interface, interfaces);
  const file = options.file === null ? null : await createGrowing(options.file);
  const refusals: Refusal[] = [];
  for (const program of programs) {
    const { recordArguments } = DIALECTS[program.name];
    const seconds = options.limits.milliseconds / 1000;
    const process = new CaptureProcess(
      program,
      recordArguments({ interface: options.interface, ports: options.ports, seconds }),
    );
    if (await process.started()) return new ActiveRecording(process, file, options);
    process.stop();
    refusals.push({ program, stderr: process.stderr, code: process.code });
  }
  await file?.close();
  if (options.file !== null) await rm(options.file, { force: true });
  throw failure(refusals, machine);
}

function complete({ programs, machine }: RecorderSurroundings) {
  const found = programs ?? findPrograms();
  const here = machine ?? thisMachine();
  if (found.length === 0) throw new RecordError(notInstalledProblem(here));
  return { programs: found, machine: here };
}

function failure(refusals: readonly Refusal[], machine: Machine): RecordError {
  return new RecordError(refusalProblem(refusals[0], machine));
}

function unknownInterface(name: string, known: readonly NetworkInterface[]): RecordError {
  return new RecordError({
    code: 'RECORD_NO_INTERFACE',
    message: `There is no interface "${name.slice(0, 80)}" here.`,
    next: `There are: ${known.map((one) => one.name).join(', ')}.`,
    command: null,
  });
}
