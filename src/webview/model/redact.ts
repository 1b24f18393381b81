import type { Field, Trace, TraceDocument } from '../../trace/model';
import { MASK } from './fields';

/** The trace as a document with every secret masked, whatever was revealed on screen. */
export function redactedDocument(trace: Trace): TraceDocument {
  const steps = trace.steps.map((step) => ({ ...step, fields: step.fields.map(redactField) }));
  return { version: 1, capture: null, traces: [{ ...trace, steps }] };
}

/** Masks a secret field with all that is inside it. */
export function redactField(field: Field): Field {
  const { fields, ...rest } = field;
  if (field.secret) return { ...rest, value: MASK };
  return fields ? { ...rest, fields: fields.map(redactField) } : field;
}
