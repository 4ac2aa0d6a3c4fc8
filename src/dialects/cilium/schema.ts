import { flag, ignored, list, mapping, object, required, text } from '../document/fields.ts';
import { clusterMetadata, metadata } from '../document/metadata.ts';
import { labelSelector } from '../document/selector.ts';
import { labelTerms } from './labels.ts';
import { ruleEntry } from './rule.ts';

/** One rule set: what a document has as `spec`, or several of as `specs` (X6). */
export const ruleSet = object({
  endpointSelector: labelTerms,
  nodeSelector: labelSelector,
  ingress: list(ruleEntry('ingress', 'allow')),
  ingressDeny: list(ruleEntry('ingress', 'deny')),
  egress: list(ruleEntry('egress', 'allow')),
  egressDeny: list(ruleEntry('egress', 'deny')),
  enableDefaultDeny: object({ ingress: flag, egress: flag }),
  labels: list(mapping(text)),
  log: object({ value: text }),
  description: text,
});

const common = {
  apiVersion: required(text),
  kind: required(text),
  spec: ruleSet,
  specs: list(ruleSet),
  status: ignored,
};

/** Fields of the policy kinds as cilium/cilium pkg/policy/api/rule.go has them. */
export const networkPolicy = object({ ...common, metadata: required(metadata) });
export const clusterwidePolicy = object({ ...common, metadata: required(clusterMetadata) });
