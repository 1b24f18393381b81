import { numberValue } from './parameter-number';
import {
  accepted,
  invalidValue,
  type ParameterProblem,
  type ParameterValue,
  refused,
} from './parameter-problem';
import { findParameter, type ParameterInfo } from './parameter-table';
import { textValue } from './parameter-text';

/** A parameter that was set, in PostgreSQL's spelling of name and value. */
export interface SetParameter {
  readonly name: string;
  readonly value: string;
}

/** Sets a parameter as a client that connects may, or says why not (`set_config_option` in PGC_BACKEND or PGC_SU_BACKEND). */
export function setParameter(
  name: string,
  value: string,
  superuser: boolean,
): { readonly set: SetParameter } | { readonly problem: ParameterProblem } {
  const info = findParameter(name);
  if (!info) return custom(name, value);
  const found = forbidden(info, superuser) ?? checkedValue(info, value);
  return found.ok ? { set: { name: info.name, value: found.value } } : { problem: found.problem };
}

/** Identifiers between dots (`valid_custom_variable_name`): bytes above ASCII count as letters. */
const CUSTOM_NAME =
  /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*(\.[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)+$/;

/** Names with a dot belong to extensions, and nobody knows which there may be (`assignable_custom_variable_name`). */
function custom(
  name: string,
  value: string,
): { readonly set: SetParameter } | { readonly problem: ParameterProblem } {
  if (!name.includes('.')) {
    return { problem: { code: '42704', message: `unrecognized configuration parameter "${name}"` } };
  }
  if (CUSTOM_NAME.test(name)) {
    return { set: { name, value } };
  }
  const detail = 'Custom parameter names must be two or more simple identifiers separated by dots.';
  return { problem: { code: '42602', message: `invalid configuration parameter name "${name}"`, detail } };
}

/** Why a client may not set it, whatever the value (`set_config_with_handle`). */
function forbidden({ name, context }: ParameterInfo, superuser: boolean): ParameterValue | undefined {
  switch (context) {
    case 'internal':
      return refused('55P02', `parameter "${name}" cannot be changed`);
    case 'postmaster':
      return refused('55P02', `parameter "${name}" cannot be changed without restarting the server`);
    case 'sighup':
      return refused('55P02', `parameter "${name}" cannot be changed now`);
    case 'superuser':
    case 'superuser-backend':
      return superuser ? undefined : refused('42501', `permission denied to set parameter "${name}"`);
    default:
      return undefined;
  }
}

/** `parse_and_validate_value`. */
function checkedValue(info: ParameterInfo, value: string): ParameterValue {
  switch (info.type) {
    case 'bool':
      return booleanValue(info.name, value);
    case 'enum':
      return enumValue(info, value);
    case 'integer':
    case 'real':
      return numberValue(info, value);
    case 'string':
      return textValue(info.name, value);
  }
}

/** Any beginning of true, false, yes and no, of on and off what is no beginning of both, and a digit (`parse_bool`). */
function booleanValue(name: string, value: string): ParameterValue {
  if (/^(t(r(ue?)?)?|y(es?)?|on|1)$/i.test(value)) return accepted('on');
  if (/^(f(a(l(se?)?)?)?|no?|off?|0)$/i.test(value)) return accepted('off');
  return refused('22023', `parameter "${name}" requires a Boolean value`);
}

/** Values that are taken and not listed: what was a Boolean parameter once, and levels of before. */
const HIDDEN: Readonly<Record<string, string>> = {
  true: 'on',
  yes: 'on',
  1: 'on',
  false: 'off',
  no: 'off',
  0: 'off',
  debug: 'debug2',
  info: 'notice',
  fatal: 'error',
  panic: 'error',
};

/** `config_enum_lookup_by_name`. */
function enumValue({ name, values = [] }: ParameterInfo, value: string): ParameterValue {
  const wanted = value.toLowerCase();
  const found = values.find((known) => known.toLowerCase() === wanted);
  if (found !== undefined) return accepted(found);
  if (Object.hasOwn(HIDDEN, wanted) && values.includes(HIDDEN[wanted])) return accepted(HIDDEN[wanted]);
  return invalidValue(name, value, { hint: `Available values: ${values.join(', ')}.` });
}
