import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { LitElement, nothing } from 'lit';
import type { Trace } from '../../trace/model';
import { hasSecret } from '../model/fields';
import { outcomeLook } from '../model/labels';
import { endpointText, formatMillis, oneLine, plural, protocolName } from '../model/text';
import type { ViewEvents } from '../shared/events';
import { html } from '../shared/html';
import '../shared/diagnosis';
import '../shared/field-tree';
import { lookIcon } from '../shared/icons';
import { stateName } from '../shared/state-name';
import { headline } from '../shared/verdict';
import { appStyles } from './app-styles';
import './attempt-list';
import './graph-view';
import './run-bar';
import './scrubber';
import { StatesSession } from './session';
import './tls-facts';

/** The state panel: verdict, the test that can be run again, the path through the state graph, TLS. */
export class StatesApp extends LitElement {
  static override properties = { all: { state: true } };
  static override styles = appStyles;
  /** Draw every transition, those to the failed state too. */
  declare all: boolean;
  readonly #session = new StatesSession(this);

  constructor() {
    super();
    this.all = false;
  }

  override render() {
    const session = this.#session;
    if (!session.ready) return nothing;
    const shown = session.running !== null || session.trace !== null;
    return html`<div
      class="app"
      @hi-run=${(event: CustomEvent<ViewEvents['hi-run']>) => session.run(event.detail.hostId)}
      @hi-select-step=${(event: CustomEvent<ViewEvents['hi-select-step']>) => session.chooseStep(event.detail.step)}
      @hi-attempt=${(event: CustomEvent<ViewEvents['hi-attempt']>) => session.chooseAttempt(event.detail.attempt)}
      @hi-copy=${(event: CustomEvent<ViewEvents['hi-copy']>) => session.copyText(event.detail.text)}
      @hi-action=${this.#onAction}
    >
      ${session.running ? html`<vscode-progress-bar indeterminate aria-label="A test runs"></vscode-progress-bar>` : nothing}
      ${session.problem ? this.#problem() : nothing}
      ${shown ? this.#shown() : session.problem ? nothing : this.#empty()}
    </div>`;
  }

  #shown() {
    const { running, trace, traces, view, steps, step, graph } = this.#session;
    return html`
      <section class="top">
        ${running ? this.#running() : trace ? this.#verdict(trace) : nothing} ${this.#runBar(running || trace?.source !== 'capture' ? 'Run again' : 'Run test')}
      </section>
      ${
        traces.length > 1 && !running
          ? html`<section class="flush">
              <hi-attempt-list .traces=${traces} .selected=${view.attempt}></hi-attempt-list>
            </section>`
          : nothing
      }
      ${
        steps.length > 0
          ? html`<section class="sticky">
              <hi-scrubber .steps=${steps} .step=${step} .disabled=${running !== null}></hi-scrubber>
            </section>`
          : nothing
      }
      <section class="flush">
        ${this.#graphBar()}
        <hi-graph-view
          .graph=${graph}
          .steps=${steps}
          .step=${step}
          .role_=${view.role}
          .outcome=${running ? 'incomplete' : (trace?.outcome ?? 'incomplete')}
          .all=${this.all}
        ></hi-graph-view>
      </section>
      ${running ? nothing : this.#more(trace)}
    `;
  }

  #verdict(trace: Trace) {
    const where = this.#session.origin || endpointText(trace.server);
    const { mechanism, user } = trace.auth;
    const facts = [
      protocolName(trace.protocol),
      mechanism,
      user && `as ${user}`,
      formatMillis(trace.durationMs),
    ].filter((fact): fact is string => Boolean(fact));
    return html`
      <p class="origin cut" title=${`${where}, ${endpointText(trace.server)}`}>${oneLine(where)}</p>
      <div class="verdict" role="status">
        ${lookIcon(outcomeLook(trace.outcome))}
        <h2>${headline(trace)}</h2>
      </div>
      <hi-diagnosis .diagnosis=${trace.diagnosis}></hi-diagnosis>
      <p class="facts">${facts.map(oneLine).join(' · ')}</p>
    `;
  }

  #running() {
    const { running, steps } = this.#session;
    const last = steps.at(-1);
    const attempts = running?.attempts.length ?? 0;
    return html`
      <p class="origin cut">${oneLine(running?.name ?? '')}</p>
      <div class="verdict" role="status">
        <h2>${last ? stateName(last.clientState) : 'Connecting…'}</h2>
      </div>
      <p class="facts">
        ${last ? html`${oneLine(last.message)} · ${formatMillis(last.time)}` : 'The first step has not happened yet.'}
        ${attempts > 1 ? html` · connection ${attempts}` : nothing}
      </p>
    `;
  }

  #problem() {
    const problem = this.#session.problem;
    if (!problem) return nothing;
    return html`<section class="top" role="alert">
      <div class="verdict">
        ${lookIcon(outcomeLook('failed'))}
        <h2>${oneLine(problem.message)}</h2>
      </div>
      <p class="facts">${oneLine(problem.next)}</p>
      ${this.#session.trace ? nothing : this.#runBar('Run again')}
    </section>`;
  }

  #empty() {
    const { hosts } = this.#session;
    return html`<section class="empty">
      <h2>See a connection state by state</h2>
      <p class="muted">
        ${
          hosts.length > 0
            ? 'Test a host to watch its handshake, or open a capture and choose “Show states”.'
            : 'Add a host to test it and watch its handshake, or open a capture and choose “Show states”.'
        }
      </p>
      ${this.#runBar('Test')}
      ${
        hosts.length === 0
          ? html`<vscode-button data-action="configure" @click=${() => this.#session.configure()}>Add a host…</vscode-button>`
          : nothing
      }
    </section>`;
  }

  #runBar(label: string) {
    const { hosts, hostId, running } = this.#session;
    return html`<hi-run-bar
      .hosts=${hosts}
      .hostId=${running?.hostId ?? hostId}
      .running=${running !== null}
      .cancelling=${running?.cancelling ?? false}
      .label=${label}
    ></hi-run-bar>`;
  }

  #graphBar() {
    const { view } = this.#session;
    return html`<div class="bar">
      <div class="roles" role="radiogroup" aria-label="Whose states" @keydown=${this.#onRoleKey}>
        ${(['client', 'server'] as const).map(
          (role) => html`<button
            type="button"
            role="radio"
            aria-checked=${view.role === role ? 'true' : 'false'}
            tabindex=${view.role === role ? 0 : -1}
            data-role=${role}
            @click=${() => this.#session.setView({ role })}
          >
            ${role === 'client' ? 'Client' : 'Server'}
          </button>`,
        )}
      </div>
      <button
        type="button"
        class="text-button"
        aria-pressed=${String(this.all)}
        title=${this.all ? 'Draw the path taken and the main ways' : 'Draw every transition of the protocol'}
        @click=${() => {
          this.all = !this.all;
        }}
      >
        ${this.all ? 'Fewer transitions' : 'All transitions'}
      </button>
    </div>`;
  }

  #more(trace: Trace | null) {
    const { revealed } = this.#session;
    const step = this.#session.steps[this.#session.step];
    return html`
      ${
        step && step.fields.length > 0
          ? html`<section class="flush fields">
              <div class="bar">
                <h3 class="cut" title=${oneLine(step.message)}>Fields</h3>
                ${hasSecret(step.fields) && !revealed ? html`<button type="button" class="text-button" data-action="reveal" title="Passwords, proofs and keys are masked; VS Code asks before they are shown" @click=${() => this.#session.reveal()}>Reveal secrets…</button>` : nothing}
              </div>
              <hi-field-tree .fields=${step.fields} .revealed=${revealed}></hi-field-tree>
            </section>`
          : nothing
      }
      ${trace?.tls ? html`<section><h3>TLS</h3><hi-tls-facts .trace=${trace}></hi-tls-facts></section>` : nothing}
      ${
        trace
          ? html`<section>
              <button type="button" class="text-button" data-action="text" @click=${() => this.#session.openText()}>
                Annotated text (${plural(trace.steps.length, 'step')})
              </button>
            </section>`
          : nothing
      }
    `;
  }

  #onRoleKey(event: KeyboardEvent): void {
    if (!/^Arrow/.test(event.key)) return;
    event.preventDefault();
    const role = this.#session.view.role === 'client' ? 'server' : 'client';
    this.#session.setView({ role });
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`[data-role="${role}"]`)?.focus(),
    );
  }

  #onAction(event: CustomEvent<ViewEvents['hi-action']>): void {
    if (event.detail.action === 'cancel-run') this.#session.cancelRun();
  }
}

customElements.define('hi-states', StatesApp);
