/**
 * The templates of every page. Lit escapes HTML; what it leaves are characters that are not seen, and texts without an end. So each string
 * that is put where text or an attribute's value stands goes through the gate here, and no page imports lit's own templates.
 */
import { html as litHtml, svg as litSvg, type TemplateResult } from 'lit';
import { shownText } from '../model/text';

export function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult {
  return litHtml(strings, ...values.map((value, index) => shown(value, strings[index])));
}

export function svg(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult<2> {
  return litSvg(strings, ...values.map((value, index) => shown(value, strings[index])));
}

/** `.name=` hands a value to a component or an input as it is: whoever draws it has its own template. */
const PROPERTY = /\s\.[\w-]+=["']?$/;

/** @param before the template's text up to the value. */
function shown(value: unknown, before: string): unknown {
  if (typeof value === 'string') return PROPERTY.test(before) ? value : shownText(value);
  if (Array.isArray(value) && value.some((one) => typeof one === 'string') && !PROPERTY.test(before))
    return value.map((one: unknown) => (typeof one === 'string' ? shownText(one) : one));
  return value;
}
