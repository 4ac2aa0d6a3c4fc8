/** Where in a person's file something stands; lines and documents count from 1, 0 = not known. */
export interface Location {
  readonly file: string;
  readonly document: number;
  readonly line: number;
}

/** Something wrong or noteworthy in input that people wrote. A value, never thrown. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable id in kebab-case, e.g. `unknown-field`. */
  readonly rule: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  readonly location: Location;
}

/** `shop.yaml:12 (document 2)`. */
export function formatLocation(location: Location): string {
  const line = location.line > 0 ? `:${location.line}` : '';
  return `${location.file}${line}${location.document > 1 ? ` (document ${location.document})` : ''}`;
}
