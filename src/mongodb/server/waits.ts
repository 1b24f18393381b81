import type { DeriveEffect, Effect } from '../../base/machine';
import type { Operation } from './operation';

/** What one connection waits for besides its client: sleeps and derived keys. Nothing of it comes after {@link clear}. */
export class Waits {
  readonly #sleeps = new Map<string, () => void>();
  readonly #derivations = new Map<number, (key: Uint8Array) => void>();
  #lastId = 0;

  /**
   * @param push takes an effect
   * @param later runs a callback, and wakes the driver where nothing else does
   */
  constructor(
    private readonly push: (effect: Effect) => void,
    private readonly later: (work: () => void) => void,
  ) {}

  readonly sleep: Operation['sleep'] = (milliseconds, done) => {
    const id = `sleep ${++this.#lastId}`;
    const wake = (): void => {
      if (this.#sleeps.delete(id)) this.later(done);
    };
    this.#sleeps.set(id, wake);
    this.push({ type: 'timer', id, milliseconds });
    return wake;
  };

  readonly derive: Operation['derive'] = (wanted, done) => {
    const id = ++this.#lastId;
    this.#derivations.set(id, done);
    const effect: DeriveEffect = { type: 'derive', id, ...wanted };
    this.later(() => this.push(effect));
  };

  handleTimer(id: string): void {
    this.#sleeps.get(id)?.();
  }

  handleDerived(id: number, key: Uint8Array): void {
    const done = this.#derivations.get(id);
    this.#derivations.delete(id);
    done?.(key);
  }

  clear(): void {
    this.#sleeps.clear();
    this.#derivations.clear();
  }
}
