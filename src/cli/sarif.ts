import { type JsonText, json, jsonPiece } from '../base/shown/json';
import { message } from '../base/shown/outlets';
import { uriPath } from '../files/path-bytes';
import type { Finding, Severity, Trace } from '../trace/model';

/** SARIF 2.1.0 (OASIS) section 3.27.10. */
const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
};

/** What a rule is called and what to do about it; the same for every finding of its code. */
export type Rules = Map<string, string>;

/** One result for a finding. A capture has no lines: the place is the handshake and its frames. */
export function sarifResult(file: string, trace: Trace, finding: Finding, rules: Rules): JsonText {
  if (!rules.has(finding.code)) rules.set(finding.code, finding.help);
  return json({
    ruleId: finding.code,
    level: LEVELS[finding.severity],
    // A viewer makes links of `[text](address)` (section 3.11.6).
    message: { text: message(finding.message) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriPath(file.replaceAll('\\', '/')) } },
        logicalLocations: [{ name: trace.id, fullyQualifiedName: message`${trace.id}: ${trace.verdict}` }],
      },
    ],
    properties: { frames: finding.frames, outcome: trace.outcome, protocol: trace.protocol },
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
      .map(([id, help]) => ({
        id,
        ...(help ? { help: { text: message(help) } } : {}),
      })),
  };
  return jsonPiece`\n],"tool":${json({ driver })}}]}\n`;
}
