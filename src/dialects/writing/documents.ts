import type { PolicyRef } from '../../model/policy.ts';
import type { PlainObject } from '../kubernetes/write.ts';

/** A policy that a dialect cannot say, and why. */
export interface Refusal {
  readonly policy: PolicyRef;
  readonly reason: string;
}

export interface WrittenDocuments {
  readonly documents: readonly PlainObject[];
  readonly refusals: readonly Refusal[];
}

/** Leaves the recursion of a writer; the writer turns it into a refusal. */
export class Inexpressible extends Error {}

/** Gives names that no other document has: `web`, `web-2` … */
export class Names {
  readonly #taken = new Set<string>();

  unique(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}-${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** Parts of at most `most` items; one empty part when there are none. */
export function chunks<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += most) parts.push(items.slice(at, at + most));
  return parts.length === 0 ? [[]] : parts;
}
