import type { Learned, OutsidePeer, PairPort, PairSide, PodSelection, PolicyPair } from '../model/pair.ts';
import type { EndpointMatcher, Policy, PolicyRule, Side } from '../model/policy.ts';
import type { Selector } from '../model/selector.ts';
import { compareText } from '../util/compare.ts';

/** A neutral policy with the pair it is a half of. */
export interface HalfPolicy {
  readonly pair: PolicyPair;
  readonly half: 'service' | 'client';
  readonly policy: Policy;
}

/** The stage in which NetworkPolicies are evaluated. */
const STAGE = 'networkpolicy';

/** The halves of all pairs as neutral policies: one for each half, namespace and selector, in order. */
export function toPolicies({ pairs, mode }: Pick<Learned, 'pairs' | 'mode'>): HalfPolicy[] {
  return pairs.flatMap((pair) => [...halves(pair, 'service', mode), ...halves(pair, 'client', mode)]);
}

function halves(pair: PolicyPair, half: 'service' | 'client', mode: Learned['mode']): HalfPolicy[] {
  const own = half === 'service' ? pair.service : pair.client;
  const far = half === 'service' ? pair.client : pair.service;
  const side: Side = half === 'service' ? 'ingress' : 'egress';
  const peers = peersOf(pair, far, { role: half === 'service' ? 'client' : 'service', mode });
  const rule: PolicyRule = {
    index: 0,
    name: '',
    action: 'allow',
    peer: peers.length === 1 && peers[0] ? peers[0] : { match: 'some', of: peers },
    ports: pair.ports.map(toPort),
  };
  return subjectsOf(pair, own, { role: half, mode }).flatMap(({ namespace, selectors }) =>
    selectors.map((selector, i) => {
      const name = `${pair.function}-${half}${i === 0 ? '' : `-${i + 1}`}`;
      const location = { file: `kubernetes/${namespace}.${pair.function}-${half}.yaml`, document: i + 1, line: 0 };
      const policy: Policy = {
        ref: { dialect: 'kubernetes', kind: 'NetworkPolicy', namespace, name, location },
        stage: STAGE,
        order: 0,
        staged: false,
        subject: podsOf([namespace], selector),
        [side]: { isolates: true, rules: [rule] },
      };
      return { pair, half, policy };
    }),
  );
}

function toPort({ protocol, port }: PairPort): { protocol: number; ports: { from: number; to: number }[] } {
  return { protocol, ports: [{ from: port, to: port }] };
}

interface Naming {
  readonly role: 'service' | 'client';
  readonly mode: Learned['mode'];
}

function subjectsOf(pair: PolicyPair, side: PairSide, { role, mode }: Naming): readonly PodSelection[] {
  if (mode === 'selectors') return side.selections;
  return namespacesOf(side).map((namespace) => ({ namespace, selectors: [functionSelector(pair, role)] }));
}

function peersOf(pair: PolicyPair, side: PairSide, { role, mode }: Naming): EndpointMatcher[] {
  const outside = side.outside.flatMap(outsideMatchers);
  if (side.members.length === 0) return outside;
  if (mode === 'labels') return [podsOf(namespacesOf(side), functionSelector(pair, role)), ...outside];
  return [...bySelector(side.selections), ...outside];
}

/** Namespaces that share a selector share a peer. */
function bySelector(selections: readonly PodSelection[]): EndpointMatcher[] {
  const groups = new Map<string, { selector: Selector; namespaces: string[] }>();
  for (const { namespace, selectors } of selections)
    for (const selector of selectors) {
      const key = JSON.stringify(selector);
      const group = groups.get(key) ?? { selector, namespaces: [] };
      group.namespaces.push(namespace);
      groups.set(key, group);
    }
  return [...groups.values()].map(({ selector, namespaces }) => podsOf(namespaces, selector));
}

function outsideMatchers(peer: OutsidePeer): EndpointMatcher[] {
  if (peer.peer === 'pods') return peer.selectors.map((selector) => podsOf([peer.namespace], selector));
  return [{ match: 'cidr', cidrs: peer.cidrs, except: peer.except }];
}

function podsOf(namespaces: readonly string[], selector: Selector): EndpointMatcher {
  return {
    match: 'all',
    of: [
      { match: 'namespaceName', names: namespaces },
      { match: 'labels', selector },
    ],
  };
}

function namespacesOf(side: PairSide): string[] {
  return [...new Set(side.members.map(({ namespace }) => namespace))].sort(compareText);
}

function functionSelector(pair: PolicyPair, role: 'service' | 'client'): Selector {
  return { kind: 'and', of: [{ kind: 'in', key: pair.label, values: [role, 'both'].sort(compareText) }] };
}
