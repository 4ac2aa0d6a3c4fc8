import type { EndpointMatcher, Policy, PolicyRule, PolicySet, Side } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { Inexpressible, Names, type Refusal, type WrittenDocuments } from '../writing/documents.ts';
import { type Limits, prioritiesOf } from '../writing/priorities.ts';
import { type Turn, turnsOf } from '../writing/turns.ts';
import { BUILT_IN_TIERS } from './tiers.ts';
import { isOfNamespace, type WriteScope, writeAppliedTo, writePeers } from './write-peers.ts';
import { writePorts } from './write-ports.ts';
import { type TierPlan, tierPlans } from './write-tiers.ts';

export interface AntreaOptions {
  /** Labels and annotations of the written policy. */
  readonly metadata?: (policy: Policy) => WrittenMetadata;
}

const API_VERSION = 'crd.antrea.io/v1beta1';
/** N3; orders of other dialects begin at 0. */
const PRIORITIES: Limits = { least: 1, most: 10_000, whole: false, shift: 0 };

/**
 * Writes policies as Antrea's own: of the namespace where they are about its pods only, else of the cluster. Antrea does
 * not isolate, so what isolates ends in a Drop of everything (N6). Nothing is approximated.
 */
export function writeAntrea(set: PolicySet, options: AntreaOptions = {}): WrittenDocuments {
  const names = new Names();
  const refusals: Refusal[] = [];
  const tiers: PlainObject[] = [];
  const documents: PlainObject[] = [];
  for (const plan of tierPlans(set)) {
    const contents = contentsOf(plan, { set, options, names, refusals });
    const [least] = contents.map(({ turn }) => turn.policy.order).sort((a, b) => a - b);
    const shift = least !== undefined && least < 1 && least >= 0 ? 1 : 0;
    const priorities = prioritiesOf(contents, { ...PRIORITIES, shift });
    if (priorities === undefined) {
      const policies = new Set(contents.map(({ turn }) => turn.policy.ref));
      const reason = `there are more policies than priorities in tier ${plan.tier}`;
      refusals.push(...[...policies].map((policy) => ({ policy, reason })));
      continue;
    }
    if (contents.length > 0 && !BUILT_IN_TIERS.has(plan.tier)) tiers.push(tierDocument(plan));
    documents.push(...contents.map((one, index) => one.document(priorities[index] as number)));
  }
  return { documents: [...tiers, ...documents], refusals };
}

function tierDocument({ tier, number }: TierPlan): PlainObject {
  return { apiVersion: API_VERSION, kind: 'Tier', metadata: { name: tier }, spec: { priority: number } };
}

interface Task {
  readonly set: PolicySet;
  readonly options: AntreaOptions;
  readonly names: Names;
  readonly refusals: Refusal[];
}

interface Content {
  readonly turn: Turn;
  document(priority: number): PlainObject;
}

function contentsOf(plan: TierPlan, task: Task): Content[] {
  const members = task.set.policies.filter(({ stage }) => stage === plan.stage.name);
  const refused = new Set<Policy>();
  const refuse = (policy: Policy, reason: string): void => {
    refused.add(policy);
    task.refusals.push({ policy: policy.ref, reason });
  };
  for (const policy of members) {
    if (plan.refusal !== undefined) refuse(policy, plan.refusal);
    else if (policy.staged) refuse(policy, 'there is no way to stage a policy');
  }
  const turns = turnsOf(
    plan.stage,
    members.filter((policy) => !refused.has(policy)),
  );
  const written = turns.flatMap((turn) => {
    if (refused.has(turn.policy)) return [];
    try {
      return contents(turn, plan, task);
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      refuse(turn.policy, error.message);
      return [];
    }
  });
  return written.filter(({ turn }) => !refused.has(turn.policy));
}

/** None when the policy selects nothing at all. */
function contents(turn: Turn, plan: TierPlan, { set, options, names }: Task): Content[] {
  const { policy } = turn;
  const { namespace: home, name: given } = policy.ref;
  const rules = [...(turn.ingress ?? []), ...(turn.egress ?? [])];
  if (plan.passRefusal !== undefined && rules.some(({ action }) => action === 'pass')) {
    throw new Inexpressible(plan.passRefusal);
  }
  const { scope, spec } = scopedSpec(turn, set.profile.ipBlockMatchesPods);
  if (spec === undefined) return [];
  const { namespace } = scope;
  const suffix = turn.part === 'rules' ? '' : `-${turn.part === 'denies' ? 'deny' : 'default-deny'}`;
  const base = `${namespace === home ? '' : `${home}-`}${given}${suffix}`;
  const name = names.unique(`${namespace}/${base}`).slice(namespace.length + 1);
  const metadata = { name, ...(namespace !== '' && { namespace }), ...options.metadata?.(policy) };
  const kind = namespace === '' ? 'ClusterNetworkPolicy' : 'NetworkPolicy';
  const document = (priority: number): PlainObject => ({
    apiVersion: API_VERSION,
    kind,
    metadata,
    spec: { tier: plan.tier, priority, ...spec },
  });
  return [{ turn, document }];
}

/** A policy of its namespace where it can be one, else of the cluster. */
function scopedSpec(turn: Turn, ipBlockMatchesPods: boolean) {
  const { subject, ref } = turn.policy;
  const cluster: WriteScope = { namespace: '', ipBlockMatchesPods, keys: labelKeys(subject) };
  const inside: WriteScope = { ...cluster, namespace: ref.namespace };
  if (ref.namespace !== '' && isOfNamespace(subject, inside)) {
    try {
      return { scope: inside, spec: writeSpec(turn, inside) };
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
    }
  }
  return { scope: cluster, spec: writeSpec(turn, cluster) };
}

function writeSpec(turn: Turn, scope: WriteScope): PlainObject | undefined {
  const perRule = [...(turn.ingress ?? []), ...(turn.egress ?? [])].some(({ self }) => self !== undefined);
  const appliedTo = writeAppliedTo(turn.policy.subject, scope);
  if (appliedTo.length === 0) return undefined;
  const rules = { ...written('ingress', turn, { scope, perRule }), ...written('egress', turn, { scope, perRule }) };
  const nobody = perRule && Object.keys(rules).length === 0;
  return { ...((!perRule || nobody) && { appliedTo }), ...rules };
}

interface RuleScope {
  readonly scope: WriteScope;
  /** Every rule says itself what it is applied to. */
  readonly perRule: boolean;
}

/** N4: a name can be used once in a policy. */
function written(side: Side, turn: Turn, at: RuleScope): PlainObject {
  const used = new Set(side === 'egress' ? turn.ingress?.map(({ name }) => name) : []);
  const rules = (turn[side] ?? []).flatMap((rule) => {
    const named = rule.name !== '' && !used.has(rule.name);
    used.add(rule.name);
    return writeRule(rule, side, { ...at, subject: turn.policy.subject }).map((one) => ({
      ...(named && { name: rule.name }),
      ...one,
    }));
  });
  return rules.length > 0 ? { [side]: rules } : {};
}

const ACTIONS: Partial<Record<PolicyRule['action'], string>> = { allow: 'Allow', deny: 'Drop', pass: 'Pass' };

function writeRule(
  rule: PolicyRule,
  side: Side,
  { scope, perRule, subject }: RuleScope & { readonly subject: EndpointMatcher },
): readonly PlainObject[] {
  const action = ACTIONS[rule.action];
  if (action === undefined) throw new Inexpressible(`there are no ${rule.action} rules`);
  if (rule.conditions?.length) throw new Inexpressible(`its rules cannot ask for "${rule.conditions.join(', ')}"`);
  const peers = writePeers(rule.peer, side, scope);
  const ports = writePorts(rule);
  if (peers?.length === 0 || ports === undefined) return [];
  if (peers && ports.protocols?.some((one) => 'igmp' in one)) throw new Inexpressible('IGMP cannot have peers');
  const both: EndpointMatcher = rule.self ? { match: 'all', of: [subject, rule.self] } : subject;
  const appliedTo = perRule ? writeAppliedTo(both, scope) : undefined;
  if (appliedTo?.length === 0) return [];
  return [
    {
      action,
      ...(appliedTo && { appliedTo }),
      ...(peers && { [side === 'ingress' ? 'from' : 'to']: peers }),
      ...ports,
    },
  ];
}

/** Label keys that the namespaces of all subjects have. */
function labelKeys(matcher: EndpointMatcher): ReadonlySet<string> {
  if (matcher.match === 'namespaceLabels') return keysOf(matcher.selector);
  if (matcher.match === 'all') return new Set(matcher.of.flatMap((part) => [...labelKeys(part)]));
  return new Set();
}

function keysOf(selector: Selector): ReadonlySet<string> {
  if (selector.kind === 'and') return new Set(selector.of.flatMap((part) => [...keysOf(part)]));
  return new Set(selector.kind === 'has' || selector.kind === 'in' ? [selector.key] : []);
}
