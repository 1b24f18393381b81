import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, type CauseDetails, cause } from '../../../diagnosis/cause';
import { nameIn, type ServerError } from '../../messages/error-fields';
import type { PostgresFacts } from '../facts';

type Params = Readonly<Record<string, string | number | null | undefined>>;

/** What the server said and about whom. */
export function errorParams({ trace, established }: PostgresFacts, error: ServerError): Params {
  const { code, message, detail, hint, routine } = error;
  const { user, database, mechanism } = trace.auth;
  return {
    sqlstate: code,
    text: message,
    detail,
    hint,
    routine,
    user: user ?? nameIn(message, 'user') ?? nameIn(message, 'role'),
    database: database ?? nameIn(message, 'database'),
    mechanism,
    secure: established ? 'yes' : undefined,
  };
}

/** A cause that the server's own words tell: `error` of the trace is set since they were read. */
export function toldCause(
  facts: PostgresFacts,
  error: ServerError,
  code: CauseCode,
  more: Params = {},
  details: CauseDetails = {},
): Cause {
  const params = { ...errorParams(facts, error), ...more };
  const steps = facts.trace.steps.filter(({ message }) => message === 'ErrorResponse').slice(-1);
  const evidence = steps.map(({ index, frames }) => ({
    code: 'PEER_SAID' as const,
    params: { side: 'server', text: [error.code, error.message].join(': ') },
    steps: [index],
    frames: [...frames],
  }));
  return cause(code, 'failed', params, { evidence, ...details });
}
