import { readFileSync } from 'node:fs';

/** Milliseconds in a tick of `/proc`: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;

/**
 * Processor time that a tethered program has taken so far, milliseconds. What else the machine does hardly touches it, so it tells two
 * servers apart where their rates cannot. Undefined where the system has no `/proc`.
 *
 * @param tether process id of the program's parent
 */
export function processorTime(tether: number | undefined): number | undefined {
  try {
    const [program] = readFileSync(`/proc/${tether}/task/${tether}/children`, 'utf8').trim().split(' ');
    const stat = readFileSync(`/proc/${program}/stat`, 'utf8');
    // After the program's name, which may hold spaces: utime and stime are fields 14 and 15 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined;
  }
}
