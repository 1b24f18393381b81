import type { Hover } from 'vscode-languageserver/node';
import type { GraphNode, StateGraph } from '../trace/graph';
import type { Field, Step, Trace } from '../trace/model';
import { framesText, type LineReference, oneLine } from '../trace/text';
import { lineRange } from './symbols';

/** Fields of one message that a hover shows; the editor has them all. */
const MAX_FIELDS = 24;
const MAX_VALUE = 200;
const MAX_DEPTH = 3;

/**
 * What a line of the annotated text means: the message with its fields, both states with what they wait for and where the source has
 * them, or a finding's help.
 *
 * @param trace without secrets.
 */
export function hoverFor(
  line: number,
  reference: LineReference,
  trace: Trace,
  graph: StateGraph,
): Hover | null {
  const step = reference.step === undefined ? undefined : trace.steps[reference.step];
  const finding = reference.finding === undefined ? undefined : trace.findings[reference.finding];
  let value: string;
  if (step) value = stepText(step, graph);
  else if (finding) value = `**${code(finding.code)}** ${plain(finding.message)}\n\n${plain(finding.help)}`;
  else if (reference.heading) value = `**${plain(trace.verdict)}**`;
  else return null;
  return { contents: { kind: 'markdown', value }, range: lineRange(line, line) };
}

function stepText(step: Step, graph: StateGraph): string {
  const where = framesText(step.frames);
  const size = step.bytes > 0 ? `, ${step.bytes} bytes` : '';
  const lines = [
    `**${plain(step.message)}** from ${step.from === 'local' ? 'this side itself' : `the ${step.from}`}${where ? `, ${where}` : ''}${size}${step.encrypted ? ', inside TLS' : ''}`,
    '',
    plain(step.summary),
    '',
    ...stateLines('client', step.clientState, graph),
    ...stateLines('server', step.serverState, graph),
  ];
  if (step.internal) lines.push('', 'The client passes through this state without ever showing it.');
  if (step.fields.length > 0) lines.push('', fieldLines(step.fields).join('\n'));
  return lines.join('\n');
}

function stateLines(role: GraphNode['role'], state: string, graph: StateGraph): string[] {
  if (state === '') return [];
  const node = graph.nodes.find((candidate) => candidate.role === role && candidate.id === state);
  const words = node ? ` — ${plain(node.description)} (${code(node.source)})` : '';
  return [`- ${role}: ${code(state)}${words}`];
}

function fieldLines(fields: readonly Field[]): string[] {
  const lines: string[] = [];
  const add = (list: readonly Field[], depth: number) => {
    for (const field of list) {
      if (lines.length >= MAX_FIELDS) return;
      const value = field.value.length > MAX_VALUE ? `${field.value.slice(0, MAX_VALUE)}…` : field.value;
      lines.push(`${'  '.repeat(depth)}- ${plain(field.name)}${value === '' ? '' : `: ${code(value)}`}`);
      if (field.fields && depth < MAX_DEPTH) add(field.fields, depth + 1);
    }
  };
  add(fields, 0);
  if (lines.length >= MAX_FIELDS) lines.push('- …');
  return lines;
}

/** Text from the wire is shown, never interpreted: Markdown's own characters are escaped. */
export function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]()#+\-.!|<>&~]/g, (character) =>
    character === '<' ? '&lt;' : character === '>' ? '&gt;' : character === '&' ? '&amp;' : `\\${character}`,
  );
}

/** A code span that the text cannot leave: its fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const line = oneLine(text);
  let longest = 0;
  for (const [run] of line.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return line === '' ? '' : `${fence}${space}${line}${space}${fence}`;
}
