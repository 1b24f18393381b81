import { LitElement, nothing, type PropertyValues } from 'lit';
import type { StepBytes } from '../../contract/values';
import type { Step } from '../../trace/model';
import { bytesOfHex, masksOf } from '../model/bytes';
import { type ByteRange, fieldRows, hasSecret, rowAtOffset } from '../model/fields';
import { directionText, layerName } from '../model/labels';
import { formatBytes, formatMillis, framesText, oneLine } from '../model/text';
import { emit, type ViewEvents } from '../shared/events';
import { html } from '../shared/html';
import '../shared/field-tree';
import { icon } from '../shared/icons';
import { stateName } from '../shared/state-name';
import { detailStyles } from './detail-styles';
import './hex-view';

/** The chosen step: where it was seen, its fields, its bytes. */
export class StepDetails extends LitElement {
  static override properties = {
    step: { attribute: false },
    bytes: { attribute: false },
    error: { attribute: false },
    revealed: { attribute: false },
    range: { state: true },
    follow: { state: true },
    marked: { state: true },
  };
  static override styles = detailStyles;
  declare step: Step | null;
  declare bytes: StepBytes | null;
  declare error: string | null;
  declare revealed: boolean;
  declare range: ByteRange | null;
  declare follow: boolean;
  declare marked: string | null;
  #data = new Uint8Array();
  #masks: ByteRange[] = [];

  constructor() {
    super();
    this.step = null;
    this.bytes = null;
    this.error = null;
    this.revealed = false;
    this.range = null;
    this.follow = false;
    this.marked = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('step')) {
      this.range = null;
      this.marked = null;
    }
    if (changed.has('bytes') || changed.has('step') || changed.has('revealed')) {
      this.#data = bytesOfHex(this.bytes?.hex ?? '') as Uint8Array<ArrayBuffer>;
      this.#masks = this.bytes && this.step ? masksOf(this.bytes, this.step.fields, this.revealed) : [];
    }
  }

  override render() {
    const step = this.step;
    if (!step) return html`<p class="note">Choose a step to see its fields and bytes.</p>`;
    return html`<div class="details">
      <header class=${`layer-${step.layer}`}>
        <h2>
          <span>${oneLine(step.message)}</span>
          <span class="tag">${layerName(step.layer)}</span>
          ${step.encrypted ? html`<span class="lock" title="Crossed inside TLS">${icon('lock', 'encrypted')}</span>` : nothing}
        </h2>
        <p class="summary">${oneLine(step.summary)}</p>
        <dl>
          ${this.#fact('Direction', directionText(step.from))}
          ${this.#fact('Time', `${formatMillis(step.time)} after the start`)}
          ${step.frames.length > 0 ? this.#fact('Frames', framesText(step.frames)) : nothing}
          ${step.from === 'local' ? nothing : this.#fact('Length', formatBytes(step.bytes))}
          ${this.#fact('Client is in', stateName(step.clientState), 'mono')}
          ${this.#fact('Server is in', stateName(step.serverState), 'mono')}
        </dl>
      </header>
      <section class="fields">
        <div class="bar">
          <h3>Fields</h3>
          ${hasSecret(step.fields) ? this.#revealButton() : nothing}
        </div>
        ${
          step.fields.length === 0
            ? html`<p class="note">${step.encrypted ? 'Not readable: this crossed inside TLS.' : 'This step has no fields.'}</p>`
            : html`<hi-field-tree
                .fields=${step.fields}
                .revealed=${this.revealed}
                .marked=${this.marked}
                @hi-highlight=${this.#onHighlight}
              ></hi-field-tree>`
        }
      </section>
      ${step.from === 'local' ? nothing : this.#bytesSection()}
    </div>`;
  }

  #fact(name: string, value: unknown, kind = '') {
    return html`<div><dt>${name}</dt><dd class=${kind}>${value}</dd></div>`;
  }

  #revealButton() {
    return html`<button
      type="button"
      class="icon-button reveal"
      aria-pressed=${this.revealed ? 'true' : 'false'}
      title=${this.revealed ? 'Mask the secrets again' : 'Passwords, proofs and keys are masked; VS Code asks before they are shown'}
      @click=${() => emit(this, 'hi-reveal', { reveal: !this.revealed })}
    >
      ${icon('eye')}<span>${this.revealed ? 'Hide secrets' : 'Reveal secrets…'}</span>
    </button>`;
  }

  #bytesSection() {
    const bytes = this.bytes;
    const size = bytes && bytes.total !== this.#data.length ? `${this.#data.length} of ${bytes.total}` : '';
    return html`<section class="bytes">
      <div class="bar"><h3>Bytes</h3><span class="muted small">${size}</span></div>
      ${this.error ? html`<p class="note tone-error" role="alert">${this.error}</p>` : nothing}
      ${bytes?.note ? html`<p class="note">${oneLine(bytes.note)}</p>` : nothing}
      ${
        this.#data.length > 0
          ? html`<hi-hex-view
              .bytes=${this.#data}
              .masks=${this.#masks}
              .range=${this.range}
              .follow=${this.follow}
              @hi-pick-byte=${this.#onPick}
            ></hi-hex-view>`
          : bytes && !bytes.note
            ? html`<p class="note">This step has no bytes of its own.</p>`
            : nothing
      }
    </section>`;
  }

  #onHighlight(event: CustomEvent<ViewEvents['hi-highlight']>): void {
    this.range = event.detail.range;
    this.follow = event.detail.chosen;
  }

  #onPick(event: CustomEvent<{ offset: number }>): void {
    const rows = fieldRows(this.step?.fields ?? [], new Set());
    const row = rows[rowAtOffset(rows, event.detail.offset)];
    if (!row) return;
    this.marked = row.path;
    this.follow = false;
    const { offset = 0, length = 0 } = row.field;
    this.range = { start: offset, end: offset + length };
  }
}

customElements.define('hi-step-details', StepDetails);
