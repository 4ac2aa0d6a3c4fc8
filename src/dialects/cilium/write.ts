import type { Policy, PolicyDirection, PolicyRule, PolicySet, Side } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { NETWORK_POLICY_STAGE } from '../stages.ts';
import { Inexpressible, type Refusal, type WrittenDocuments } from '../writing/documents.ts';
import { ENDPOINTS } from './entities.ts';
import { writePeers } from './write-peers.ts';
import { writePorts } from './write-ports.ts';
import { isIn, selectorOf, subjectSelector, type Way, waysOf } from './write-selectors.ts';

export interface CiliumOptions {
  /** Labels and annotations of the written policy. */
  readonly metadata?: (policy: Policy) => WrittenMetadata;
}

/**
 * Writes the policies of the normal stage as `cilium.io/v2`: CiliumNetworkPolicy of a namespace, and otherwise
 * CiliumClusterwideNetworkPolicy. Nothing is approximated but what Cilium means by an address block anyway: the world,
 * never pods or nodes. What Cilium cannot express is refused; so is what a proxy decides, which is kept in words only.
 */
export function writeCilium({ policies }: Pick<PolicySet, 'policies'>, options: CiliumOptions = {}): WrittenDocuments {
  const documents: PlainObject[] = [];
  const refusals: Refusal[] = [];
  const parts = new Map<string, Policy[]>();
  for (const policy of policies) {
    const { dialect, kind, namespace, name } = policy.ref;
    appendTo(parts, `${dialect}\0${kind}\0${namespace}\0${name}`, policy);
  }
  const names = new Set<string>();
  for (const all of parts.values()) {
    const first = all[0] as Policy;
    try {
      documents.push(document(first, { all, names, metadata: options.metadata?.(first) ?? {} }));
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      refusals.push({ policy: first.ref, reason: error.message });
    }
  }
  return { documents, refusals };
}

interface Parts {
  /** Policies of one document, which are its rule sets. */
  readonly all: readonly Policy[];
  readonly names: Set<string>;
  readonly metadata: WrittenMetadata;
}

function document({ ref: { name, namespace } }: Policy, { all, names, metadata }: Parts): PlainObject {
  const sets = all.flatMap((policy) => ruleSets(policy));
  const [only] = sets;
  if (names.has(`${namespace}/${name}`)) throw new Inexpressible(`two policies would both be ${namespace}/${name}`);
  names.add(`${namespace}/${name}`);
  return {
    apiVersion: 'cilium.io/v2',
    kind: namespace === '' ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: { name, ...(namespace !== '' && { namespace }), ...metadata },
    ...(sets.length === 1 && only !== undefined ? { spec: only } : { specs: sets }),
  };
}

/** One rule set for each way in which the subject can match. */
function ruleSets(policy: Policy): PlainObject[] {
  if (policy.stage !== NETWORK_POLICY_STAGE) throw new Inexpressible('Cilium has no ordered tiers');
  if (policy.staged) throw new Inexpressible('Cilium has no staged policies');
  const { namespace } = policy.ref;
  const sections = { ...section(policy, 'ingress', namespace), ...section(policy, 'egress', namespace) };
  const open = Object.entries({ ingress: policy.ingress, egress: policy.egress }).flatMap(([side, one]) =>
    one !== undefined && !one.isolates && one.rules.length > 0 ? [[side, false] as const] : [],
  );
  if (Object.keys(sections).length === 0) throw new Inexpressible('it decides nothing, which Cilium refuses');
  const defaults = open.length > 0 ? { enableDefaultDeny: Object.fromEntries(open) } : {};
  return subjects(policy).map((endpointSelector) => ({ endpointSelector, ...defaults, ...sections }));
}

function subjects({ subject, ref: { namespace } }: Policy): PlainObject[] {
  const everything = JSON.stringify(ENDPOINTS);
  if (namespace === '') {
    if (JSON.stringify(subject) === everything) return [{}];
    const [first, ...rest] = subject.match === 'all' ? subject.of : [];
    if (JSON.stringify(first) === everything) return [excludingOnly(waysOf({ match: 'all', of: rest }))];
  }
  const ways = waysOf(subject);
  if (ways.length === 0) throw new Inexpressible('it selects nothing');
  return ways.map((way) => {
    if (way === 'anything' || !way.pod) throw new Inexpressible('Cilium policies are about pods');
    if (namespace !== '' && !isIn(way, namespace))
      throw new Inexpressible('a CiliumNetworkPolicy selects pods of its own namespace only');
    return subjectSelector(way, namespace);
  });
}

/** Pods, proxies and probes but for the pods that the terms exclude: a selector of negative terms alone. */
function excludingOnly(ways: readonly (Way | 'anything')[]): PlainObject {
  const pods = ways.filter((way): way is Way => way !== 'anything' && way.pod);
  const [only] = pods;
  const others = ways.some((way) => way !== 'anything' && !way.pod);
  if (pods.length !== 1 || !others || !only?.terms.every(({ kind }) => kind === 'not'))
    throw new Inexpressible('Cilium cannot select proxies and these pods in one selector');
  return selectorOf(only.terms);
}

/** X8: a direction that only isolates is one empty entry. */
function section(policy: Policy, side: Side, namespace: string): PlainObject {
  const direction = policy[side];
  if (direction === undefined) return {};
  const entries = (action: 'allow' | 'deny'): PlainObject[] =>
    direction.rules.filter((rule) => rule.action === action).flatMap((rule) => writeRule(rule, side, namespace));
  checkActions(direction);
  const [allows, denies] = [entries('allow'), entries('deny')];
  const isolating = direction.isolates && allows.length === 0 && denies.length === 0;
  return {
    ...((allows.length > 0 || isolating) && { [side]: isolating ? [{}] : allows }),
    ...(denies.length > 0 && { [`${side}Deny`]: denies }),
  };
}

function checkActions({ rules }: PolicyDirection): void {
  const other = rules.find(({ action }) => action === 'pass' || action === 'log');
  if (other !== undefined) throw new Inexpressible(`Cilium has no ${other.action} rules`);
}

function writeRule(rule: PolicyRule, side: Side, namespace: string): PlainObject[] {
  if (rule.conditions?.length)
    throw new Inexpressible(`what a proxy decides is not written: ${rule.conditions.join(', ')}`);
  if (rule.self || rule.notPorts || rule.sourcePorts || rule.notSourcePorts)
    throw new Inexpressible('Cilium rules know peers and destination ports only');
  const peers = writePeers(rule.peer, side, namespace);
  if (rule.action === 'deny' && peers.some((one) => 'toFQDNs' in one))
    throw new Inexpressible('Cilium cannot deny by DNS name');
  return peers.flatMap((peer) => writePorts(rule.ports).map((ports) => ({ ...peer, ...ports })));
}
