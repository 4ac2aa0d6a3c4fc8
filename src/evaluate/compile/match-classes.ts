import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { appendTo } from '../../util/append-to.ts';
import { type End, matchEndpoint, type Question } from '../match/endpoint.ts';
import type { Facts } from '../match/facts.ts';
import { MAYBE, NO, type Truth, YES } from '../match/truth.ts';
import { certain, complement, emptyBits, intersection, setBit, type TruthSet, union } from './truth-set.ts';

type Rules = Pick<Question, 'ipBlockMatchesPods' | 'ipBlockMatchesNodes' | 'cells'>;

/**
 * Answers a matcher for a whole batch of endpoints at once, where `matchEndpoint` answers for one. Labels come from an
 * inverted index; all other atoms depend only on the *place* of an endpoint (kind, namespace, account, address cell),
 * of which there are few, and are asked once per place.
 */
export class ClassMatcher {
  readonly #size: number;
  readonly #facts: readonly Facts[];
  readonly #places: ReadonlyMap<string, readonly number[]>;
  readonly #values = new Map<string, Map<string, number[]>>();
  readonly #unlabelled: readonly number[];
  readonly #pods: TruthSet;
  readonly #memo = new Map<string, TruthSet>();
  readonly #rules: Rules;

  constructor(facts: readonly Facts[], rules: Rules) {
    this.#size = facts.length;
    this.#facts = facts;
    this.#rules = rules;
    this.#places = groupIndexes(facts, placeOf);
    this.#unlabelled = facts.flatMap(({ labels }, index) => (labels === undefined ? [index] : []));
    for (const [index, { labels }] of facts.entries()) {
      for (const [key, value] of labels ?? []) this.#addValue(key, value, index);
    }
    this.#pods = this.match({ match: 'pod' });
  }

  #addValue(key: string, value: string, index: number): void {
    const values = this.#values.get(key) ?? new Map<string, number[]>();
    this.#values.set(key, values);
    appendTo(values, value, index);
  }

  /** The members that satisfy the matcher. Many rules name the same peers, so each is answered once. */
  match(matcher: EndpointMatcher): TruthSet {
    return this.#remember(JSON.stringify(matcher), () => this.#match(matcher));
  }

  #match(matcher: EndpointMatcher): TruthSet {
    switch (matcher.match) {
      case 'all':
        return this.#fold(
          matcher.of.map((part) => this.match(part)),
          intersection,
          true,
        );
      case 'some':
        return this.#fold(
          matcher.of.map((part) => this.match(part)),
          union,
          false,
        );
      case 'not':
        return complement(this.match(matcher.of));
      case 'labels':
        return intersection(this.#pods, this.#select(matcher.selector));
      default:
        return this.#askPlaces(matcher);
    }
  }

  #fold(sets: readonly TruthSet[], combine: (a: TruthSet, b: TruthSet) => TruthSet, empty: boolean): TruthSet {
    const [first, ...rest] = sets;
    return first === undefined ? this.#constant(empty) : rest.reduce(combine, first);
  }

  #constant(value: boolean): TruthSet {
    const bits = emptyBits(this.#size);
    return certain(value ? bits.fill(0xffffffff) : bits);
  }

  #remember(key: string, create: () => TruthSet): TruthSet {
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const created = create();
    this.#memo.set(key, created);
    return created;
  }

  #askPlaces(matcher: EndpointMatcher): TruthSet {
    const found: Record<Truth, (readonly number[])[]> = { [NO]: [], [MAYBE]: [], [YES]: [] };
    for (const members of this.#places.values()) {
      const facts = this.#facts[members[0] as number] as Facts;
      const end: End = { facts, endpoint: facts.endpoint, addresses: [], names: [] };
      const question = { end, other: undefined, ...this.#rules, missing: undefined };
      found[matchEndpoint(matcher, question)].push(members);
    }
    return this.#setOf(found[YES], found[MAYBE]);
  }

  #setOf(sure: readonly (readonly number[])[], open: readonly (readonly number[])[]): TruthSet {
    const bits = emptyBits(this.#size);
    for (const members of sure) for (const index of members) setBit(bits, index);
    if (open.every((members) => members.length === 0)) return certain(bits);
    const possible = bits.slice();
    for (const members of open) for (const index of members) setBit(possible, index);
    return { sure: bits, possible };
  }

  #select(selector: Selector): TruthSet {
    switch (selector.kind) {
      case 'and':
        return this.#fold(
          selector.of.map((part) => this.#select(part)),
          intersection,
          true,
        );
      case 'or':
        return this.#fold(
          selector.of.map((part) => this.#select(part)),
          union,
          false,
        );
      case 'not':
        return complement(this.#select(selector.of));
      default:
        return this.#remember(JSON.stringify(selector), () => this.#setOf(this.#holders(selector), [this.#unlabelled]));
    }
  }

  /** Members whose labels satisfy one comparison, as lists to be joined. */
  #holders(selector: Exclude<Selector, { kind: 'and' | 'or' | 'not' }>): (readonly number[])[] {
    const values = this.#values.get(selector.key);
    if (values === undefined) return [];
    switch (selector.kind) {
      case 'has':
        return [...values.values()];
      case 'in':
        return selector.values.flatMap((value) => [values.get(value) ?? []]);
      default: {
        const { kind, value } = selector;
        const test = { contains: 'includes', startsWith: 'startsWith', endsWith: 'endsWith' } as const;
        return [...values].flatMap(([text, members]) => (text[test[kind]](value) ? [members] : []));
      }
    }
  }
}

function placeOf({ endpoint, pod, serviceAccount = '', principal = '?', range }: Facts): string {
  const { cluster, kind, namespace, peer } = endpoint;
  const who = pod === NO ? peer : serviceAccount;
  return `${kind}\0${cluster}\0${namespace}\0${who}\0${principal}\0${range?.from ?? ''}\0${range?.to ?? ''}`;
}

function groupIndexes<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, item] of items.entries()) appendTo(groups, keyOf(item), index);
  return groups;
}
