/** What the components tell the ones around them. Events bubble out of shadow roots; `detail` is always typed here. */
export interface ViewEvents {
  'hi-select-trace': { readonly id: string };
  'hi-select-step': { readonly step: number };
  'hi-select-frame': { readonly frame: number };
  'hi-filter': { readonly text: string };
  'hi-highlight': {
    readonly range: { readonly start: number; readonly end: number } | null;
    /** The field was chosen, not only pointed at: its bytes should come into view. */
    readonly chosen: boolean;
  };
  'hi-pick-byte': { readonly offset: number };
  'hi-reveal': { readonly reveal: boolean };
  'hi-copy': { readonly text: string };
  'hi-action': { readonly action: Action };
  'hi-role': { readonly role: 'client' | 'server' };
  'hi-attempt': { readonly attempt: number };
  'hi-run': { readonly hostId: string };
}

export type Action =
  | 'cancel'
  | 'reload'
  | 'states'
  | 'text'
  | 'copy'
  | 'stop'
  | 'save'
  | 'save-all'
  | 'cancel-run'
  | 'configure'
  | 'clear-filter';

export function emit<K extends keyof ViewEvents>(from: EventTarget, type: K, detail: ViewEvents[K]): void {
  from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}

declare global {
  interface HTMLElementEventMap extends ViewEventMap {}
}

type ViewEventMap = { [K in keyof ViewEvents]: CustomEvent<ViewEvents[K]> };
