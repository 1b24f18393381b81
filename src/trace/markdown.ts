/** The trace as Markdown, for an issue or a report. */
import type { CaptureSummary, Finding, Step, Trace } from './model';
import { endpointText, framesText, oneLine, protocolName } from './text';

const ARROWS = { client: '→', server: '←', local: '·' } as const;

/** Heading and damage of a capture. */
export function captureMarkdown(capture: CaptureSummary, handshakes: number): string {
  const lines = [
    `# ${plain(capture.file)}`,
    '',
    `${capture.format}, ${capture.packets} packets, ${capture.bytes} bytes, ${handshakes} handshakes`,
  ];
  if (capture.issues.length > 0) lines.push('');
  for (const { code, message } of capture.issues) lines.push(`- damage **${code}**: ${plain(message)}`);
  if (capture.notes) lines.push('', capture.notes.map((note) => `- ${plain(note)}`).join('\n'));
  return `${lines.join('\n')}\n`;
}

/** One handshake: verdict, table of steps, findings. */
export function traceMarkdown(trace: Trace): string {
  const ends = `${endpointText(trace.client)} → ${endpointText(trace.server)}`;
  const lines = [
    `## ${trace.id}: ${protocolName(trace.protocol)} ${ends}, ${trace.outcome}`,
    '',
    plain(trace.verdict),
    '',
    `Began ${trace.startTime}, took ${trace.durationMs.toFixed(1)} ms.${trace.retryOf ? ` Tries ${trace.retryOf} again.` : ''}`,
  ];
  if (trace.error)
    lines.push('', `**${trace.error.code}** from the ${trace.error.from}: ${plain(trace.error.message)}`);
  lines.push('', '| ms | frames | | message | client | server | what |', '|---:|---|---|---|---|---|---|');
  for (const step of trace.steps) lines.push(row(step));
  if (trace.findings.length > 0) lines.push('');
  for (const finding of trace.findings) lines.push(item(finding));
  return `${lines.join('\n')}\n`;
}

function row(step: Step): string {
  const cells = [
    step.time.toFixed(3),
    framesText(step.frames),
    ARROWS[step.from],
    step.message,
    step.clientState,
    step.serverState,
    `${step.encrypted ? '(TLS) ' : ''}${step.summary}`,
  ];
  return `| ${cells.map(plain).join(' | ')} |`;
}

function item({ severity, code, message, frames, help }: Finding): string {
  const where = framesText(frames);
  return `- **${severity} ${code}**: ${plain(message)}${where ? ` (${where})` : ''}${help ? ` ${plain(help)}` : ''}`;
}

/** Text from the wire must not become markup: what Markdown and HTML could take for theirs is escaped. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>|#~&]/g, (character) =>
    character === '#' || character === '_' ? character : `\\${character}`,
  );
}
