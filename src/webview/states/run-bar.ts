import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import { css, LitElement, nothing, type PropertyValues } from 'lit';
import type { HostSummary } from '../../contract/values';
import { protocolName } from '../model/text';
import { emit } from '../shared/events';
import { html } from '../shared/html';
import { icon } from '../shared/icons';
import { base } from '../shared/styles';

/** The host picker and the button that runs the test, or cancels the one that runs. */
export class RunBar extends LitElement {
  static override properties = {
    hosts: { attribute: false },
    hostId: { attribute: false },
    running: { attribute: false },
    cancelling: { attribute: false },
    label: { attribute: false },
    chosen: { state: true },
  };
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
      }
      vscode-single-select {
        flex: 1 1 140px;
        width: auto;
        min-width: 0;
      }
      vscode-button {
        flex: 0 1 auto;
      }
      .icon {
        width: 14px;
        height: 14px;
      }
    `,
  ];
  declare hosts: readonly HostSummary[];
  /** The host of what is shown; null for a capture. */
  declare hostId: string | null;
  declare running: boolean;
  declare cancelling: boolean;
  declare label: string;
  declare chosen: string | null;

  constructor() {
    super();
    this.hosts = [];
    this.hostId = null;
    this.running = false;
    this.cancelling = false;
    this.label = 'Run again';
    this.chosen = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('hostId') && this.hostId !== null) this.chosen = this.hostId;
    if (!this.hosts.some((host) => host.id === this.chosen)) this.chosen = this.hosts[0]?.id ?? null;
  }

  override render() {
    if (this.hosts.length === 0) return nothing;
    return html`
      <vscode-single-select
        label="Host to test"
        title="Host to test"
        .value=${this.chosen ?? ''}
        ?disabled=${this.running}
        @change=${(event: Event) => {
          this.chosen = (event.target as HTMLElement & { value: string }).value;
        }}
      >
        ${this.hosts.map(
          (host) =>
            html`<vscode-option
              value=${host.id}
              description=${`${protocolName(host.protocol)}, ${host.address}`}
              ?selected=${host.id === this.chosen}
              >${host.name}</vscode-option
            >`,
        )}
      </vscode-single-select>
      ${
        this.running
          ? html`<vscode-button
              secondary
              ?disabled=${this.cancelling}
              data-action="cancel-run"
              @click=${() => emit(this, 'hi-action', { action: 'cancel-run' })}
              >${this.cancelling ? 'Cancelling…' : 'Cancel'}</vscode-button
            >`
          : html`<vscode-button data-action="run" @click=${this.#run}
              ><span slot="content-before">${icon('play')}</span>${this.label}</vscode-button
            >`
      }
    `;
  }

  #run(): void {
    if (this.chosen !== null) emit(this, 'hi-run', { hostId: this.chosen });
  }
}

customElements.define('hi-run-bar', RunBar);
