import { workloadId } from '../../model/inventory.ts';
import type { LearnNote, PairSide, PolicyPair, WorkloadRef } from '../../model/pair.ts';
import { seenFrom } from '../../model/pair-scope.ts';
import type { EndpointMatcher, Policy, PolicyRule, PortMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';
import type { Half } from './files.ts';

/** Service accounts of workloads by `namespace/Kind/name`; several where a workload changed its account. */
export type Accounts = ReadonlyMap<string, readonly string[]>;

export interface MeshHalves {
  readonly halves: readonly Half[];
  readonly notes: readonly LearnNote[];
}

/** Where every identity begins that Istio itself hands out; it stands for the mesh's own trust domain. */
const TRUST_DOMAIN = 'cluster.local';
const TCP = 6;

/**
 * The halves as a service mesh can say them: at the servers only, for TCP only, with callers by their identity. A caller
 * whose service account is not known is let in with its whole namespace.
 */
export function meshHalves(halves: readonly Half[], accounts: Accounts): MeshHalves {
  const found: Half[] = [];
  const pairs = new Set<PolicyPair>();
  for (const half of halves) {
    const { pair, policy } = half;
    if (pair) pairs.add(pair);
    const ports = pair && policy.ingress?.rules.flatMap((rule) => rule.ports ?? []).filter(isTcp);
    if (policy.ingress === undefined || ports?.length === 0) continue;
    const from = pair && seenFrom(pair.client, policy.ref.namespace, pair.scope);
    const rules = from && ports ? [callers(from, ports, accounts)] : [];
    found.push(...equalities(policy).map((one) => ({ ...half, policy: mesh(one, rules) })));
  }
  return { halves: found, notes: notesOf([...pairs], accounts) };
}

function isTcp({ protocol }: PortMatcher): boolean {
  return protocol === TCP;
}

function mesh({ egress: _, ...policy }: Policy, rules: readonly PolicyRule[]): Policy {
  return { ...policy, ingress: { isolates: true, rules } };
}

function callers(client: PairSide, ports: readonly PortMatcher[], accounts: Accounts): PolicyRule {
  const members = callersOf(client);
  const principals = members.flatMap((member) => principalsOf(member, accounts));
  const namespaces = members.filter((member) => !accounts.has(workloadId(member))).map(({ namespace }) => namespace);
  const peers: EndpointMatcher[] = [
    ...(principals.length > 0 ? [{ match: 'principal', patterns: distinct(principals) } as const] : []),
    ...(namespaces.length > 0 ? [{ match: 'principalNamespace', patterns: distinct(namespaces) } as const] : []),
    ...client.outside.flatMap((peer) => (peer.peer === 'addresses' ? [blocks(peer)] : [])),
  ];
  return { index: 0, name: '', action: 'allow', peer: { match: 'some', of: peers }, ports };
}

/** Members, and pods that carry no function label. */
function callersOf({ members, outside }: PolicyPair['client']): WorkloadRef[] {
  return [...members, ...outside.flatMap((peer) => (peer.peer === 'pods' ? peer.members : []))];
}

function principalsOf(workload: WorkloadRef, accounts: Accounts): string[] {
  const own = accounts.get(workloadId(workload)) ?? [];
  return own.map((account) => `${TRUST_DOMAIN}/ns/${workload.namespace}/sa/${account}`);
}

function blocks({ cidrs, except }: { readonly cidrs: readonly string[]; readonly except: readonly string[] }) {
  const inside: EndpointMatcher = { match: 'cidr', cidrs, except: [], pods: true };
  if (except.length === 0) return inside;
  const outside: EndpointMatcher = { match: 'not', of: { match: 'cidr', cidrs: except, except: [], pods: true } };
  return { match: 'all', of: [inside, outside] } as const;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText);
}

/** A policy for each combination of values, since Istio selects by equality alone; other selectors are left as they are. */
function equalities(policy: Policy): Policy[] {
  const { subject, ref } = policy;
  if (subject.match !== 'all') return [policy];
  const ways = subject.of.reduce<EndpointMatcher[][]>(
    (before, part) => before.flatMap((one) => singles(part).map((single) => [...one, single])),
    [[]],
  );
  return ways.map((of, index) => ({
    ...policy,
    ref: { ...ref, name: index === 0 ? ref.name : `${ref.name}-or-${index + 1}` },
    subject: { match: 'all', of },
  }));
}

function singles(part: EndpointMatcher): EndpointMatcher[] {
  if (part.match !== 'labels') return [part];
  return products(part.selector).map((selector) => ({ match: 'labels', selector }));
}

function products(selector: Selector): Selector[] {
  if (selector.kind === 'in') return selector.values.map((value) => ({ ...selector, values: [value] }));
  if (selector.kind !== 'and') return [selector];
  const ways = selector.of.reduce<Selector[][]>(
    (before, part) => before.flatMap((one) => products(part).map((single) => [...one, single])),
    [[]],
  );
  return ways.map((of) => ({ kind: 'and', of }));
}

/** What the mesh leaves to others, and where it is wider than what was learned. */
function notesOf(pairs: readonly PolicyPair[], accounts: Accounts): LearnNote[] {
  return [
    ...egressNote(pairs),
    ...protocolNote(pairs),
    ...unknownAccounts(pairs, accounts),
    ...sharedAccounts(pairs, accounts),
  ];
}

function egressNote(pairs: readonly PolicyPair[]): LearnNote[] {
  const clients = pairs.filter(({ client }) => client.members.length > 0).length;
  if (clients === 0) return [];
  const message = `Istio decides at the server alone: the client halves of ${clients} functions are not written.`;
  return [{ rule: 'egress-not-expressible', message, remedy: 'Write a second folder in a dialect of the network.' }];
}

function protocolNote(pairs: readonly PolicyPair[]): LearnNote[] {
  const other = pairs.filter(({ service, ports }) => service.members.length > 0 && !ports.every(isTcp));
  if (other.length === 0) return [];
  const message = `Istio governs TCP only; other protocols stay open: ${namesOf(other.map((one) => one.function))}.`;
  return [{ rule: 'protocol-not-expressible', message, remedy: 'Write a second folder in a dialect of the network.' }];
}

function unknownAccounts(pairs: readonly PolicyPair[], accounts: Accounts): LearnNote[] {
  const members = pairs.filter(({ service }) => service.members.length > 0).flatMap(({ client }) => callersOf(client));
  const unknown = distinct(members.map(workloadId).filter((id) => !accounts.has(id)));
  if (unknown.length === 0) return [];
  const message = `The service accounts of ${namesOf(unknown)} are not known; their whole namespaces are let in.`;
  return [{ rule: 'account-not-known', message, remedy: 'Take an inventory: microwall inventory FILE.' }];
}

/** Whoever runs under the account of a caller is let in with it. */
function sharedAccounts(pairs: readonly PolicyPair[], accounts: Accounts): LearnNote[] {
  const holders = new Map<string, string[]>();
  for (const [id, own] of accounts) {
    const namespace = id.slice(0, id.indexOf('/'));
    for (const account of own)
      holders.set(`${namespace}/${account}`, [...(holders.get(`${namespace}/${account}`) ?? []), id]);
  }
  const shared = pairs.flatMap((pair) => {
    const members = new Set(callersOf(pair.client).map(workloadId));
    const others = [...holders.values()].filter(
      (ids) => ids.some((id) => members.has(id)) && ids.some((id) => !members.has(id)),
    );
    return pair.service.members.length > 0 && others.length > 0 ? [pair.function] : [];
  });
  if (shared.length === 0) return [];
  const message = `Callers share their service account with workloads that do not call: ${namesOf(shared)}.`;
  return [{ rule: 'shared-account', message, remedy: 'Give each workload a service account of its own.' }];
}

const NAMED = 5;

function namesOf(all: readonly string[]): string {
  const rest = all.length - NAMED;
  return all.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
