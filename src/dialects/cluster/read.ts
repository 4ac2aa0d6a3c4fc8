import type { RuleAction } from '../../model/policy.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import { converted, integer, list, object, oneOf, required, rootField } from '../document/fields.ts';
import { clusterMetadata, resource } from '../document/metadata.ts';
import { ADMIN_STAGE, BASELINE_STAGE } from '../stages.ts';
import { reportEqualPriorities } from './equal-priorities.ts';
import { atLeastOne, V1_ALPHA_2 } from './peers.ts';
import { tieredPolicy } from './policy.ts';
import { protocol } from './protocols.ts';
import { ruleName, tieredRule } from './rule.ts';

/** C3. */
export const ACTIONS = { Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const satisfies Record<string, RuleAction>;
export const STAGES = { Admin: ADMIN_STAGE, Baseline: BASELINE_STAGE } as const;
/** C4: rules of a direction, peers of a rule, protocols of a rule, blocks and names of a peer. */
export const MOST = 25;
export const MAX_PRIORITY = 1000;

const action = required(oneOf('Accept', 'Deny', 'Pass'));
const protocols = atLeastOne(protocol, MOST);
const { subject, ingressPeer, egressPeer } = V1_ALPHA_2;

const ingressRule = converted(
  object({ name: ruleName, action, from: required(atLeastOne(ingressPeer, MOST)), protocols }),
  (read, field) =>
    tieredRule({ ...read, action: ACTIONS[read.action], peers: read.from, ports: read.protocols }, field),
);

const egressRule = converted(
  object({ name: ruleName, action, to: required(atLeastOne(egressPeer, MOST)), protocols }),
  (read, field) => tieredRule({ ...read, action: ACTIONS[read.action], peers: read.to, ports: read.protocols }, field),
);

/** Fields as kubernetes-sigs/network-policy-api apis/v1alpha2/clusternetworkpolicy_types.go has them. */
const clusterNetworkPolicy = resource(
  required(
    object({
      tier: required(oneOf('Admin', 'Baseline')),
      priority: required(integer(0, MAX_PRIORITY)),
      subject: required(subject),
      ingress: list(ingressRule, MOST),
      egress: list(egressRule, MOST),
    }),
  ),
  clusterMetadata,
);

/** ClusterNetworkPolicy, `policy.networking.k8s.io/v1alpha2`. */
export const cluster: Dialect = {
  name: 'cluster',
  kinds: { 'policy.networking.k8s.io/v1alpha2': ['ClusterNetworkPolicy'] },
  read(documents, context) {
    const policies = documents.flatMap((document) => readPolicy(document, context) ?? []);
    reportEqualPriorities(policies, context.findings);
    return { policies, stages: [] };
  },
};

function readPolicy({ kind, document }: KindedDocument, { findings }: ReadContext) {
  const field = rootField(document, findings);
  const read = clusterNetworkPolicy(field);
  if (read?.spec === undefined) return undefined;
  const { tier, priority, ...spec } = read.spec;
  const place = { stage: STAGES[tier], order: priority };
  return tieredPolicy({ field, dialect: 'cluster', kind, name: read.metadata.name, ...place, ...spec });
}
