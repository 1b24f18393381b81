/**
 * The trace as plain text, for terminals and for the annotated document in the editor. Each line knows what it shows, so that the
 * editor can offer symbols, hovers and folding without reading the text back.
 */
import { isOfSettings } from '../base/issue';
import { grouped } from '../base/shown/cut';
import { together } from '../base/shown/gate';
import { type LineText, line } from '../base/shown/outlets';
import { diagnosisLines, errorLine, summaryLines } from './diagnosis-text';
import type { CaptureSummary, CauseSummary, Finding, Step, Trace, TraceDocument } from './model';
import { endpointText, framesText, protocolName } from './places';

/** What one line of the text shows. */
export interface LineReference {
  /** Position in the document's `traces`; absent on lines about the capture. */
  readonly trace?: number;
  /** Position in the trace's `steps`. */
  readonly step?: number;
  /** Position in the trace's `findings`. */
  readonly finding?: number;
  /** Position in the capture's `issues`. */
  readonly issue?: number;
  /** Position in the document's `summary`. */
  readonly summary?: number;
  /** First line of a trace or of the capture's part. */
  readonly heading?: boolean;
}

export interface RenderedText {
  readonly text: LineText;
  /** One entry per line of `text`. */
  readonly lines: readonly LineReference[];
}

class Page {
  readonly #text: LineText[] = [];
  readonly #lines: LineReference[] = [];

  line(text: string, reference: LineReference = {}): void {
    // A message from the wire may hold line breaks; one entry stays one line.
    this.#text.push(line(text.trimEnd()));
    this.#lines.push(reference);
  }

  finish(): RenderedText {
    return { text: endedLines(this.#text), lines: this.#lines };
  }
}

export { grouped } from '../base/shown/cut';
export { endpointText, framesText, protocolName } from './places';

/** Lines, each with its end. */
export function endedLines(lines: readonly LineText[]): LineText {
  return together([...lines, line('')], '\n');
}

/** A foreign text as it stands in a line of a terminal or a document. */
export const oneLine = (text: string): LineText => line(text);

const ARROWS = { client: '→', server: '←', local: '·' } as const;

/**
 * The whole document.
 *
 * @param handshakes how many the capture holds, where the document has only the first of them.
 */
export function renderDocument(
  document: TraceDocument,
  handshakes: number = document.traces.length,
): RenderedText {
  const page = new Page();
  if (document.capture) {
    renderCapture(page, document.capture, handshakes);
    if (handshakes > 1) renderSummary(page, document.summary ?? []);
  }
  document.traces.forEach((trace, index) => {
    if (index > 0 || document.capture) page.line('');
    renderTraceTo(page, trace, index);
  });
  return page.finish();
}

/** One trace alone. */
export function renderTrace(trace: Trace): RenderedText {
  const page = new Page();
  renderTraceTo(page, trace, 0);
  return page.finish();
}

function renderCapture(page: Page, capture: CaptureSummary, traces: number): void {
  const handshakes = traces === 1 ? '1 handshake' : `${traces} handshakes`;
  const packets = capture.packets === 1 ? '1 packet' : `${grouped(capture.packets)} packets`;
  page.line(
    `${capture.file}: ${capture.format}, ${packets}, ${grouped(capture.bytes)} bytes, ${handshakes}`,
    {
      heading: true,
    },
  );
  capture.issues.forEach((issue, index) => {
    const where = issue.offset === undefined ? '' : ` (at byte ${issue.offset})`;
    const what = isOfSettings(issue) ? 'warning' : 'damage';
    page.line(`  ${what} ${issue.code}: ${issue.message}${where}`, { issue: index });
  });
  for (const note of capture.notes ?? []) page.line(`  note: ${note}`);
}

function renderSummary(page: Page, summary: readonly CauseSummary[]): void {
  for (const { text, row } of summaryLines(summary)) page.line(`  ${text}`, { summary: row });
}

function renderTraceTo(page: Page, trace: Trace, index: number): void {
  const retry = trace.retryOf ? `  retry of ${trace.retryOf}` : '';
  const cause = trace.causedBy ? `  for ${trace.causedBy}` : '';
  page.line(
    `${trace.id}  ${protocolName(trace.protocol)}  ${endpointText(trace.client)} → ${endpointText(trace.server)}  ` +
      `${trace.startTime}  ${trace.durationMs.toFixed(1)} ms  ${trace.outcome}${retry}${cause}`,
    { trace: index, heading: true },
  );
  page.line(`  ${trace.verdict}`, { trace: index });
  for (const text of diagnosisLines(trace)) page.line(`  ${text}`, { trace: index });
  const error = errorLine(trace);
  if (error !== '') page.line(`  ${error}`, { trace: index });
  page.line(`  ${facts(trace).join('   ')}`, { trace: index });
  page.line('');
  renderSteps(page, trace, index);
  trace.findings.forEach((finding, at) => {
    if (at === 0) page.line('');
    page.line(findingText(finding), { trace: index, finding: at });
    if (finding.help) page.line(`          ${finding.help}`, { trace: index, finding: at });
  });
}

function renderSteps(page: Page, trace: Trace, index: number): void {
  const width = (choose: (step: Step) => string, most: number) =>
    Math.min(
      most,
      trace.steps.reduce((widest, step) => Math.max(widest, choose(step).length), 0),
    );
  const messages = width((step) => step.message, 32);
  const clients = width((step) => step.clientState, 32);
  const servers = width((step) => step.serverState, 32);
  const frames = width((step) => framesText(step.frames), 14);
  trace.steps.forEach((step, at) => {
    page.line(
      `  ${step.time.toFixed(3).padStart(10)} ms  ${framesText(step.frames).padEnd(frames)}  ` +
        `${ARROWS[step.from]} ${step.message.padEnd(messages)}  ${step.clientState.padEnd(clients)}  ` +
        `${step.serverState.padEnd(servers)}  ${step.encrypted ? '[TLS] ' : ''}${step.internal ? '[internal] ' : ''}${step.summary}`,
      { trace: index, step: at },
    );
  });
}

function facts(trace: Trace): string[] {
  const list: string[] = [];
  if (trace.ssl.direct) list.push('SSL direct');
  else if (trace.ssl.requested) list.push(`SSL requested, answer ${trace.ssl.answer ?? 'not seen'}`);
  if (trace.gssenc.requested)
    list.push(`GSS encryption requested, answer ${trace.gssenc.answer ?? 'not seen'}`);
  if (trace.tls) {
    const tls = trace.tls;
    const parts = [
      tls.version ?? 'version not seen',
      tls.cipher,
      tls.sni && `SNI ${tls.sni}`,
      tls.alpn && `ALPN ${tls.alpn}`,
    ];
    list.push(`TLS ${parts.filter(Boolean).join(', ')}${tls.decrypted ? ', decrypted' : ''}`);
  }
  const { mechanism, user, database, outcome } = trace.auth;
  const who = [user && `user ${user}`, database && `database ${database}`].filter(Boolean).join(', ');
  list.push(`auth ${mechanism ?? 'none seen'}: ${outcome}${who ? ` (${who})` : ''}`);
  return list;
}

function findingText(finding: Finding): string {
  const frames = framesText(finding.frames);
  return `  ${finding.severity.padEnd(7)} ${finding.code}: ${finding.message}${frames ? ` (${frames})` : ''}`;
}
