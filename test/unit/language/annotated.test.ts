import { describe, expect, it } from 'vitest';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { summaryOf } from '../../../src/diagnosis/summary';
import { mapText } from '../../../src/language/annotated';
import {
  captureDiagnostics,
  MAX_DIAGNOSTICS,
  MOST_FAILED,
  problemDiagnostics,
} from '../../../src/language/diagnostics';
import { hoverFor } from '../../../src/language/hover';
import { MAX_TEXT_TRACES, renderCapture } from '../../../src/language/render';
import { traceRow } from '../../../src/language/rows';
import { documentSymbols, foldingRanges } from '../../../src/language/symbols';
import { UNDECIDED } from '../../../src/trace/diagnosis';
import type { StateGraph } from '../../../src/trace/graph';
import type { CaptureSummary, Finding, Trace } from '../../../src/trace/model';
import { renderDocument } from '../../../src/trace/text';
import { stepOf, traceOf } from '../../support/traces';

const finding = (code_: string, severity: Finding['severity'] = 'warning'): Finding => ({
  code: code_,
  severity,
  message: 'the password crossed in the clear',
  frames: [4],
  help: 'use SCRAM',
});

const capture: CaptureSummary = {
  file: 'two.pcap',
  format: 'pcap',
  packets: 12,
  bytes: 1000,
  linkTypes: [1],
  issues: [{ code: 'PCAP_CUT_PACKET', message: 'the last packet is cut', offset: 900 }],
};

const traces = [
  traceOf({
    id: 't1',
    verdict: 'connected',
    steps: [
      stepOf({ index: 0, message: 'SSLRequest', frames: [4] }),
      stepOf({ index: 1, message: 'N', from: 'server', frames: [6], internal: true }),
    ],
    findings: [finding('PG001'), finding('PG002', 'error')],
  }),
  traceOf({
    id: 't2',
    protocol: 'mongodb',
    verdict: 'refused',
    steps: [stepOf({ message: 'authenticate' })],
  }),
];
const rendered = renderDocument({ version: 2, capture, traces });

/** A login that pg_hba.conf has no line for. */
function refused(id: number): Trace {
  return traceOf({
    id: `t${id}`,
    outcome: 'failed',
    diagnosis: {
      ...UNDECIDED,
      code: 'PG_HBA_NO_ENTRY',
      severity: 'error',
      what: 'No entry matches.',
      why: 'The file has none.',
      next: [
        { kind: 'server-config', text: 'Add a line:', snippet: 'host all all 10.0.0.1/32 scram-sha-256' },
      ],
    },
  });
}
const lines = rendered.text.split('\n');
const map = mapText(rendered);

describe('mapText', () => {
  it('finds the line of every trace, step and finding', () => {
    expect(map.traces.map((trace) => lines[trace.first].slice(0, 2))).toEqual(['t1', 't2']);
    expect(lines[map.traces[0].steps[0]]).toContain('SSLRequest');
    expect(lines[map.traces[0].findings[1]]).toContain('PG002');
    expect(lines[map.traces[1].steps[0]]).toContain('authenticate');
    expect(map.traces[0].last).toBeLessThan(map.traces[1].first);
    expect(map.capture).toEqual({ first: 0, last: 1 });
  });
});

describe('documentSymbols', () => {
  it('lists traces with their steps and findings, each inside its parent', () => {
    const symbols = documentSymbols(traces, map);
    expect(symbols.map((symbol) => symbol.name)).toEqual([
      't1 PostgreSQL 127.0.0.1:5432',
      't2 MongoDB 127.0.0.1:5432',
    ]);
    expect(symbols[0].children?.map((child) => child.name)).toEqual(['SSLRequest', 'N', 'PG001', 'PG002']);
    for (const symbol of symbols) {
      for (const child of symbol.children ?? []) {
        expect(child.range.start.line).toBeGreaterThan(symbol.range.start.line);
        expect(child.range.end.line).toBeLessThanOrEqual(symbol.range.end.line);
      }
    }
  });

  it('never gives an empty name, which VS Code would refuse', () => {
    const odd = [traceOf({ steps: [stepOf({ message: '' }), stepOf({ message: '\u0000\n' })] })];
    const symbols = documentSymbols(odd, mapText(renderDocument({ version: 2, capture: null, traces: odd })));
    for (const child of symbols[0].children ?? []) expect(child.name.trim()).not.toBe('');
  });
});

describe('foldingRanges', () => {
  it('folds the capture and each trace', () => {
    expect(foldingRanges(map).map((range) => range.startLine)).toEqual([
      0,
      map.traces[0].first,
      map.traces[1].first,
    ]);
  });
});

describe('hoverFor', () => {
  const graph: StateGraph = {
    protocol: 'postgres',
    nodes: [
      {
        id: 'CONNECTION_AWAITING_RESPONSE',
        role: 'client',
        description: 'Waits for the server to ask for authentication.',
        source: 'PQconnectPoll',
        kind: 'normal',
      },
    ],
    edges: [],
  };
  const hoverAt = (line: number) => {
    const reference = rendered.lines[line];
    const hover = hoverFor(line, reference, traces[reference.trace ?? 0], graph);
    return (hover?.contents as { value: string } | undefined)?.value;
  };

  it('tells what the state waits for and where it comes from', () => {
    const text = hoverAt(map.traces[0].steps[0]);
    expect(text).toContain('**SSLRequest** from the client');
    expect(text).toContain('Waits for the server to ask for authentication.');
    expect(text).toContain('`PQconnectPoll`');
  });

  it('says when a state is never shown by the real client', () => {
    expect(hoverAt(map.traces[0].steps[1])).toMatch(/without ever showing it/);
  });

  it('gives help for a finding and the verdict for a heading, and nothing for a blank line', () => {
    expect(hoverAt(map.traces[0].findings[0])).toContain('use SCRAM');
    expect(hoverAt(map.traces[0].first)).toBe('**connected**');
    expect(
      hoverAt(rendered.lines.findIndex((line) => line.trace === undefined && !line.heading)),
    ).toBeUndefined();
  });

  it('shows the whole diagnosis on the lines of a handshake', () => {
    const hover = hoverFor(0, { trace: 0, heading: true }, refused(1), graph);
    const value = (hover?.contents as { value: string } | undefined)?.value;
    expect(value).toContain('**Why**: The file has none.');
    expect(value).toContain('1. Add a line:\n\n   `host all all 10.0.0.1/32 scram-sha-256`');
    expect(value).toContain('Cause `PG_HBA_NO_ENTRY`');
  });

  it('shows text of the wire as text', () => {
    const link = '[a](command:b) <img src=x> *b* `c`';
    const hostile = traceOf({
      verdict: link,
      steps: [stepOf({ summary: link, fields: [{ name: link, value: link }] })],
    });
    const hovers = [{ heading: true }, { step: 0 }].map((at) => hoverFor(0, at, hostile, graph)?.contents);
    const [heading, step] = hovers.map((contents) => (contents as { value: string }).value);
    const escaped = '\\[a\\](command:b) &lt;img src=x&gt; \\*b\\* \\`c\\`';
    expect(heading).toBe(`**${escaped}**`);
    expect(step).toContain(`- ${escaped}: \`\` ${link} \`\``);
  });

  it('bounds what a message with many fields shows', () => {
    const fields = Array.from({ length: 500 }, (_, at) => ({ name: `f${at}`, value: 'x'.repeat(5000) }));
    const hover = hoverFor(0, { trace: 0, step: 0 }, traceOf({ steps: [stepOf({ fields })] }), graph);
    expect((hover?.contents as { value: string } | undefined)?.value.length).toBeLessThan(8000);
  });
});

describe('captureDiagnostics', () => {
  const uri = 'handshake-trace:/two.pcap.handshake?x';

  it('publishes damage and findings, the worst first, with a way into the text', () => {
    const list = captureDiagnostics(capture, traces, uri, map);
    expect(list.map((diagnostic) => diagnostic.code)).toEqual(['PG002', 'PCAP_CUT_PACKET', 'PG001']);
    expect(list[0].severity).toBe(DiagnosticSeverity.Error);
    expect(list[0].relatedInformation?.[0].location.uri).toBe(uri);
    expect(list[0].relatedInformation?.[0].location.range.start.line).toBe(map.traces[0].findings[1]);
    expect(list[1].message).toContain('at byte 900');
    expect(list[2].message).toContain('use SCRAM');
  });

  it('has an error for each failed handshake: what, why and what to do', () => {
    const [problem, ...others] = captureDiagnostics(
      null,
      [refused(1)],
      uri,
      mapText(renderCapture(null, [refused(1)])),
    );
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'PG_HBA_NO_ENTRY', severity: DiagnosticSeverity.Error });
    expect(problem.message).toBe(
      't1 to 127.0.0.1:5432: No entry matches.\nThe file has none.\nAdd a line: host all all 10.0.0.1/32 scram-sha-256',
    );
    expect(problem.relatedInformation?.[0].location.range.start.line).toBe(0);
  });

  it('loses nothing behind a long text, names the option, and has lines to paste below each other', () => {
    const { diagnosis } = refused(1);
    const long = traceOf({
      outcome: 'failed',
      diagnosis: {
        ...diagnosis,
        what: 'x'.repeat(5000),
        next: [
          { kind: 'client-option', text: 'Ask for TLS.', option: { name: 'sslmode', value: 'require' } },
          { kind: 'server-config', text: 'Add:', snippet: 'net:\n  tls:' },
          { kind: 'ask', text: 'Ask its owner.' },
        ],
      },
    });
    const [{ message }] = captureDiagnostics(null, [long], uri, map);
    const [what, ...others] = String(message).split('\n');
    expect(what).toMatch(/^t1 to 127\.0\.0\.1:5432: x+… 4,\d\d\d more characters$/);
    expect(others).toEqual([
      'The file has none.',
      'Ask for TLS. [sslmode=require]',
      'Add:',
      'net:',
      '  tls:',
      'Ask its owner.',
    ]);
  });

  it('has one for all failed handshakes with a cause at a server where they are many', () => {
    const many = Array.from({ length: MOST_FAILED + 1 }, (_, at) => refused(at));
    const list = captureDiagnostics(null, many, uri, mapText(renderCapture(null, many)));
    expect(list).toHaveLength(1);
    expect(list[0].message).toContain(`${many.length} connections from 1 client: No entry matches.`);
    const few = captureDiagnostics(null, many.slice(1), uri, mapText(renderCapture(null, many)));
    expect(few).toHaveLength(MOST_FAILED);
  });

  it('is bounded, and says what it leaves out', () => {
    const many = [traceOf({ findings: Array.from({ length: 2000 }, (_, at) => finding(`PG${at}`)) })];
    const text = renderDocument({ version: 2, capture: null, traces: many });
    const list = captureDiagnostics(null, many, uri, mapText(text));
    expect(list).toHaveLength(MAX_DIAGNOSTICS);
    expect(list.at(-1)?.message).toMatch(/^1501 more/);
  });

  it('holds no secret, in a cause, a finding, or the damage of the file', () => {
    const said = 'host=h password=hunter22';
    const { diagnosis } = refused(1);
    const secret = (id: number) =>
      traceOf({
        id: `t${id}`,
        outcome: 'failed',
        diagnosis: {
          ...diagnosis,
          what: said,
          why: said,
          next: [{ kind: 'ask', text: said, snippet: said }],
        },
        findings: [{ ...finding('PG001'), message: said, help: said }],
      });
    const damaged = { ...capture, issues: [{ code: 'PCAP_CUT_PACKET', message: said }] };
    for (const count of [1, MOST_FAILED + 1]) {
      const some = Array.from({ length: count }, (_, at) => secret(at));
      const shown = captureDiagnostics(damaged, some, uri, mapText(renderCapture(damaged, some)));
      expect(shown.map(({ message }) => message).join('\n')).toContain('password=••••••');
      expect(JSON.stringify(shown)).not.toContain('hunter22');
    }
  });

  it('says why a file could not be read, and what to do', () => {
    const [diagnostic] = problemDiagnostics({
      code: 'NOT_A_CAPTURE',
      message: 'no capture',
      next: 'try another',
    });
    expect(diagnostic).toMatchObject({ code: 'NOT_A_CAPTURE', message: 'no capture\ntry another' });
  });
});

describe('renderCapture', () => {
  it('begins with the causes by server, where there are several handshakes', () => {
    const many = [refused(1), refused(2)];
    const { text, lines: table } = renderCapture(capture, many, summaryOf(many));
    const rows = text.split('\n').filter((_, at) => table[at]?.summary !== undefined);
    expect(rows).toEqual([
      '  error   PG_HBA_NO_ENTRY at 127.0.0.1:5432: 2 connections from 1 client: No entry matches. (t1, t2)',
    ]);
    expect(renderCapture(capture, [refused(1)], summaryOf([refused(1)])).text).not.toContain(' at 127.0.0.1');
  });

  it('shows the first handshakes of very many, and says how many there are', () => {
    const many = Array.from({ length: MAX_TEXT_TRACES + 7 }, (_, at) => traceOf({ id: `t${at + 1}` }));
    const { text, lines: table } = renderCapture(capture, many);
    expect(text).toContain(`${many.length} handshakes`);
    expect(text).toMatch(/and 7 more handshakes: .*\n$/);
    expect(text).toContain(`t${MAX_TEXT_TRACES} `);
    expect(text).not.toContain(`t${MAX_TEXT_TRACES + 1} `);
    expect(table).toHaveLength(text.split('\n').length - 1);
  });

  it('holds no secret', () => {
    const secret = { name: 'password', value: 'correct horse', secret: true };
    const { text } = renderCapture(null, [
      traceOf({ steps: [stepOf({ summary: 'correct horse', fields: [secret] })] }),
    ]);
    expect(text).not.toContain('correct horse');
  });
});

describe('traceRow', () => {
  it('has what a list needs: the frames it spans and the worst finding', () => {
    expect(traceRow(traces[0])).toMatchObject({
      firstFrame: 4,
      lastFrame: 6,
      findings: 2,
      worst: 'error',
      steps: 2,
    });
    expect(traceRow(traceOf())).toMatchObject({ firstFrame: 0, lastFrame: 0, findings: 0, worst: null });
  });
});
