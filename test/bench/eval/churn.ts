import type { HalfPolicy } from '../../../src/learn/to-policies.ts';
import type { PairSide, PolicyPair } from '../../../src/model/pair.ts';
import { protocolName } from '../../../src/model/ports.ts';
import { share } from './scores.ts';

/** A pair as far as churn goes. */
export interface PairState {
  readonly id: string;
  readonly name: string;
  /** Everything that is enforced, as text. */
  readonly text: string;
  /** Tuples that it grants; peers outside stand under their descriptions. */
  readonly grants: ReadonlySet<string>;
}

/** States of the pairs of one run. */
export function pairStates(halves: readonly HalfPolicy[]): PairState[] {
  const texts = new Map<PolicyPair, string[]>();
  for (const { pair, policy } of halves) {
    if (pair === undefined) continue;
    const { ref, subject, egress, ingress } = policy;
    const text = JSON.stringify([ref.namespace, ref.name, subject, egress, ingress], (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
    texts.set(pair, [...(texts.get(pair) ?? []), text]);
  }
  return [...texts].map(([pair, list]) => ({
    id: pair.id,
    name: pair.function,
    text: list.sort().join('\n'),
    grants: grantsOf(pair),
  }));
}

function grantsOf(pair: PolicyPair): Set<string> {
  const grants = new Set<string>();
  for (const client of endsOf(pair.client))
    for (const server of endsOf(pair.service))
      for (const { protocol, port } of pair.ports) grants.add(`${client} ${server} ${protocolName(protocol)}/${port}`);
  return grants;
}

function endsOf({ members, outside }: PairSide): string[] {
  return [...members.map(({ namespace, name }) => `${namespace}/${name}`), ...outside.map(({ what }) => what)];
}

export interface Churn {
  readonly pairs: number;
  /** Pairs that grant what they granted before, under another name or in other words. */
  readonly gratuitous: readonly string[];
  /** Pairs that grant something else, although nothing new that they grant was observed. */
  readonly unexplained: readonly string[];
  /** Pairs that are still there, and those of them that kept their name. */
  readonly kept: number;
  readonly keptName: number;
}

/** Compares two runs, of which the second saw a day more; `fresh` are the tuples that it trusts and the first did not. */
export function compareRuns(
  before: readonly PairState[],
  after: readonly PairState[],
  fresh: { has(tuple: string): boolean },
): Churn {
  const byGrants = new Map(before.map((state) => [grantsKey(state), state]));
  const byId = new Map(before.map((state) => [state.id, state]));
  const texts = new Set(before.map(({ text }) => text));
  const gratuitous: string[] = [];
  const unexplained: string[] = [];
  let kept = 0;
  let keptName = 0;
  for (const state of after) {
    const same = byGrants.get(grantsKey(state));
    const old = same ?? byId.get(state.id);
    if (old) kept++;
    if (old?.name === state.name) keptName++;
    if (texts.has(state.text)) continue;
    if (same) gratuitous.push(state.name);
    else if (![...state.grants].some((grant) => fresh.has(grant))) unexplained.push(state.name);
  }
  return { pairs: after.length, gratuitous, unexplained, kept, keptName };
}

function grantsKey({ grants }: PairState): string {
  return [...grants].sort().join('\n');
}

/** Churn of a whole series of runs. */
export function sumChurn(list: readonly Churn[]): {
  readonly gratuitous: number;
  readonly perDay: number | undefined;
  readonly namesKept: number | undefined;
} {
  const sum = (value: (churn: Churn) => number) => list.reduce((total, churn) => total + value(churn), 0);
  return {
    gratuitous: sum(({ gratuitous }) => gratuitous.length),
    perDay: share(
      sum(({ unexplained }) => unexplained.length),
      sum(({ pairs }) => pairs),
    ),
    namesKept: share(
      sum(({ keptName }) => keptName),
      sum(({ kept }) => kept),
    ),
  };
}
