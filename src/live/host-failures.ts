import type { MongoHost } from '../mongodb/client/uri';
import type { TraceError } from '../trace/model';
import type { ErrorPlace } from './errors';

/** Hosts named one by one; a seed list of real use has three or five. */
const NAMED = 5;

/** What became of the hosts of a seed list that were tried without success, for one verdict over all of them. */
export class HostFailures {
  readonly #failures = new Map<string, TraceError>();

  constructor(private readonly hosts: readonly MongoHost[]) {}

  /** The last failure of a host is the one that counts. */
  add({ target }: ErrorPlace, error: TraceError): void {
    this.#failures.set(target, error);
  }

  /** The verdict when no host could be used; undefined for a single host, whose own verdict says it. */
  get verdict(): string | undefined {
    if (this.hosts.length < 2 || this.#failures.size === 0) return undefined;
    const last = [...this.#failures.values()].at(-1)?.message ?? '';
    const next = last.slice(firstSentence(last).length).trim();
    const end = next === '' || next.endsWith('.') ? '' : '.';
    return `None of the ${this.hosts.length} hosts can be used. ${this.#sentences()} ${next}`.trim() + end;
  }

  /** What is added to the verdict of the host that could be used; empty when it was the first. */
  get before(): string {
    const { size } = this.#failures;
    if (size === 0) return '';
    return ` Before it, ${size} of the ${this.hosts.length} hosts could not be used. ${this.#sentences()}`;
  }

  #sentences(): string {
    const all = [...this.#failures].map(([target, { message }]) => {
      const first = firstSentence(message);
      const sentence = first.endsWith('.') ? first : `${first}.`;
      const named = sentence.includes(target.replace(/:\d+$/, ''));
      return named ? sentence : `${target}: ${sentence}`;
    });
    const more = all.length > NAMED ? ` (${all.length - NAMED} more.)` : '';
    return all.slice(0, NAMED).join(' ') + more;
  }
}

/** Up to the first full stop that ends a sentence: names and addresses have stops inside. */
function firstSentence(message: string): string {
  return /^.*?\.(?=\s|$)/s.exec(message)?.[0] ?? message;
}
