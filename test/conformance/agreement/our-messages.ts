import type { TlsMessage } from '../../../src/tls/events';
import type { Field, Step, Trace } from '../../../src/trace/model';
import type { ElementView, MessageView } from './view';

/** The messages of a trace, in the words of view.ts. */
export function messagesOf(trace: Trace): MessageView[] {
  return trace.steps
    .filter(({ layer, from, bytes }) => layer !== 'tcp' && layer !== 'local' && from !== 'local' && bytes > 0)
    .flatMap((step) => {
      const { address, port } = step.from === 'client' ? trace.client : trace.server;
      const place = { frame: step.frames.at(-1) ?? 0, from: `${address}:${port}` };
      if (step.layer === 'tls') {
        return tlsMessage({ name: step.message, bytes: step.bytes, fields: step.fields }, place) ?? [];
      }
      return trace.protocol === 'postgres' ? postgres(step, place) : mongo(step, place);
    });
}

/** Undefined for what has no message of the handshake in it, or one that cannot be read. */
export function tlsMessage(
  { name, bytes, fields }: Pick<TlsMessage, 'name' | 'bytes' | 'fields'>,
  place: Place,
): MessageView | undefined {
  if (/^(ChangeCipherSpec|Encrypted(Handshake|Record)|NotTLS)$/.test(name)) return undefined;
  const value = (wanted: string) => fields.find((field) => field.name === wanted)?.value;
  // Without the keys an alert is no more than that.
  if (name === 'Alert' && value('level') === undefined) return undefined;
  const values = name === 'Alert' ? [`${value('level')} ${value('description')}`] : [`length=${bytes}`];
  return { ...place, name: name === 'HelloRetryRequest' ? 'ServerHello' : name, values };
}

type Place = Pick<MessageView, 'frame' | 'from'>;

/** Our fields by Wireshark's shorter names. */
const POSTGRES_FIELDS: Readonly<Record<string, string>> = {
  length: 'length',
  'protocol version': 'version',
  mechanism: 'mechanism',
  'initial response': 'data',
  response: 'data',
  challenge: 'data',
  outcome: 'data',
  salt: 'salt',
  password: 'password',
  'process id': 'process',
  'secret key': 'key',
  'transaction status': 'status',
  Severity: 'severity',
  SQLSTATE: 'code',
  Message: 'message',
  Detail: 'detail',
  Hint: 'hint',
  File: 'file',
  Line: 'line',
  Routine: 'routine',
};
const PASSED_OVER =
  /^(type|authentication|terminator|request code|response length|Severity \(not localized\))$/;

function postgres(step: Step, place: Place): MessageView {
  const code = /^\d+/.exec(fieldOf(step, 'authentication') ?? '')?.[0];
  const name = code === undefined ? step.message : `Authentication ${code}`;
  if (step.message === 'ParameterStatus') {
    const values = [
      `length=${fieldOf(step, 'length')}`,
      `${fieldOf(step, 'parameter')}=${fieldOf(step, 'value')}`,
    ];
    return { ...place, name, values };
  }
  const values = step.fields
    .filter((field) => !PASSED_OVER.test(field.name))
    // Fields without another name are the settings of a StartupMessage.
    .map((field) => `${POSTGRES_FIELDS[field.name] ?? field.name}=${field.value}`);
  return { ...place, name, values };
}

function mongo(step: Step, place: Place): MessageView {
  const opcode = /\d+/.exec(fieldOf(step, 'opCode') ?? '')?.[0];
  const values = [
    `length=${fieldOf(step, 'messageLength')}`,
    `request=${fieldOf(step, 'requestID')}`,
    `response=${fieldOf(step, 'responseTo')}`,
  ];
  const collection = fieldOf(step, 'fullCollectionName');
  if (collection !== undefined) values.push(`collection=${collection}`);
  const documents = documentsOf(step.fields);
  return { ...place, name: `opcode ${opcode}`, values, documents };
}

/** Fields that are documents, whatever part of the message they are; those of a packed message stand in it. */
function documentsOf(fields: readonly Field[]): ElementView[] {
  return fields.flatMap((field) => {
    if (field.name === 'compressedMessage') return documentsOf(field.fields ?? []);
    return (field.fields ?? []).map(elementOf);
  });
}

function elementOf(field: Field): ElementView {
  if (/^\d+ fields$/.test(field.value) && field.fields) {
    return { name: field.name, elements: field.fields.map(elementOf) };
  }
  return { name: field.name, value: field.value };
}

function fieldOf(step: Step, name: string): string | undefined {
  return step.fields.find((field) => field.name === name)?.value;
}
