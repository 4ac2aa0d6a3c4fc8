import type { PolicySet } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import { type Api, type ClusterOptions, type Tier, writeTiers } from '../cluster/write-documents.ts';
import type { Spelling } from '../cluster/write-rules.ts';
import type { WrittenDocuments } from '../writing/documents.ts';
import { MOST } from './read.ts';

const ACTIONS = { allow: 'Allow', deny: 'Deny' };

function spelling(tier: Tier): Spelling {
  return {
    actions: tier === 'Admin' ? { ...ACTIONS, pass: 'Pass' } : ACTIONS,
    portsField: 'ports',
    namedPort: (name) => ({ namedPort: name }),
    port: (number, { from, to }) => {
      const protocol = protocolName(number);
      return from === to ? { portNumber: { protocol, port: from } } : { portRange: { protocol, start: from, end: to } };
    },
    most: MOST,
  };
}

const API: Api = {
  spelling,
  mostRules: MOST,
  document: (tier, { metadata, priority, subject, ingress, egress }) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: tier === 'Admin' ? 'AdminNetworkPolicy' : 'BaselineAdminNetworkPolicy',
    metadata: { ...metadata, ...(tier === 'Baseline' && { name: 'default' }) },
    spec: { ...(tier === 'Admin' && { priority }), subject, ...(ingress && { ingress }), ...(egress && { egress }) },
  }),
  refusal: (tier, documents) =>
    tier === 'Baseline' && documents.length > 1
      ? `a cluster has one BaselineAdminNetworkPolicy, and this would take ${documents.length}`
      : undefined,
};

/** Writes policies as AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1; see `writeCluster`. */
export function writeAdmin(set: PolicySet, options: ClusterOptions = {}): WrittenDocuments {
  return writeTiers(set, options, API);
}
