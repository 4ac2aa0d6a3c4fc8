import type {
  DefaultDeny,
  FunctionValue,
  IsolatedSide,
  Learned,
  OutsidePeer,
  PairPort,
  PairSide,
  PodSelection,
  PolicyPair,
  WorkloadRef,
} from '../../model/pair.ts';
import { seenFrom } from '../../model/pair-scope.ts';
import type { EndpointMatcher, Policy, PolicyRule, Side } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';

/** A neutral policy with the pair it is a half of; without a pair the default deny of that half's direction, or of both. */
export interface HalfPolicy {
  readonly pair?: PolicyPair;
  readonly half: FunctionValue;
  readonly policy: Policy;
}

/** How peers outside the cluster are named: products differ in what their address blocks mean, and some know names. */
export interface Spelling {
  readonly addresses: (
    peer: Extract<OutsidePeer, { peer: 'addresses' }>,
    role: 'service' | 'client',
  ) => EndpointMatcher;
}

const BY_ADDRESS: Spelling = { addresses: ({ cidrs, except }) => ({ match: 'cidr', cidrs, except }) };

/** The stage in which NetworkPolicies are evaluated. */
const STAGE = 'networkpolicy';

const HALVES = ['service', 'client'] as const;

/**
 * The halves of all pairs, then the default denies, as neutral policies: one for each half, namespace and selector, in
 * order.
 */
export function toPolicies(
  { pairs, defaultDeny, mode }: Pick<Learned, 'pairs' | 'defaultDeny' | 'mode'>,
  spelling: Spelling = BY_ADDRESS,
): HalfPolicy[] {
  return [
    ...pairs.flatMap((pair) => HALVES.flatMap((half) => halves(pair, half, { mode, spelling }))),
    ...(mode === 'labels' ? denialsByLabel(defaultDeny) : denialsBySelector(defaultDeny)),
  ];
}

interface Writing {
  readonly mode: Learned['mode'];
  readonly spelling: Spelling;
}

function halves(pair: PolicyPair, half: 'service' | 'client', { mode, spelling }: Writing): HalfPolicy[] {
  const own = half === 'service' ? pair.service : pair.client;
  const far = half === 'service' ? pair.client : pair.service;
  const both = overlap(pair.service, pair.client);
  const ports = pair.ports.map(toPort);
  const ruleFor = (side: PairSide): PolicyRule => {
    const peers = peersOf(pair, side, { role: half === 'service' ? 'client' : 'service', both, mode, spelling });
    const peer: EndpointMatcher = peers.length === 1 && peers[0] ? peers[0] : { match: 'some', of: peers };
    return { index: 0, name: '', action: 'allow', peer, ports };
  };
  const subjects = subjectsOf(own, pair.label, { role: half, both, mode });
  const given = { name: `${pair.function}-${half}`, half };
  if (pair.scope === undefined) {
    const rules = [ruleFor(far)];
    return isolating(subjects, { ...given, rules }).map((policy) => ({ pair, half, policy }));
  }
  return subjects.flatMap((subject) => {
    const rules = [ruleFor(seenFrom(far, subject.namespace, pair.scope))];
    return isolating([subject], { ...given, rules }).map((policy) => ({ pair, half, policy }));
  });
}

/** Each value of the label has a policy of its own, so that one term names everybody. */
function denialsByLabel({ label, ingress, egress }: DefaultDeny): HalfPolicy[] {
  const [called, calling] = [new Set(ingress.members), new Set(egress.members)];
  const members: Readonly<Record<FunctionValue, readonly WorkloadRef[]>> = {
    both: ingress.members.filter((member) => calling.has(member)),
    service: ingress.members.filter((member) => !calling.has(member)),
    client: egress.members.filter((member) => !called.has(member)),
  };
  return (['both', 'service', 'client'] as const).flatMap((half) => {
    const selector: Selector = { kind: 'and', of: [{ kind: 'in', key: label, values: [half] }] };
    return denials(half, selectEach(namespacesOf(members[half]), selector));
  });
}

function denialsBySelector({ ingress, egress }: DefaultDeny): HalfPolicy[] {
  return [...denials('service', ingress.selections), ...denials('client', egress.selections)];
}

function denials(half: FunctionValue, subjects: readonly PodSelection[]): HalfPolicy[] {
  const name = half === 'both' ? 'default-deny' : `default-deny-${sideOf(half)}`;
  return isolating(subjects, { name, half, rules: [] }).map((policy) => ({ half, policy }));
}

function selectEach(namespaces: readonly string[], selector: Selector): PodSelection[] {
  return namespaces.map((namespace) => ({ namespace, selectors: [selector] }));
}

function sideOf(half: 'service' | 'client'): Side {
  return half === 'service' ? 'ingress' : 'egress';
}

function sidesOf(half: FunctionValue): readonly Side[] {
  return half === 'both' ? ['egress', 'ingress'] : [sideOf(half)];
}

/** One policy for each selector, numbered from the second on. */
function isolating(
  subjects: readonly PodSelection[],
  given: { readonly name: string; readonly half: FunctionValue; readonly rules: readonly PolicyRule[] },
): Policy[] {
  return subjects.flatMap(({ namespace, selectors }) =>
    selectors.map((selector, i): Policy => {
      const name = `${given.name}${i === 0 ? '' : `-${i + 1}`}`;
      const location = { file: `kubernetes/${namespace}.${given.name}.yaml`, document: i + 1, line: 0 };
      return {
        ref: { dialect: 'kubernetes', kind: 'NetworkPolicy', namespace, name, location },
        stage: STAGE,
        order: 0,
        staged: false,
        subject: podsOf([namespace], selector),
        ...Object.fromEntries(sidesOf(given.half).map((side) => [side, { isolates: true, rules: given.rules }])),
      };
    }),
  );
}

function toPort({ protocol, port }: PairPort): { protocol: number; ports: { from: number; to: number }[] } {
  return { protocol, ports: [{ from: port, to: port }] };
}

interface Naming {
  readonly role: 'service' | 'client';
  /** Some workload is on both sides. */
  readonly both: boolean;
  readonly mode: Learned['mode'];
}

function subjectsOf(side: IsolatedSide, label: string, { role, both, mode }: Naming): readonly PodSelection[] {
  if (mode === 'selectors') return side.selections;
  return selectEach(namespacesOf(side.members), functionSelector(label, role, both));
}

function peersOf(
  pair: PolicyPair,
  side: PairSide,
  { role, both, mode, spelling }: Naming & Writing,
): EndpointMatcher[] {
  const outside = side.outside.flatMap((peer) => outsideMatchers(peer, role, spelling));
  if (side.members.length === 0) return outside;
  if (mode === 'labels')
    return [podsOf(namespacesOf(side.members), functionSelector(pair.label, role, both)), ...outside];
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

function outsideMatchers(peer: OutsidePeer, role: 'service' | 'client', spelling: Spelling): EndpointMatcher[] {
  if (peer.peer === 'pods') return peer.selectors.map((selector) => podsOf([peer.namespace], selector));
  return [spelling.addresses(peer, role)];
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

function namespacesOf(members: readonly WorkloadRef[]): string[] {
  return [...new Set(members.map(({ namespace }) => namespace))].sort(compareText);
}

function overlap(a: IsolatedSide, b: IsolatedSide): boolean {
  const members = new Set(a.members);
  return b.members.some((member) => members.has(member));
}

/** The value `both` is only spoken of where somebody carries it: most policies then read `cart: client`. */
function functionSelector(label: string, role: 'service' | 'client', both: boolean): Selector {
  const values = both ? [role, 'both'].sort(compareText) : [role];
  return { kind: 'and', of: [{ kind: 'in', key: label, values }] };
}
