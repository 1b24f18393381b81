import type { Field } from '../../trace/model';

/** One visible row of the field tree. */
export interface FieldRow {
  /** Position from the root, such as `2.0`: stable while the step is the same. */
  readonly path: string;
  readonly field: Field;
  /** From 1, as `aria-level` counts. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** The visible rows, in order: children of collapsed fields are left out. */
export function fieldRows(fields: readonly Field[], collapsed: ReadonlySet<string>): FieldRow[] {
  const rows: FieldRow[] = [];
  const visit = (list: readonly Field[], level: number, prefix: string): void => {
    list.forEach((field, at) => {
      const path = `${prefix}${at}`;
      const expandable = (field.fields?.length ?? 0) > 0;
      const expanded = expandable && !collapsed.has(path);
      rows.push({ path, field, level, position: at + 1, siblings: list.length, expandable, expanded });
      if (expanded) visit(field.fields ?? [], level + 1, `${path}.`);
    });
  };
  visit(fields, 1, '');
  return rows;
}

/** The path of the parent, null at the root. */
export function parentPath(path: string): string | null {
  const at = path.lastIndexOf('.');
  return at < 0 ? null : path.slice(0, at);
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where the field's bytes are, or null when it has none (derived values). */
export function fieldRange(field: Field): ByteRange | null {
  if (field.offset === undefined || !field.length) return null;
  return { start: field.offset, end: field.offset + field.length };
}

/** Whether anything in the tree is masked. */
export function hasSecret(fields: readonly Field[]): boolean {
  return fields.some((field) => field.secret === true || hasSecret(field.fields ?? []));
}

/**
 * Byte ranges of secret fields. A secret without a place of its own takes its nearest placed ancestor's range: hiding too
 * much is the safe mistake.
 */
export function secretRanges(fields: readonly Field[]): ByteRange[] {
  const ranges: ByteRange[] = [];
  const visit = (list: readonly Field[], around: ByteRange | null): void => {
    for (const field of list) {
      const own = fieldRange(field) ?? around;
      if (field.secret) {
        ranges.push(own ?? { start: 0, end: Number.MAX_SAFE_INTEGER });
      } else if (field.fields) visit(field.fields, own);
    }
  };
  visit(fields, null);
  return ranges;
}

/** The innermost visible row whose bytes hold `offset`, as an index into `rows`; -1 for none. */
export function rowAtOffset(rows: readonly FieldRow[], offset: number): number {
  let best = -1;
  let size = Number.POSITIVE_INFINITY;
  rows.forEach((row, at) => {
    const range = fieldRange(row.field);
    if (!range || offset < range.start || offset >= range.end) return;
    if (range.end - range.start <= size) {
      best = at;
      size = range.end - range.start;
    }
  });
  return best;
}
