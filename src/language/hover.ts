import { together } from '../base/shown/gate';
import { type MarkdownText, markdown, markdownCode } from '../base/shown/outlets';
import { diagnosisMarkdown, errorMarkdown } from '../trace/diagnosis-markdown';
import type { GraphNode, StateGraph } from '../trace/graph';
import type { Field, Finding, Step, Trace } from '../trace/model';
import { framesText, type LineReference } from '../trace/text';
import { type Hover, markdownHover } from './outlets';

/** Fields of one message that a hover shows; the editor has them all. */
const MAX_FIELDS = 24;
const MAX_VALUE = 200;
const MAX_DEPTH = 3;

const EMPTY = markdown``;

/**
 * What a line of the annotated text means: the message with its fields, both states with what they wait for and where the source has
 * them, a finding's help, or what became of the handshake.
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
  if (step) return markdownHover(stepText(step, graph), line);
  if (finding) return markdownHover(findingText(finding), line);
  const ofTrace = reference.trace !== undefined || reference.heading;
  return ofTrace ? markdownHover(traceText(trace), line) : null;
}

/** Everything about what became of a handshake: verdict, why, what to do, how sure. */
function traceText(trace: Trace): MarkdownText {
  const verdict = markdown`**${trace.verdict}**`;
  return together([verdict, ...diagnosisMarkdown(trace), ...errorMarkdown(trace)], '\n');
}

function findingText({ code, message, help }: Finding): MarkdownText {
  const what = together([markdown`**`, markdownCode(code), markdown`** ${message}`], '');
  return together([what, markdown(help)], '\n\n');
}

function stepText(step: Step, graph: StateGraph): MarkdownText {
  const { message, summary, bytes, encrypted, internal, clientState, serverState, fields } = step;
  const whose = step.from === 'local' ? 'this side itself' : `the ${step.from}`;
  const where = [framesText(step.frames), bytes > 0 && `${bytes} bytes`, encrypted && 'inside TLS'];
  const facts = [`from ${whose}`, ...where.filter(Boolean)].join(', ');
  const lines = [
    markdown`**${message}** ${facts}`,
    EMPTY,
    markdown(summary),
    EMPTY,
    ...stateLines('client', clientState, graph),
    ...stateLines('server', serverState, graph),
  ];
  if (internal) lines.push(EMPTY, markdown`The client passes through this state without ever showing it.`);
  if (fields.length > 0) lines.push(EMPTY, ...fieldLines(fields));
  return together(lines, '\n');
}

function stateLines(role: GraphNode['role'], state: string, graph: StateGraph): MarkdownText[] {
  if (state === '') return [];
  const node = graph.nodes.find((candidate) => candidate.role === role && candidate.id === state);
  const name = [markdown`- ${role}: `, markdownCode(state)];
  if (!node) return [together(name, '')];
  const { description, source } = node;
  return [together([...name, markdown` — ${description} (`, markdownCode(source), markdown`)`], '')];
}

function fieldLines(fields: readonly Field[]): MarkdownText[] {
  const lines: MarkdownText[] = [];
  const add = (list: readonly Field[], indent: MarkdownText, depth: number) => {
    for (const { name, value, fields: inner } of list) {
      if (lines.length >= MAX_FIELDS) return;
      const text = value === '' ? [] : [markdown`: `, markdownCode(value, MAX_VALUE)];
      lines.push(together([indent, markdown`- ${name}`, ...text], ''));
      if (inner && depth < MAX_DEPTH) add(inner, together([indent, markdown`  `], ''), depth + 1);
    }
  };
  add(fields, EMPTY, 0);
  if (lines.length >= MAX_FIELDS) lines.push(markdown`- …`);
  return lines;
}
