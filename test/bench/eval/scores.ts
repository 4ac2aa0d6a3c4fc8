import { appendTo } from '../../../src/util/append-to.ts';

/** Part of a whole; `undefined` when there is no whole to speak of. */
export function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

export function intersection<T>(a: Iterable<T>, b: { has(value: T): boolean }): T[] {
  return [...a].filter((value) => b.has(value));
}

export function difference<T>(a: Iterable<T>, b: { has(value: T): boolean }): T[] {
  return [...a].filter((value) => !b.has(value));
}

/** How well a set of granted tuples fits what is needed (learning metrics, section c). */
export interface TupleScores {
  /** Granted tuples that are needed, of all granted. */
  readonly precision: number | undefined;
  /** Needed tuples that are granted, of all needed. */
  readonly recall: number | undefined;
  /** The same of those that were seen while learning. */
  readonly recallSeen: number | undefined;
  /** The same of those whose client has several replicas. */
  readonly recallReplicated: number | undefined;
  /** 1 − granted of all that could be granted. */
  readonly surfaceReduction: number | undefined;
}

export interface TupleQuestion {
  readonly granted: ReadonlySet<string>;
  readonly needed: ReadonlySet<string>;
  /** Needed tuples whose client has several replicas. */
  readonly replicated: ReadonlySet<string>;
  /** Tuples that are neither right nor wrong: attacks with as much evidence as an application has. */
  readonly undecidable: { has(tuple: string): boolean };
  readonly seen: { has(tuple: string): boolean };
  readonly grantable: number;
}

export function scoreTuples(question: TupleQuestion): TupleScores {
  const { granted, needed, replicated, seen, grantable } = question;
  const right = intersection(granted, needed);
  const decidable = difference(granted, question.undecidable);
  const recallOf = (wanted: readonly string[]) => share(intersection(wanted, granted).length, wanted.length);
  const surface = share(granted.size, grantable);
  return {
    precision: share(right.length, decidable.length),
    recall: share(right.length, needed.size),
    recallSeen: recallOf(intersection(needed, seen)),
    recallReplicated: recallOf(intersection(replicated, seen)),
    surfaceReduction: surface === undefined ? undefined : 1 - surface,
  };
}

/** Tuples of each attack that are granted, of all that it tried and that nothing needs; attacks without any are left out. */
export function scoreAttacks(
  granted: ReadonlySet<string>,
  attacks: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const [id, tuples] of attacks) {
    const admitted = share(intersection(tuples, granted).length, tuples.size);
    if (admitted !== undefined) shares.set(id, admitted);
  }
  return shares;
}

/** Granted tuples that were not trusted, of all granted: what generalising added. */
export function overGrant(granted: readonly string[], trusted: ReadonlySet<string>): number {
  return share(difference(granted, trusted).length, granted.length) ?? 0;
}

/** The same of the single port of a server that was opened furthest, apart for what a platform offers to everybody. */
export interface Widest {
  readonly platform: number;
  readonly other: number;
}

export function widestOverGrant(
  granted: readonly string[],
  { trusted, isPlatform }: { readonly trusted: ReadonlySet<string>; readonly isPlatform: (port: string) => boolean },
): Widest {
  const doors = new Map<string, string[]>();
  for (const tuple of granted) appendTo(doors, tuple.slice(tuple.indexOf(' ') + 1), tuple);
  const most = (platform: boolean): number =>
    Math.max(
      0,
      ...[...doors].flatMap(([door, tuples]) =>
        isPlatform(door.slice(door.indexOf(' ') + 1)) === platform ? [overGrant(tuples, trusted)] : [],
      ),
    );
  return { platform: most(true), other: most(false) };
}

/** What is missing of full recall, as far as another rule leaves it open, and this one closes it; 1 = all of it. */
export function distanceClosed(recall: number, other: number): number {
  return other >= 1 ? 1 : (recall - other) / (1 - other);
}
