/** Reading of objects that are none of our business to validate: what has another type than expected is not there. */
export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function textMap(value: unknown): Map<string, string> {
  return new Map(Object.entries(fieldsOf(value)).map(([key, label]) => [key, String(label ?? '')]));
}
