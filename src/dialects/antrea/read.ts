import type { Policy, PolicyDirection, Side } from '../../model/policy.ts';
import { reportEqualPriorities } from '../cluster/equal-priorities.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import {
  childField,
  converted,
  type Field,
  list,
  object,
  type Read,
  required,
  rootField,
  text,
  wrong,
} from '../document/fields.ts';
import { clusterMetadata, metadata, policyRef, resource } from '../document/metadata.ts';
import { anyOf } from '../document/peers.ts';
import { type Groups, readGroups } from './groups.ts';
import { appliedTo, type Scope, type Subject } from './peers.ts';
import { knownTier, readTiers, type Tiers, usedStages } from './read-tiers.ts';
import { type RuleRead, ruleOf } from './rule.ts';
import { BASELINE_TIER, DEFAULT_TIER, stageName } from './tiers.ts';

const GROUPS = ['ClusterGroup', 'Group'];
const POLICIES = ['ClusterNetworkPolicy', 'NetworkPolicy'];

/** Antrea's own policies, tiers and groups. The older versions have the same fields under the same names. */
export const antrea: Dialect = {
  name: 'antrea',
  kinds: {
    'crd.antrea.io/v1beta1': [...POLICIES, 'Tier', ...GROUPS],
    'crd.antrea.io/v1alpha1': [...POLICIES, 'Tier'],
    'crd.antrea.io/v1alpha3': GROUPS,
  },
  read(documents, context) {
    const tiers = readTiers(ofKinds(documents, ['Tier']), context);
    const groups = readGroups(ofKinds(documents, GROUPS), context);
    const policies = ofKinds(documents, POLICIES).flatMap((one) => readPolicy(one, { context, tiers, groups }) ?? []);
    reportEqualPriorities(policies, context.findings);
    return { policies, stages: usedStages(policies, tiers) };
  },
};

function ofKinds(documents: readonly KindedDocument[], kinds: readonly string[]): KindedDocument[] {
  return documents.filter(({ kind }) => kinds.includes(kind));
}

interface World {
  readonly context: ReadContext;
  readonly tiers: Tiers;
  readonly groups: Groups;
}

/** N3: smaller first, fractions allowed. */
const priority: Read<number> = (field) =>
  typeof field.value === 'number' && field.value >= 1 && field.value <= 10_000
    ? field.value
    : wrong(field, 'out-of-range', 'priority is a number from 1 to 10000', 'Correct the number.');

/** Fields as antrea-io/antrea pkg/apis/crd/v1beta1/types.go has them. */
function specOf(scope: Scope, tiers: Tiers) {
  const tier = converted(text, (name, field) => knownTier(name, tiers, field));
  return converted(
    object({
      tier,
      priority: required(priority),
      appliedTo: list(appliedTo(scope)),
      ingress: list(ruleOf(scope, 'ingress')),
      egress: list(ruleOf(scope, 'egress')),
    }),
    (read, field) => (isPossible(read, field) ? read : undefined),
  );
}

type Spec = NonNullable<ReturnType<ReturnType<typeof specOf>>>;

function readPolicy({ kind, document }: KindedDocument, { context, tiers, groups }: World): Policy | undefined {
  const field = rootField(document, context.findings);
  const namespace = kind === 'NetworkPolicy' ? namespaceOf(field, context) : '';
  const meta = kind === 'NetworkPolicy' ? metadata : clusterMetadata;
  const scope = { namespace, groups, services: context.services };
  const read = resource(required(specOf(scope, tiers)), meta)(field);
  if (read?.spec === undefined) return undefined;
  const { spec } = read;
  return {
    ref: policyRef(field, 'antrea', kind, { name: read.metadata.name, namespace }),
    stage: stageName(spec.tier ?? DEFAULT_TIER),
    order: spec.priority,
    staged: false,
    subject: subjectOf(spec),
    ...(spec.ingress?.length && { ingress: direction(spec.ingress) }),
    ...(spec.egress?.length && { egress: direction(spec.egress) }),
  };
}

/** Needed before the rest can be read; what is wrong with it is said when the whole is read. */
function namespaceOf(field: Field, { defaultNamespace }: ReadContext): string {
  const { value } = childField(childField(field, 'metadata'), 'namespace');
  return typeof value === 'string' && value !== '' ? value : defaultNamespace;
}

/** N6: nothing is isolated by being selected. */
function direction(rules: readonly RuleRead[]): PolicyDirection {
  return { isolates: false, rules: rules.flatMap((rule, index) => rule.place(index)) };
}

/** N7, N9. */
function subjectOf({ appliedTo: own = [], ingress = [], egress = [] }: Spec): Policy['subject'] {
  const rules = [...ingress, ...egress];
  const all = own.length > 0 ? own : rules.flatMap(({ subjects }) => subjects);
  const subject = anyOf(all.map(({ matcher }) => matcher));
  const keys = [...new Set(rules.flatMap((rule) => rule.keys))];
  if (keys.length === 0) return subject;
  const labelled = { kind: 'and', of: keys.map((key) => ({ kind: 'has', key }) as const) } as const;
  return { match: 'all', of: [subject, { match: 'namespaceLabels', selector: labelled }] };
}

function isPossible(spec: SpecFields, field: Field): boolean {
  const problem = placeProblem(spec) ?? serviceProblem(spec) ?? ruleProblem(spec);
  if (problem === undefined) return true;
  const [name, message, remedy] = problem;
  wrong(childField(field, name), 'bad-policy', message, remedy);
  return false;
}

interface SpecFields {
  readonly tier?: string | undefined;
  readonly appliedTo?: readonly Subject[] | undefined;
  readonly ingress?: readonly RuleRead[] | undefined;
  readonly egress?: readonly RuleRead[] | undefined;
}

type Problem = readonly [field: Side | 'appliedTo', message: string, remedy: string];

/** N7: for the policy or for every rule, but not both. */
function placeProblem({ appliedTo: own = [], ingress = [], egress = [] }: SpecFields): Problem | undefined {
  const rules = [...ingress, ...egress];
  const placed = rules.filter(({ subjects }) => subjects.length > 0).length;
  if (own.length > 0 && placed > 0) {
    return ['appliedTo', 'it stands both in the policy and in rules', 'Keep it in one of the two places.'];
  }
  if (own.length > 0 || (placed > 0 && placed === rules.length)) return undefined;
  return ['appliedTo', 'it must stand in the policy or in every rule', 'Add appliedTo.'];
}

/** N7: services are protected from what comes in from outside, and from nothing else. */
function serviceProblem({ appliedTo: own = [], ingress = [], egress = [] }: SpecFields): Problem | undefined {
  const isService = (subjects: readonly Subject[]): boolean => subjects.some(({ service }) => service);
  const all = [own, ...[...ingress, ...egress].map(({ subjects }) => subjects)];
  if (!all.some(isService)) return undefined;
  if (all.some((subjects) => isService(subjects) && !subjects.every(({ service }) => service))) {
    return ['appliedTo', 'a service cannot stand beside other subjects', 'Make two policies of it.'];
  }
  if ((isService(own) && egress.length > 0) || egress.some(({ subjects }) => isService(subjects))) {
    return ['egress', 'a service has no egress', 'Move the egress rules to a policy for pods.'];
  }
  const wide = ingress.some((rule) => (isService(own) || isService(rule.subjects)) && !rule.onlyBlocks);
  return wide ? ['ingress', 'rules for a service can name ipBlocks only', 'Name ipBlocks.'] : undefined;
}

/** N4, N5. */
function ruleProblem({ tier, ingress = [], egress = [] }: SpecFields): Problem | undefined {
  const seen = new Set<string>();
  for (const [side, rules] of [['ingress', ingress] as const, ['egress', egress] as const]) {
    for (const { name, action } of rules) {
      if (tier === BASELINE_TIER && action === 'pass') {
        return [side, 'there is nothing behind the baseline tier to pass to', 'Write Allow or Drop.'];
      }
      if (name !== '' && seen.has(name)) return [side, `two rules are called ${name}`, 'Rename one of them.'];
      seen.add(name);
    }
  }
  return undefined;
}
