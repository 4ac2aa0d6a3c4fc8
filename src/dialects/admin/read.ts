import type { RuleAction } from '../../model/policy.ts';
import { reportEqualPriorities } from '../cluster/equal-priorities.ts';
import { atLeastOne, V1_ALPHA_1 } from '../cluster/peers.ts';
import { tieredPolicy } from '../cluster/policy.ts';
import { ruleName, tieredRule } from '../cluster/rule.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import { converted, integer, list, object, oneOf, type Read, required, rootField, wrong } from '../document/fields.ts';
import { clusterMetadata, resource } from '../document/metadata.ts';
import { ADMIN_STAGE, BASELINE_STAGE } from '../stages.ts';
import { portItem } from './ports.ts';

/** A3, A6, A16. */
export const ACTIONS = { Allow: 'allow', Deny: 'deny', Pass: 'pass' } as const satisfies Record<string, RuleAction>;
/** Rules of a direction, peers of a rule, ports of a rule. */
export const MOST = 100;
export const MAX_PRIORITY = 1000;

const { subject, ingressPeer, egressPeer } = V1_ALPHA_1;
const ports = atLeastOne(portItem, MOST);

function directions<A extends keyof typeof ACTIONS>(action: Read<A>) {
  const ingressRule = converted(
    object({ name: ruleName, action: required(action), from: required(atLeastOne(ingressPeer, MOST)), ports }),
    (read, field) => tieredRule({ ...read, action: ACTIONS[read.action], peers: read.from }, field),
  );
  const egressRule = converted(
    object({ name: ruleName, action: required(action), to: required(atLeastOne(egressPeer, MOST)), ports }),
    (read, field) => tieredRule({ ...read, action: ACTIONS[read.action], peers: read.to }, field),
  );
  return { ingress: list(ingressRule, MOST), egress: list(egressRule, MOST) };
}

/** Fields as kubernetes-sigs/network-policy-api apis/v1alpha1 has them. */
const adminNetworkPolicy = resource(
  required(
    object({
      priority: required(integer(0, MAX_PRIORITY)),
      subject: required(subject),
      ...directions(oneOf('Allow', 'Deny', 'Pass')),
    }),
  ),
  clusterMetadata,
);

const baselineMetadata = converted(clusterMetadata, (read, field) => {
  if (read.name === 'default') return read;
  const message = `the only BaselineAdminNetworkPolicy is called default, not ${read.name}`;
  return wrong({ ...field, path: [...field.path, 'name'] }, 'bad-name', message, 'Name it default.');
});

const baselineAdminNetworkPolicy = resource(
  required(object({ subject: required(subject), ...directions(oneOf('Allow', 'Deny')) })),
  baselineMetadata,
);

/** AdminNetworkPolicy and BaselineAdminNetworkPolicy, `policy.networking.k8s.io/v1alpha1`. */
export const admin: Dialect = {
  name: 'admin',
  kinds: { 'policy.networking.k8s.io/v1alpha1': ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'] },
  read(documents, context) {
    const policies = documents.flatMap((document) => readPolicy(document, context) ?? []);
    const tiered = policies.filter(({ stage }) => stage === ADMIN_STAGE);
    reportEqualPriorities(tiered, context.findings);
    return { policies, stages: [] };
  },
};

function readPolicy({ kind, document }: KindedDocument, { findings }: ReadContext) {
  const field = rootField(document, findings);
  if (kind === 'BaselineAdminNetworkPolicy') {
    const read = baselineAdminNetworkPolicy(field);
    const place = { stage: BASELINE_STAGE, order: 0 };
    return read?.spec && tieredPolicy({ field, dialect: 'admin', kind, name: 'default', ...place, ...read.spec });
  }
  const read = adminNetworkPolicy(field);
  if (read?.spec === undefined) return undefined;
  const { priority, ...spec } = read.spec;
  const place = { stage: ADMIN_STAGE, order: priority };
  return tieredPolicy({ field, dialect: 'admin', kind, name: read.metadata.name, ...place, ...spec });
}
