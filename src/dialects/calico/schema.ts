import type { Policy } from '../../model/policy.ts';
import { flag, ignored, list, object, oneOf, type ReadResult, text } from '../document/fields.ts';
import { clusterMetadata, resource } from '../document/metadata.ts';
import { ruleOf } from './rule.ts';
import { order, selector } from './values.ts';

const common = {
  tier: text,
  order,
  ingress: list(ruleOf('ingress')),
  egress: list(ruleOf('egress')),
  selector,
  types: list(oneOf('Ingress', 'Egress'), 2),
  serviceAccountSelector: selector,
  performanceHints: ignored,
};

const global = {
  ...common,
  namespaceSelector: selector,
  doNotTrack: flag,
  preDNAT: flag,
  applyOnForward: flag,
};

export const stagedAction = oneOf('Set', 'Delete', 'Learn', 'Ignore');

/** P10: what an action means for the policy when it is let go. */
export function letGoAs(action: NonNullable<ReadResult<typeof stagedAction>>): Pick<Policy, 'letGo'> {
  if (action === 'Set') return {};
  return { letGo: action === 'Delete' ? 'delete' : 'nothing' };
}

/** Fields of the policy kinds as projectcalico/calico api/pkg/apis/projectcalico/v3 has them. */
export const networkPolicy = resource(object(common));
export const stagedNetworkPolicy = resource(object({ ...common, stagedAction }));
export const globalNetworkPolicy = resource(object(global), clusterMetadata);
export const stagedGlobalNetworkPolicy = resource(object({ ...global, stagedAction }), clusterMetadata);

export const tier = resource(object({ order, defaultAction: oneOf('Deny', 'Pass') }), clusterMetadata);
