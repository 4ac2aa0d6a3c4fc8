import type { Policy, PolicyDirection, PolicyRef, PolicyRule, Side } from '../../model/policy.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import { childField, type Field, type ReadResult, rootField, warn, wrong } from '../document/fields.ts';
import { policyRef } from '../document/metadata.ts';
import { NETWORK_POLICY_STAGE } from '../stages.ts';
import { type CidrGroup, readCidrGroup } from './cidrs.ts';
import { namesOtherNamespace, subjectMatcher } from './endpoints.ts';
import type { RuleEntry, RuleScope } from './rule.ts';
import { clusterwidePolicy, networkPolicy, type ruleSet } from './schema.ts';

const POLICY = 'CiliumNetworkPolicy';
const CLUSTERWIDE = 'CiliumClusterwideNetworkPolicy';
const GROUP = 'CiliumCIDRGroup';

/** Cilium's policies, and the groups of address blocks they may refer to. */
export const cilium: Dialect = {
  name: 'cilium',
  kinds: { 'cilium.io/v2': [POLICY, CLUSTERWIDE, GROUP], 'cilium.io/v2alpha1': [GROUP] },
  read(documents, context) {
    const groups = documents.flatMap((one) => (one.kind === GROUP ? (readCidrGroup(one, context) ?? []) : []));
    const policies = documents.filter(({ kind }) => kind !== GROUP);
    return { policies: policies.flatMap((one) => readPolicy(one, { context, groups })), stages: [] };
  },
};

interface World {
  readonly context: ReadContext;
  readonly groups: readonly CidrGroup[];
}

/** A policy for every rule set of the document. */
function readPolicy({ kind, document }: KindedDocument, { context, groups }: World): Policy[] {
  const field = rootField(document, context.findings);
  const read = (kind === POLICY ? networkPolicy : clusterwidePolicy)(field);
  if (read === undefined) return [];
  const { name } = read.metadata;
  const namespace = kind === POLICY ? read.metadata.namespace || context.defaultNamespace : '';
  const sets = [
    ...(read.spec ? [{ set: read.spec, field: childField(field, 'spec') }] : []),
    ...(read.specs ?? []).map((set, index) => ({ set, field: childField(childField(field, 'specs'), index) })),
  ];
  if (sets.length === 0) {
    wrong(field, 'missing-field', 'it has neither spec nor specs', 'Add a spec.');
    return [];
  }
  const sound = sets.map((one) => isSound(one, kind === CLUSTERWIDE));
  if (sound.includes(false)) return [];
  const ref = policyRef(field, 'cilium', kind, { name, namespace });
  return sets.map((one) => neutralPolicy(one, { ref, scope: { namespace, groups, services: context.services } }));
}

type RuleSet = ReadResult<typeof ruleSet>;

interface Placed {
  readonly set: RuleSet;
  readonly field: Field;
}

const SECTIONS = { ingress: ['ingress', 'ingressDeny'], egress: ['egress', 'egressDeny'] } as const;

/** X6, X14: a subject of one kind, and something said of it. */
function isSound({ set, field }: Placed, clusterwide: boolean): boolean {
  const { endpointSelector, nodeSelector } = set;
  if ((endpointSelector === undefined) === (nodeSelector === undefined)) {
    const message = 'it needs either endpointSelector or nodeSelector';
    wrong(field, 'bad-subject', message, 'Give one of them; endpointSelector: {} selects everything.');
    return false;
  }
  if (nodeSelector !== undefined && !clusterwide) {
    const message = 'only CiliumClusterwideNetworkPolicy selects nodes';
    wrong(childField(field, 'nodeSelector'), 'bad-subject', message, 'Change the kind, or use endpointSelector.');
    return false;
  }
  if (Object.values(SECTIONS).every((names) => names.every((name) => set[name] === undefined))) {
    const message = 'it has none of ingress, ingressDeny, egress and egressDeny';
    wrong(field, 'missing-field', message, 'Add one; ingress: [{}] denies all ingress by default.');
    return false;
  }
  return true;
}

interface Home {
  readonly ref: PolicyRef;
  readonly scope: RuleScope;
}

function neutralPolicy(placed: Placed, { ref, scope }: Home): Policy {
  const ingress = direction(placed, 'ingress', scope);
  const egress = direction(placed, 'egress', scope);
  return {
    ref,
    stage: NETWORK_POLICY_STAGE,
    order: 0,
    staged: false,
    subject: subject(placed, scope.namespace),
    ...(ingress && { ingress }),
    ...(egress && { egress }),
  };
}

/** X14, X28: what is said of nodes says nothing of pods. */
function subject({ set, field }: Placed, namespace: string): Policy['subject'] {
  const { endpointSelector } = set;
  if (endpointSelector === undefined) {
    const place = childField(field, 'nodeSelector');
    warn(place, 'host-policy', 'this policy is for nodes and decides nothing about pods', 'Nothing to do.');
    return { match: 'nothing' };
  }
  if (namespace !== '' && namesOtherNamespace(endpointSelector, namespace)) {
    const message = `a CiliumNetworkPolicy selects endpoints of its own namespace ${namespace}, whatever this says`;
    const remedy = 'Remove the namespace, or write a CiliumClusterwideNetworkPolicy.';
    warn(childField(field, 'endpointSelector'), 'ignored-namespace', message, remedy);
  }
  return subjectMatcher(endpointSelector, namespace);
}

/** X2, X4, X7: a direction with rules is denied by default unless the author says otherwise; without rules nothing is. */
function direction({ set, field }: Placed, side: Side, scope: RuleScope): PolicyDirection | undefined {
  const [allow, deny] = SECTIONS[side];
  const [allows = [], denies = []] = [set[allow], set[deny]];
  const given = set.enableDefaultDeny?.[side];
  if (allows.length === 0 && denies.length === 0) {
    if (given === true) {
      const message = `it has no effect, because there are no ${side} rules`;
      const place = childField(childField(field, 'enableDefaultDeny'), side);
      warn(place, 'ignored-default-deny', message, `Write ${side}: [{}] to deny by default.`);
    }
    return undefined;
  }
  const rules = (entries: readonly RuleEntry[]): readonly PolicyRule[] =>
    entries.flatMap((entry, index) => entry(scope, index));
  return { isolates: given ?? true, rules: [...rules(denies), ...rules(allows)] };
}
