import { type JsonText, json, jsonPiece } from '../base/shown/json';
import { type MessageText, message } from '../base/shown/outlets';
import { rulePage } from '../diagnosis/page';
import { uriPath } from '../files/path-bytes';
import type { DiagnosisSeverity } from '../trace/diagnosis';
import { toldThrough } from '../trace/diagnosis-words';
import type { Finding, Severity, Trace } from '../trace/model';

/** SARIF 2.1.0 (OASIS) section 3.27.10. */
const LEVELS: Readonly<Record<Severity | DiagnosisSeverity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
  ok: 'note',
};

/** What is the same for every result of a code. */
export interface Rule {
  /** What it is, a sentence; findings have none. */
  readonly short?: string;
  /** What to do about it. */
  readonly help: string;
}

export type Rules = Map<string, Rule>;

/** One result for the cause of a failed handshake: what happened, why, and what to do. */
export function sarifCause(file: string, trace: Trace, rules: Rules): JsonText {
  const { code, severity } = trace.diagnosis;
  if (!rules.has(code)) rules.set(code, rulePage(code));
  const frames = trace.steps[trace.diagnosis.step ?? -1]?.frames ?? [];
  const text = toldThrough(message, trace.diagnosis, ' ');
  return result(file, trace, { code, level: LEVELS[severity], text, frames });
}

/** One result for a finding. */
export function sarifResult(file: string, trace: Trace, finding: Finding, rules: Rules): JsonText {
  const { code, severity, help, frames } = finding;
  if (!rules.has(code)) rules.set(code, { help });
  return result(file, trace, { code, level: LEVELS[severity], text: message(finding.message), frames });
}

interface Result {
  readonly code: string;
  readonly level: string;
  /** A viewer makes links of `[text](address)` (section 3.11.6). */
  readonly text: MessageText;
  readonly frames: readonly number[];
}

/** A capture has no lines: the place is the handshake and its frames. */
function result(file: string, trace: Trace, { code, level, text, frames }: Result): JsonText {
  return json({
    ruleId: code,
    level,
    message: { text },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriPath(file.replaceAll('\\', '/')) } },
        logicalLocations: [{ name: trace.id, fullyQualifiedName: message`${trace.id}: ${trace.verdict}` }],
      },
    ],
    properties: { frames, outcome: trace.outcome, protocol: trace.protocol },
  });
}

export const SARIF_START = jsonPiece`{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"results":[\n`;

/** Ends the log: the rules are known only now. */
export function sarifEnd(rules: Rules, version: string): JsonText {
  const driver = {
    name: 'Handshake Inspector',
    semanticVersion: version,
    rules: [...rules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { short, help }]) => ({
        id,
        ...(short ? { shortDescription: { text: message(short) } } : {}),
        ...(help ? { help: { text: message(help) } } : {}),
      })),
  };
  return jsonPiece`\n],"tool":${json({ driver })}}]}\n`;
}
