import { parse } from 'yaml';
import type { JsonObject } from '../decode/decoder.ts';
import { object } from '../decode/fields.ts';

/** `kubectl get -o yaml` sorts keys, so an object or a list of them begins with its version. */
const FIRST = Buffer.from('apiVersion: ');
const MARKER = Buffer.from('---\n');
const NEXT = Buffer.from('\n---');

/** Whether a Kubernetes object in YAML begins at `at`, perhaps after a document marker; `more` when bytes are missing. */
export function beginsManifest(bytes: Buffer, at: number): 'yes' | 'no' | 'more' {
  const marked = matches(bytes, at, MARKER);
  return marked === 'yes' ? matches(bytes, at + MARKER.length, FIRST) : either(marked, matches(bytes, at, FIRST));
}

function matches(bytes: Buffer, at: number, wanted: Buffer): 'yes' | 'no' | 'more' {
  const there = Math.min(bytes.length - at, wanted.length);
  if (wanted.compare(bytes, at, at + there, 0, there) !== 0) return 'no';
  return there < wanted.length ? 'more' : 'yes';
}

function either(one: 'no' | 'more', other: 'yes' | 'no' | 'more'): 'yes' | 'no' | 'more' {
  return other === 'no' ? one : other;
}

/** Where the line that ends the document begins, looked for from `from`; -1 when the document goes on. */
export function manifestEnd(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(NEXT, from);
  return found < 0 ? -1 : found + 1;
}

/** The object that a YAML document holds; `undefined` when it is no YAML or holds none. */
export function parseManifest(text: string): JsonObject | undefined {
  try {
    return object(parse(text.startsWith('---') ? text.slice(3) : text, { logLevel: 'error' }) as unknown);
  } catch {
    return undefined;
  }
}
