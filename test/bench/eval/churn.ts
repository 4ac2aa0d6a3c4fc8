import type { HalfPolicy } from '../../../src/learn/pairs/to-policies.ts';
import type { PairSide, PolicyPair } from '../../../src/model/pair.ts';
import { productsOf } from '../../../src/model/pair-scope.ts';
import type { EndpointMatcher } from '../../../src/model/policy.ts';
import { protocolName } from '../../../src/model/ports.ts';
import { selects } from '../../../src/model/selector.ts';
import { appendTo } from '../../../src/util/append-to.ts';
import { share } from './scores.ts';

/** A pair as far as churn goes. */
export interface PairState {
  readonly id: string;
  readonly name: string;
  /** Everything that is enforced, as text. */
  readonly text: string;
  /** Tuples that it grants; peers outside stand under their descriptions. */
  readonly grants: ReadonlySet<string>;
  /** Which of some pods its selectors name, as text. */
  readonly names: (pods: readonly Pod[]) => string;
}

/** Pods as selectors see them. */
export interface Pod {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** States of the pairs of one run. */
export function pairStates(halves: readonly HalfPolicy[]): PairState[] {
  const byPair = new Map<PolicyPair, HalfPolicy[]>();
  for (const half of halves) if (half.pair !== undefined) appendTo(byPair, half.pair, half);
  return [...byPair].map(([pair, own]) => ({
    id: pair.id,
    name: pair.function,
    text: own.map(wordsOf).sort().join('\n'),
    grants: grantsOf(pair),
    names: (pods) => namedPods(own, pods),
  }));
}

function wordsOf({ policy: { ref, subject, egress, ingress } }: HalfPolicy): string {
  return JSON.stringify([ref.namespace, ref.name, subject, egress, ingress], (_, value) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

/** By half, the positions of the pods that are its subjects, and of those that are their peers. */
function namedPods(halves: readonly HalfPolicy[], pods: readonly Pod[]): string {
  const named = new Set<string>();
  for (const { half, policy } of halves) {
    const rules = [...(policy.egress?.rules ?? []), ...(policy.ingress?.rules ?? [])];
    pods.forEach((pod, at) => {
      if (names(policy.subject, pod)) named.add(`${half} ${at}`);
      if (rules.some(({ peer }) => names(peer, pod))) named.add(`${half} peer ${at}`);
    });
  }
  return [...named].sort().join();
}

function names(matcher: EndpointMatcher, pod: Pod): boolean {
  switch (matcher.match) {
    case 'all':
      return matcher.of.every((part) => names(part, pod));
    case 'some':
      return matcher.of.some((part) => names(part, pod));
    case 'namespaceName':
      return matcher.names.includes(pod.namespace);
    case 'labels':
      return selects(matcher.selector, pod.labels);
    default:
      return false;
  }
}

function grantsOf(pair: PolicyPair): Set<string> {
  const grants = new Set<string>();
  for (const part of productsOf(pair))
    for (const client of endsOf(part.client))
      for (const server of endsOf(part.service))
        for (const { protocol, port } of pair.ports)
          grants.add(`${client} ${server} ${protocolName(protocol)}/${port}`);
  return grants;
}

function endsOf({ members, outside }: PairSide): string[] {
  return [...members.map(({ namespace, name }) => `${namespace}/${name}`), ...outside.map(({ what }) => what)];
}

export interface Churn {
  readonly pairs: number;
  /**
   * Pairs that grant what they granted before, under another name or in other words, although the words of before would
   * name the same pods.
   */
  readonly gratuitous: readonly string[];
  /** Pairs that grant something else, although nothing new that they grant was observed. */
  readonly unexplained: readonly string[];
  /** Pairs that are still there, and those of them that kept their name. */
  readonly kept: number;
  readonly keptName: number;
}

/**
 * Compares two runs, of which the second saw a day more; `fresh` are the tuples that it trusts and the first did not,
 * `pods` everybody there is by then.
 */
export function compareRuns(
  before: readonly PairState[],
  after: readonly PairState[],
  { fresh, pods }: { readonly fresh: { has(tuple: string): boolean }; readonly pods: readonly Pod[] },
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
    if (same) {
      if (same.name !== state.name || same.names(pods) === state.names(pods)) gratuitous.push(state.name);
    } else if (![...state.grants].some((grant) => fresh.has(grant))) unexplained.push(state.name);
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
