import type { Policy, PolicyDirection, PolicyRef, PolicySet, Side, Stage } from '../../model/policy.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { Inexpressible } from './selector-text.ts';
import { type CalicoTier, DEFAULT_TIER } from './tiers.ts';
import { allOf, impliedSelector, isAboutPods, podParts } from './write-pods.ts';
import { writeRule } from './write-rule.ts';
import { inTier, type TierPlan, tierPlans } from './write-tiers.ts';

export interface CalicoOptions {
  /** Write all policies as their Staged kinds, which Calico evaluates and never enforces. */
  readonly staged?: boolean;
  /** Labels and annotations of the written policy. */
  readonly metadata?: (policy: Policy) => WrittenMetadata;
}

/** A policy that Calico cannot say, and why. */
export interface Refusal {
  readonly policy: PolicyRef;
  readonly reason: string;
}

export interface WrittenDocuments {
  /** Tiers first, then policies in the order given. */
  readonly documents: readonly PlainObject[];
  readonly refusals: readonly Refusal[];
}

const API_VERSION = 'projectcalico.org/v3';

/**
 * Writes policies of any dialect as Calico v3. Stages become tiers; NetworkPolicies go where Calico itself puts them,
 * into the default tier at order 1000. Nothing is approximated: what Calico cannot express is refused. Selectors mean
 * pods; a network set that carries the labels of a workload would count as one, as everywhere in Calico.
 */
export function writeCalico(set: PolicySet, options: CalicoOptions = {}): WrittenDocuments {
  const plans = tierPlans(set);
  const refusals: Refusal[] = [];
  const documents = new Map<string, PlainObject>();
  const used = new Set<CalicoTier>();
  for (const policy of set.policies) {
    try {
      const { key, plan, document } = writePolicy(policy, { set, plans, options });
      if (documents.has(key)) throw new Inexpressible(`two policies would both be ${key}`);
      documents.set(key, document);
      used.add(plan.tier);
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      refusals.push({ policy: policy.ref, reason: error.message });
    }
  }
  const tiers = [...plans.values()].filter(({ tier, builtIn }) => !builtIn && used.has(tier));
  return { documents: [...tiers.map(({ tier }) => tierDocument(tier)), ...documents.values()], refusals };
}

function tierDocument({ name, order, defaultAction }: CalicoTier): PlainObject {
  const spec = { ...(order !== undefined && { order }), defaultAction };
  return { apiVersion: API_VERSION, kind: 'Tier', metadata: { name }, spec };
}

interface World {
  readonly set: PolicySet;
  readonly plans: ReadonlyMap<Stage['name'], TierPlan>;
  readonly options: CalicoOptions;
}

function writePolicy(policy: Policy, { set, plans, options }: World) {
  const plan = inTier(policy, plans);
  const { tier } = plan;
  const { namespace } = policy.ref;
  const staged = options.staged === true || policy.staged;
  const kind = `${staged ? 'Staged' : ''}${namespace === '' ? 'Global' : ''}NetworkPolicy`;
  const name = prefixed(policy.ref.name, tier.name);
  const scope = { namespace, ipBlockMatchesPods: set.profile.ipBlockMatchesPods };
  const rules = (side: Side, { rules: all }: PolicyDirection) => all.flatMap((rule) => writeRule(rule, side, scope));
  const document: PlainObject = {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, ...(namespace !== '' && { namespace }), ...options.metadata?.(policy) },
    spec: {
      tier: tier.name,
      ...orderField(plan.orderOf(policy)),
      ...subjectFields(policy),
      types: [...(policy.ingress ? ['Ingress'] : []), ...(policy.egress ? ['Egress'] : [])],
      ...(policy.ingress && { ingress: rules('ingress', policy.ingress) }),
      ...(policy.egress && { egress: rules('egress', policy.egress) }),
      ...(staged && { stagedAction: 'Set' }),
    },
  };
  return { key: `${kind} ${namespace}/${name}`, plan, document };
}

/** P11: releases before 3.30 insist on the name of the tier, and none objects to it. */
function prefixed(name: string, tier: string): string {
  return tier === DEFAULT_TIER || name.startsWith(`${tier}.`) ? name : `${tier}.${name}`;
}

function orderField(order: number): PlainObject {
  return Number.isFinite(order) ? { order } : {};
}

/** P12, P13. */
function subjectFields({ subject, ref: { namespace } }: Policy): PlainObject {
  const about = subject.match === 'anything' || isAboutPods(subject);
  if (!about) throw new Inexpressible(`Calico cannot select pods by "${subject.match}"`);
  const { names, namespaces, labels, accountNames, accounts } = podParts([subject]);
  const home = namespace !== '' && names?.every((name) => name === namespace) === true;
  if (namespace !== '' && !home) throw new Inexpressible('a NetworkPolicy selects pods of its own namespace only');
  if (namespace !== '' && namespaces.length > 0) {
    throw new Inexpressible('a NetworkPolicy cannot ask for labels of its namespace');
  }
  const selectors = [
    ...(names && !(home && names.length > 0) ? [impliedSelector({ match: 'namespaceName', names })] : []),
    ...(accountNames ? [impliedSelector({ match: 'serviceAccount', names: accountNames })] : []),
    ...labels,
  ];
  return {
    selector: allOf(selectors),
    ...(namespaces.length > 0 && { namespaceSelector: allOf(namespaces) }),
    ...(accounts.length > 0 && { serviceAccountSelector: allOf(accounts) }),
  };
}
