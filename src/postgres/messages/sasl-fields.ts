import { parseClientFinal, parseClientFirst, parseServerFinal, parseServerFirst } from '../../auth/scram';
import { clientFirstFields, scramFields } from '../../auth/scram-fields';
import { utf8 } from '../../base/bytes';
import type { Field } from '../../trace/model';

/** Which SCRAM message the bytes should be; other mechanisms give their bytes as one masked field. */
export type SaslStage = 'client-first' | 'server-first' | 'client-final' | 'server-final';

/** A SASL message as one masked field with a field per SCRAM attribute. `offset` is its place in the step's bytes. */
export function saslField(name: string, data: Uint8Array, offset: number, stage: SaslStage): Field {
  const fields = attributes(data, offset, stage);
  return {
    name,
    value: utf8(data.subarray(0, 1024)),
    offset,
    length: data.length,
    secret: true,
    ...(fields.length > 0 ? { fields } : {}),
  };
}

function attributes(data: Uint8Array, offset: number, stage: SaslStage): Field[] {
  switch (stage) {
    case 'client-first': {
      const { value, issues } = parseClientFirst(data);
      return issues.length > 0 ? [] : clientFirstFields(value, offset);
    }
    case 'server-first':
      return scramFields(parseServerFirst(data).value, offset);
    case 'client-final':
      return scramFields(parseClientFinal(data).value, offset);
    case 'server-final':
      return scramFields(parseServerFinal(data).value, offset);
  }
}
