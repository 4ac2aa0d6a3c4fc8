import type { EdgeEndpoint } from '../../model/edge.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import type { EndpointMatcher, Policy, PolicyDialect, PortMatcher } from '../../model/policy.ts';
import { policyName } from '../../model/policy.ts';
import { hasPorts, protocolName } from '../../model/ports.ts';
import type { Traffic } from '../match/traffic.ts';

/** The service of some traffic as a rule would name it; absent when the traffic does not tell. */
export function portOf({ protocol, port }: Traffic): PortMatcher | undefined {
  if (!hasPorts(protocol)) return protocol === 0 ? undefined : { protocol };
  return port === 0 ? undefined : { protocol, ports: [{ from: port, to: port }] };
}

export function serviceText({ protocol, port }: Traffic): string {
  return hasPorts(protocol) ? `${protocolName(protocol)} ${port}` : protocolName(protocol);
}

export function kindText({ ref }: Policy): string {
  return `${ref.kind} ${policyName(ref)}`;
}

/** Rules count from 1 for people. */
export function ruleText(policy: Policy, index: number): string {
  return `rule ${index + 1} of ${kindText(policy)}`;
}

/** Keys that say what a workload is, the best first. */
const TELLING_KEYS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name', 'app.kubernetes.io/component', 'component'];

/** An endpoint as a rule would name it. */
export interface NamedPeer {
  readonly matcher: EndpointMatcher;
  readonly text: string;
}

/** The narrowest usual way in which a dialect names an endpoint as a peer. */
export function peerFor(far: EdgeEndpoint, dialect: PolicyDialect): NamedPeer | undefined {
  if (far.kind !== 'pod') {
    if (far.address === '0.0.0.0-255.255.255.255') {
      return { matcher: { match: 'cidr', cidrs: ['0.0.0.0/0'], except: [] }, text: 'ipBlock 0.0.0.0/0' };
    }
    if (far.address === '' || far.address.includes('-')) return undefined;
    const block = far.address.includes('/') ? far.address : `${far.address}/${far.address.includes(':') ? 128 : 32}`;
    return { matcher: { match: 'cidr', cidrs: [block], except: [] }, text: `ipBlock ${block}` };
  }
  // Meshes know identities, not labels; manifests rarely tell the account of a workload, so all of its namespace.
  if (dialect === 'istio') {
    return {
      matcher: { match: 'principalNamespace', patterns: [far.namespace] },
      text: `sources of namespace ${far.namespace}`,
    };
  }
  if (far.labels.id === UNKNOWN_LABELS.id) return undefined;
  const { labels } = far.labels;
  const telling = TELLING_KEYS.find((key) => labels.has(key));
  const wanted = telling === undefined ? labels : new Map([[telling, labels.get(telling) ?? '']]);
  const selector = {
    kind: 'and',
    of: [...wanted].map(([key, value]) => ({ kind: 'in', key, values: [value] }) as const),
  } as const;
  const parts: EndpointMatcher[] = [
    { match: 'namespaceName', names: [far.namespace] },
    { match: 'labels', selector },
  ];
  return {
    matcher: { match: 'all', of: parts },
    text: `pods ${labelsText(wanted) || 'of any label'} in namespace ${far.namespace}`,
  };
}

export function labelsText(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([key, value]) => `${key}=${value}`).join(',');
}
