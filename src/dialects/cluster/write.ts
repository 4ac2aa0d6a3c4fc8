import type { PolicySet } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { WrittenDocuments } from '../writing/documents.ts';
import { MOST } from './read.ts';
import { type Api, type ClusterOptions, writeTiers } from './write-documents.ts';
import type { Spelling } from './write-rules.ts';

const SPELLING: Spelling = {
  actions: { allow: 'Accept', deny: 'Deny', pass: 'Pass' },
  portsField: 'protocols',
  namedPort: (name) => ({ destinationNamedPort: name }),
  port: (protocol, { from, to }) => ({
    [protocolName(protocol).toLowerCase()]: {
      destinationPort: from === to ? { number: from } : { range: { start: from, end: to } },
    },
  }),
  most: MOST,
};

const API: Api = {
  spelling: () => SPELLING,
  mostRules: MOST,
  document: (tier, { metadata, priority, subject, ingress, egress }) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { ...metadata },
    spec: { tier, priority, subject, ...(ingress && { ingress }), ...(egress && { egress }) },
  }),
  refusal: () => undefined,
};

/**
 * Writes policies as ClusterNetworkPolicy v1alpha2. Lists longer than the API allows are split over rules and policies
 * that follow each other; exceptions of address blocks are written as what they leave.
 */
export function writeCluster(set: PolicySet, options: ClusterOptions = {}): WrittenDocuments {
  return writeTiers(set, options, API);
}
