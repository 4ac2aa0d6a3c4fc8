import type { Policy, PolicyDirection, PolicyRule, Side } from '../../model/policy.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import { childField, type Field, type Read, type ReadResult, rootField, warn, wrong } from '../document/fields.ts';
import { policyRef } from '../document/metadata.ts';
import type { RuleScope } from './entity.ts';
import { accountMatcher, namespaceMatcher, podMatcher } from './labels.ts';
import { readStagedKubernetes } from './read-staged-kubernetes.ts';
import { isolates, readTiers, type Tiers, usedStages } from './read-tiers.ts';
import type { RuleOf } from './rule.ts';
import {
  globalNetworkPolicy,
  letGoAs,
  networkPolicy,
  stagedGlobalNetworkPolicy,
  stagedNetworkPolicy,
} from './schema.ts';
import { toSelector } from './selector-syntax.ts';
import { readSet } from './sets.ts';
import { DEFAULT_TIER } from './tiers.ts';

const POLICIES = {
  NetworkPolicy: networkPolicy,
  StagedNetworkPolicy: stagedNetworkPolicy,
  GlobalNetworkPolicy: globalNetworkPolicy,
  StagedGlobalNetworkPolicy: stagedGlobalNetworkPolicy,
};
const SETS = ['NetworkSet', 'GlobalNetworkSet', 'HostEndpoint'];
const KINDS = ['Tier', 'Profile', ...SETS, ...Object.keys(POLICIES), 'StagedKubernetesNetworkPolicy'];

/** Calico's policies, tiers and network sets; the second version is the form in which Calico stores them. */
export const calico: Dialect = {
  name: 'calico',
  kinds: { 'projectcalico.org/v3': KINDS, 'crd.projectcalico.org/v1': KINDS },
  read(documents, context) {
    const tiers = readTiers(ofKinds(documents, ['Tier']), context);
    const sets = ofKinds(documents, SETS).flatMap((document) => readSet(document, context) ?? []);
    const policies = ofKinds(documents, Object.keys(POLICIES)).flatMap(
      (document) => readPolicy(document, { context, tiers, sets }) ?? [],
    );
    policies.push(
      ...ofKinds(documents, ['StagedKubernetesNetworkPolicy']).flatMap((one) => readStagedKubernetes(one, context)),
    );
    for (const { document } of ofKinds(documents, ['Profile'])) warnOfProfile(rootField(document, context.findings));
    return { policies, stages: usedStages(policies, tiers) };
  },
};

function ofKinds(documents: readonly KindedDocument[], kinds: readonly string[]): KindedDocument[] {
  return documents.filter(({ kind }) => kinds.includes(kind));
}

/** P7: pods have the profiles that Calico makes for them, which allow everything. */
function warnOfProfile(field: Field): void {
  const message = 'profiles are not judged: behind the last tier a pod counts as open, as in every Kubernetes cluster';
  warn({ ...field, path: ['kind'] }, 'profile-not-judged', message, 'Write a policy instead.');
}

/** All fields that any of the kinds has. */
type Spec = Partial<NonNullable<ReadResult<typeof stagedGlobalNetworkPolicy>['spec']>>;
type Document = Omit<ReadResult<typeof networkPolicy>, 'spec'> & { readonly spec?: Spec | undefined };

interface World {
  readonly context: ReadContext;
  readonly tiers: Tiers;
  readonly sets: RuleScope['sets'];
}

function readPolicy({ kind, document }: KindedDocument, { context, tiers, sets }: World): Policy | undefined {
  const field = rootField(document, context.findings);
  const read = (POLICIES[kind as keyof typeof POLICIES] as Read<Document>)(field);
  if (read === undefined) return undefined;
  const { metadata, spec = {} } = read;
  const namespace = kind.endsWith('GlobalNetworkPolicy') ? '' : metadata.namespace || context.defaultNamespace;
  const specField = childField(field, 'spec');
  if (!checkHostFields(spec, specField)) return undefined;
  const stage = spec.tier ?? DEFAULT_TIER;
  const types = directions(spec, specField);
  const scope = { namespace, sets };
  const isolating = isolates(tiers, stage, childField(specField, 'tier'));
  const direction = (rules: readonly RuleOf[] = []): PolicyDirection => ({
    isolates: isolating,
    rules: rules.map((rule, index): PolicyRule => rule(index, scope)),
  });
  return {
    ref: policyRef(field, 'calico', kind, { name: metadata.name, namespace }),
    stage,
    order: spec.order ?? Number.POSITIVE_INFINITY,
    staged: kind.startsWith('Staged'),
    ...(spec.stagedAction && letGoAs(spec.stagedAction)),
    subject: subject(spec, namespace),
    ...(types.has('ingress') && { ingress: direction(spec.ingress) }),
    ...(types.has('egress') && { egress: direction(spec.egress) }),
  };
}

/** P15: such policies are for hosts, and pods are what is judged here. */
function checkHostFields(spec: Spec, field: Field): boolean {
  const { doNotTrack, preDNAT, applyOnForward } = spec;
  if (!doNotTrack && !preDNAT) return true;
  const name = doNotTrack ? 'doNotTrack' : 'preDNAT';
  const place = childField(field, name);
  if (doNotTrack && preDNAT)
    return wrong(place, 'bad-host-policy', 'doNotTrack and preDNAT exclude each other', 'Keep one.') ?? false;
  if (!applyOnForward) return wrong(place, 'bad-host-policy', `${name} needs applyOnForward: true`, 'Add it.') ?? false;
  if (preDNAT && (spec.egress?.length || spec.types?.includes('Egress'))) {
    return wrong(place, 'bad-host-policy', 'a preDNAT policy has no egress rules', 'Keep ingress only.') ?? false;
  }
  warn(place, 'host-policy', 'this policy is for hosts and decides nothing about pods', 'Nothing to do.');
  return true;
}

/** P8: unlike in Kubernetes, a policy with egress rules only leaves ingress alone. */
function directions(spec: Spec, field: Field): ReadonlySet<Side> {
  const { ingress, egress, types } = spec;
  if (types?.length) {
    const given = new Set(types.map((type): Side => (type === 'Ingress' ? 'ingress' : 'egress')));
    for (const side of ['ingress', 'egress'] as const) {
      if (given.has(side) || !spec[side]?.length) continue;
      const message = 'this section has no effect, because types does not name its direction';
      warn(childField(field, side), 'ignored-section', message, 'Add it to types or remove it.');
    }
    return given;
  }
  if (!egress?.length) return new Set(['ingress']);
  return new Set(ingress?.length ? ['ingress', 'egress'] : ['egress']);
}

/** P12, P13: pods that all of the selectors pick. */
function subject(spec: Spec, namespace: string): Policy['subject'] {
  if (spec.doNotTrack || spec.preDNAT) return { match: 'nothing' };
  const parts: Policy['subject'][] = [];
  if (namespace !== '') parts.push({ match: 'namespaceName', names: [namespace] });
  if (spec.namespaceSelector) parts.push(namespaceMatcher(toSelector(spec.namespaceSelector)));
  if (spec.serviceAccountSelector) parts.push(accountMatcher(toSelector(spec.serviceAccountSelector)));
  if (spec.selector && spec.selector.op !== 'all') parts.push(podMatcher(toSelector(spec.selector)));
  const [only] = parts;
  if (only === undefined) return { match: 'pod' };
  return parts.length === 1 ? only : { match: 'all', of: parts };
}
