import type { ParameterProblem } from './parameter-problem';

/** A parameter as a command-line switch sets it. */
type Assignment = readonly [name: string, value: string];

export type Switches =
  | { readonly ok: true; readonly assignments: readonly Assignment[] }
  /** `assignments` are those before the switch that cannot be read: they are set first, and one of them may fail. */
  | { readonly ok: false; readonly assignments: readonly Assignment[]; readonly problem: ParameterProblem };

/** Switches without an argument and what they set; null sets nothing that a client can see. */
const FLAGS: Readonly<Record<string, Assignment | null>> = {
  b: null,
  E: null,
  e: ['datestyle', 'euro'],
  F: ['fsync', 'false'],
  i: ['listen_addresses', '*'],
  j: null,
  l: ['ssl', 'true'],
  n: null,
  O: ['allow_system_table_mods', 'true'],
  P: ['ignore_system_indexes', 'true'],
  s: ['log_statement_stats', 'true'],
  T: null,
};

/** Switches with an argument, and the parameter they set. */
const WITH_VALUE: Readonly<Record<string, string | null>> = {
  B: 'shared_buffers',
  C: null,
  D: null,
  h: 'listen_addresses',
  k: 'unix_socket_directories',
  N: 'max_connections',
  p: 'port',
  r: null,
  S: 'work_mem',
  v: null,
  W: 'post_auth_delay',
};

/** The planner's methods that `-f` forbids (`set_plan_disabling_options`). */
const PLANS: Readonly<Record<string, string>> = {
  s: 'enable_seqscan',
  i: 'enable_indexscan',
  o: 'enable_indexonlyscan',
  b: 'enable_bitmapscan',
  t: 'enable_tidscan',
  n: 'enable_nestloop',
  m: 'enable_mergejoin',
  h: 'enable_hashjoin',
};

/** What `-t` measures (`get_stats_option_name`). */
const STATISTICS: Readonly<Record<string, string>> = {
  pa: 'log_parser_stats',
  pl: 'log_planner_stats',
  e: 'log_executor_stats',
};

/** The value of `options` in a startup packet, which is a command line of `postgres` (`process_postgres_switches`). */
export function readSwitches(text: string): Switches {
  const words = splitOptions(text);
  const assignments: Assignment[] = [];
  const failed = (problem: ParameterProblem): Switches => ({ ok: false, assignments, problem });
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--') return i + 1 < words.length ? failed(bad(words[i + 1])) : { ok: true, assignments };
    if (!/^-./.test(word)) return failed(bad(word));
    // `-ejF` is `-e -j -F`; one that takes a value ends the word.
    for (let at = 1; at < word.length; at++) {
      const letter = word[at];
      if (Object.hasOwn(FLAGS, letter)) {
        const assignment = FLAGS[letter];
        if (assignment) assignments.push(assignment);
        continue;
      }
      const argument = at + 1 < word.length ? word.slice(at + 1) : words[++i];
      if (argument === undefined) return failed(bad(word));
      const found = withValue(letter, argument);
      if (found === undefined) return failed(bad(/[ft]/.test(letter) ? argument : word));
      if ('problem' in found) return failed(found.problem);
      assignments.push(...found.assignments);
      break;
    }
  }
  return { ok: true, assignments };
}

type Found = { readonly assignments: readonly Assignment[] } | { readonly problem: ParameterProblem };

/** Undefined when there is no such switch, or none with such a value. */
function withValue(letter: string, argument: string): Found | undefined {
  if (letter === 'c' || letter === '-') {
    const equals = argument.indexOf('=');
    if (equals < 0) {
      const shown = letter === 'c' ? `-c ${argument}` : `--${argument}`;
      return { problem: { code: '42601', message: `${shown} requires a value` } };
    }
    const name = argument.slice(0, equals).replaceAll('-', '_');
    return { assignments: [[name, argument.slice(equals + 1)]] };
  }
  if (letter === 'd') {
    // A level over 0 says more in the log; only a superuser's session may (`set_debug_options`).
    const level = Number.parseInt(argument, 10) || 0;
    return { assignments: [['log_min_messages', level > 0 ? `debug${Math.min(level, 5)}` : 'notice']] };
  }
  if (letter === 'f') return named(PLANS[argument], 'false');
  if (letter === 't') return named(STATISTICS[argument.startsWith('e') ? 'e' : argument.slice(0, 2)], 'true');
  if (!Object.hasOwn(WITH_VALUE, letter)) return undefined;
  const name = WITH_VALUE[letter];
  return { assignments: name === null ? [] : [[name, argument]] };
}

function named(name: string | undefined, value: string): Found | undefined {
  return name === undefined ? undefined : { assignments: [[name, value]] };
}

function bad(word: string): ParameterProblem {
  const message = `invalid command-line argument for server process: ${word}`;
  return { code: '42601', message, hint: 'Try "postgres --help" for more information.' };
}

/** Words between blanks; a backslash takes the next character as it is (`pg_split_opts`). */
function splitOptions(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:\\[\s\S]|[^\s\\])+|\\$/g)) {
    words.push(word.replace(/\\([\s\S]|$)/g, '$1'));
  }
  return words;
}
