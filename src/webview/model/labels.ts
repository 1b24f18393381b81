import type { From, Layer, Outcome, Severity } from '../../trace/model';

/** How strongly something is shown; the style sheet gives each tone a theme colour. */
export type Tone = 'ok' | 'error' | 'warning' | 'info' | 'muted';

export type IconName =
  | 'pass'
  | 'error'
  | 'warning'
  | 'info'
  | 'hint'
  | 'cancel'
  | 'lock'
  | 'partial'
  | 'arrow-right'
  | 'chevron'
  | 'local'
  | 'retry'
  | 'search'
  | 'eye'
  | 'play'
  | 'graph'
  | 'text'
  | 'copy'
  | 'close'
  | 'certificate'
  | 'step-back'
  | 'step-forward';

export interface Look {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly label: string;
}

const OUTCOMES: Readonly<Record<Outcome, Look>> = {
  ready: { icon: 'pass', tone: 'ok', label: 'Ready' },
  failed: { icon: 'error', tone: 'error', label: 'Failed' },
  cancel: { icon: 'cancel', tone: 'muted', label: 'Cancel request' },
  encrypted: { icon: 'lock', tone: 'info', label: 'Encrypted' },
  incomplete: { icon: 'partial', tone: 'warning', label: 'Incomplete' },
};

const SEVERITIES: Readonly<Record<Severity, Look>> = {
  error: { icon: 'error', tone: 'error', label: 'Error' },
  warning: { icon: 'warning', tone: 'warning', label: 'Warning' },
  info: { icon: 'info', tone: 'info', label: 'Information' },
  hint: { icon: 'hint', tone: 'muted', label: 'Hint' },
};

const LAYERS: Readonly<Record<Layer, string>> = {
  local: 'local',
  tcp: 'TCP',
  tls: 'TLS',
  postgres: 'PostgreSQL',
  mongodb: 'MongoDB',
};

const FROMS: Readonly<Record<From, string>> = {
  client: 'client → server',
  server: 'server → client',
  local: 'on the client, nothing sent',
};

export const outcomeLook = (outcome: Outcome): Look => OUTCOMES[outcome];
export const severityLook = (severity: Severity): Look => SEVERITIES[severity];
export const layerName = (layer: Layer): string => LAYERS[layer];
export const directionText = (from: From): string => FROMS[from];

/** Worst first, then as the decoder ordered them. */
export function bySeverity<T extends { readonly severity: Severity }>(findings: readonly T[]): T[] {
  const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2, hint: 3 };
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}
