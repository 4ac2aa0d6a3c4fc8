import { ANYTHING, type Policy, type PolicyDirection, type PolicyRule } from '../../model/policy.ts';
import { EVERYTHING } from '../../model/selector.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import { childField, type ReadResult, rootField, warn } from '../document/fields.ts';
import { policyRef } from '../document/metadata.ts';
import { anyOf, podsIn } from '../document/peers.ts';
import { NETWORK_POLICY_STAGE } from '../stages.ts';
import { networkPolicy } from './schema.ts';

type Document = ReadResult<typeof networkPolicy>;
type Spec = NonNullable<Document['spec']>;
type Rule = NonNullable<Spec['ingress']>[number];

/** Kubernetes NetworkPolicy, `networking.k8s.io/v1`. */
export const kubernetes: Dialect = {
  name: 'kubernetes',
  kinds: { 'networking.k8s.io/v1': ['NetworkPolicy'] },
  read: (documents, context) => ({
    policies: documents.flatMap((document) => readNetworkPolicy(document, context) ?? []),
    stages: [],
  }),
};

function readNetworkPolicy({ kind, document }: KindedDocument, context: ReadContext): Policy | undefined {
  const field = rootField(document, context.findings);
  const read = networkPolicy(field);
  if (read === undefined) return undefined;
  const namespace = read.metadata.namespace || context.defaultNamespace;
  const spec: Partial<Spec> = read.spec ?? {};
  const types = directions(spec);
  for (const section of ['ingress', 'egress'] as const) {
    if (types.has(section) || !spec[section]?.length) continue;
    const message = 'this section has no effect, because policyTypes does not name its direction';
    warn(
      childField(childField(field, 'spec'), section),
      'ignored-section',
      message,
      'Add it to policyTypes or remove it.',
    );
  }
  return {
    ref: policyRef(field, 'kubernetes', kind, { name: read.metadata.name, namespace }),
    stage: NETWORK_POLICY_STAGE,
    order: 0,
    staged: false,
    subject: podsIn(namespace, spec.podSelector ?? EVERYTHING),
    ...(types.has('ingress') && { ingress: direction(spec.ingress, namespace) }),
    ...(types.has('egress') && { egress: direction(spec.egress, namespace) }),
  };
}

/** K3, K4: given types count alone; without them Ingress always, Egress when there is an egress rule. */
function directions(spec: Partial<Spec>): ReadonlySet<'ingress' | 'egress'> {
  const given = spec.policyTypes ?? [];
  if (given.length > 0) return new Set(given.map((type) => (type === 'Ingress' ? 'ingress' : 'egress')));
  return new Set(spec.egress?.length ? ['ingress', 'egress'] : ['ingress']);
}

/** K5–K7: a policy with this direction isolates, also without any rule. */
function direction(rules: readonly Rule[] | undefined, namespace: string): PolicyDirection {
  return { isolates: true, rules: (rules ?? []).map((rule, index) => neutralRule(rule, index, namespace)) };
}

/** K9, K10: a missing or empty list of peers or ports is no restriction. */
function neutralRule({ peers, ports }: Rule, index: number, namespace: string): PolicyRule {
  return {
    index,
    name: '',
    action: 'allow',
    peer: peers?.length ? anyOf(peers.map((peer) => peer(namespace))) : ANYTHING,
    ...(ports?.length && { ports }),
  };
}
