import * as v from 'valibot';
import type { Diagnosis } from '../trace/diagnosis';
import type { GraphEdge, GraphNode, StateGraph } from '../trace/graph';
import type {
  CaptureSummary,
  CauseSummary,
  CertificateSummary,
  Field,
  Finding,
  Step,
  Trace,
} from '../trace/model';

/**
 * Schemas of the trace model, for messages that carry it across a process. They are checked against the model's types by the
 * compiler: a field that changes there must change here.
 */
export const severitySchema = v.picklist(['error', 'warning', 'info', 'hint']);
export const protocolSchema = v.picklist(['postgres', 'mongodb']);
export const sourceSchema = v.picklist(['capture', 'live', 'lab']);
export const outcomeSchema = v.picklist(['ready', 'failed', 'cancel', 'encrypted', 'incomplete']);
export const authOutcomeSchema = v.picklist(['ok', 'failed', 'abandoned', 'unknown']);
const sideSchema = v.picklist(['client', 'server']);
const fromSchema = v.picklist(['client', 'server', 'local']);
const text = v.nullable(v.string());

export const endpointSchema = v.object({ address: v.string(), port: v.number() });
const issueSchema = v.object({
  code: v.string(),
  message: v.string(),
  offset: v.optional(v.number()),
});

const fieldSchema: v.GenericSchema<Field> = v.object({
  name: v.string(),
  value: v.string(),
  offset: v.optional(v.number()),
  length: v.optional(v.number()),
  secret: v.optional(v.boolean()),
  fields: v.optional(v.array(v.lazy(() => fieldSchema))),
});

export const stepSchema: v.GenericSchema<Step> = v.object({
  index: v.number(),
  time: v.number(),
  from: fromSchema,
  layer: v.picklist(['local', 'tcp', 'tls', 'postgres', 'mongodb']),
  frames: v.array(v.number()),
  bytes: v.number(),
  message: v.string(),
  clientState: v.string(),
  serverState: v.string(),
  summary: v.string(),
  encrypted: v.boolean(),
  internal: v.optional(v.boolean()),
  fields: v.array(fieldSchema),
});

const findingSchema: v.GenericSchema<Finding> = v.object({
  code: v.string(),
  severity: severitySchema,
  message: v.string(),
  frames: v.array(v.number()),
  help: v.string(),
});

const certificateSchema: v.GenericSchema<CertificateSummary> = v.object({
  subject: v.string(),
  issuer: v.string(),
  names: v.array(v.string()),
  notBefore: v.string(),
  notAfter: v.string(),
  fingerprint256: v.string(),
  selfSigned: v.boolean(),
});

const numbers = v.array(v.number());

const diagnosisSeveritySchema = v.picklist(['ok', 'info', 'warning', 'error']);

const diagnosisSchema: v.GenericSchema<Diagnosis> = v.object({
  code: v.string(),
  severity: diagnosisSeveritySchema,
  side: v.picklist(['client', 'server', 'between', 'capture', 'nobody']),
  certainty: v.picklist(['shown', 'likely', 'possible']),
  step: v.nullable(v.number()),
  params: v.record(v.string(), v.union([v.string(), v.number()])),
  what: v.string(),
  why: text,
  next: v.array(
    v.object({
      kind: v.picklist(['client-option', 'server-config', 'server-command', 'network', 'capture', 'ask']),
      text: v.string(),
      option: v.optional(v.object({ name: v.string(), value: v.string() })),
      snippet: v.optional(v.string()),
    }),
  ),
  evidence: v.array(v.object({ text: v.string(), steps: numbers, frames: numbers })),
  alternatives: v.array(v.object({ code: v.string(), what: v.string(), tellApart: v.string() })),
});

export const traceSchema: v.GenericSchema<Trace> = v.object({
  id: v.string(),
  source: sourceSchema,
  protocol: protocolSchema,
  client: endpointSchema,
  server: endpointSchema,
  startTime: v.string(),
  durationMs: v.number(),
  retryOf: text,
  causedBy: v.optional(v.string()),
  ssl: v.object({
    requested: v.boolean(),
    answer: v.nullable(v.picklist(['S', 'N', 'E', 'other'])),
    direct: v.boolean(),
  }),
  gssenc: v.object({ requested: v.boolean(), answer: v.nullable(v.picklist(['G', 'N', 'E', 'other'])) }),
  tls: v.nullable(
    v.object({
      version: text,
      cipher: text,
      sni: text,
      alpn: text,
      certificates: v.array(certificateSchema),
      alerts: v.array(
        v.object({ from: sideSchema, level: v.picklist(['warning', 'fatal']), description: v.string() }),
      ),
      decrypted: v.boolean(),
    }),
  ),
  auth: v.object({ mechanism: text, user: text, database: text, outcome: authOutcomeSchema }),
  outcome: outcomeSchema,
  error: v.nullable(v.object({ from: sideSchema, code: v.string(), message: v.string() })),
  diagnosis: diagnosisSchema,
  verdict: v.string(),
  steps: v.array(stepSchema),
  findings: v.array(findingSchema),
});

export const captureSummarySchema: v.GenericSchema<CaptureSummary> = v.object({
  file: v.string(),
  format: v.picklist(['pcap', 'pcapng']),
  packets: v.number(),
  bytes: v.number(),
  linkTypes: v.array(v.number()),
  issues: v.array(issueSchema),
  notes: v.optional(v.array(v.string())),
});

export const causeSummarySchema: v.GenericSchema<CauseSummary> = v.object({
  code: v.string(),
  severity: diagnosisSeveritySchema,
  server: v.string(),
  clients: v.array(v.string()),
  clientCount: v.number(),
  users: v.array(v.string()),
  count: v.number(),
  firstTime: v.string(),
  lastTime: v.string(),
  traces: v.array(v.string()),
  what: v.string(),
});

const graphNodeSchema: v.GenericSchema<GraphNode> = v.object({
  id: v.string(),
  role: sideSchema,
  description: v.string(),
  source: v.string(),
  kind: v.picklist(['start', 'normal', 'internal', 'success', 'failure']),
});

const graphEdgeSchema: v.GenericSchema<GraphEdge> = v.object({
  role: sideSchema,
  from: v.string(),
  to: v.string(),
  message: v.string(),
  by: fromSchema,
});

export const stateGraphSchema: v.GenericSchema<StateGraph> = v.object({
  protocol: protocolSchema,
  nodes: v.array(graphNodeSchema),
  edges: v.array(graphEdgeSchema),
});
