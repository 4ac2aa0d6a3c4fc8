import type { ProfileName } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { RENDERERS } from './replay-dialects.ts';
import { type Cluster, PORTS, random, TEAMS, ZONES } from './replay-input.ts';
import type { Intent, IntentRule, Peer } from './replay-intent.ts';

/**
 * What is mixed. No cluster runs two network plugins, so each mix is one product's own kinds, a little under half, beside
 * the Kubernetes and cluster-wide ones that every product enforces. `all` has every dialect in equal parts.
 */
export type Mix = ProfileName | 'all';

export const MIXES: readonly Mix[] = ['calico', 'cilium', 'antrea', 'istio', 'all'];

const EVERY = Object.values(RENDERERS);

/** Policies as clusters have them: mostly one per workload, some per namespace, every hundredth for everybody. */
export function makePolicies(cluster: Cluster, count: number, mix: Mix): PolicySet {
  const next = random(7);
  const renderer = (): (typeof EVERY)[number] => {
    const foreign = next() < 0.45;
    if (mix === 'all') return pick(EVERY, next);
    return foreign ? RENDERERS[mix] : RENDERERS.kubernetes;
  };
  const texts = Array.from({ length: count }, (_, number) => {
    if (number % 100 === 0) return JSON.stringify(wide(number / 100));
    return JSON.stringify(renderer()(makeIntent(cluster, number, next)));
  });
  const profile = mix === 'all' ? 'kubernetes' : mix;
  const namespaces = [...cluster.namespaces].map(([name, labels]) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: name.slice(name.indexOf('/') + 1), labels: Object.fromEntries(labels) },
    }),
  );
  const read = readPolicies([{ name: 'bench.yaml', text: [...namespaces, ...texts].join('\n---\n') }], { profile });
  const [error] = read.findings.filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`the generated policies are wrong: ${error.rule} ${error.message}`);
  return read.policySet;
}

function makeIntent(cluster: Cluster, number: number, next: () => number): Intent {
  const target = pick(cluster.endpoints, next);
  const shape = next();
  const rules = () => Array.from({ length: 1 + Math.floor(next() * 4) }, () => makeRule(cluster, next));
  return {
    name: `policy-${number}`,
    number,
    namespace: target.namespace,
    subject: shape < 0.7 ? ['app', target.workload] : shape < 0.9 ? ['tier', 'api'] : undefined,
    ingress: rules(),
    egress: next() < 0.5 ? rules() : undefined,
  };
}

function makeRule(cluster: Cluster, next: () => number): IntentRule {
  const port = next() < 0.8 ? pick(PORTS, next) : undefined;
  return { peer: makePeer(cluster, next), port, deny: next() < 0.05 };
}

function makePeer(cluster: Cluster, next: () => number): Peer {
  const shape = next();
  if (shape < 0.3) return { of: 'tier', value: 'web' };
  if (shape < 0.6) return { of: 'team', value: `team-${Math.floor(next() * TEAMS)}` };
  if (shape < 0.8) return { of: 'zone', value: `zone-${Math.floor(next() * ZONES)}` };
  if (shape < 0.9) return { of: 'app', value: (pick(cluster.endpoints, next) as EdgeEndpoint).workload };
  if (shape < 0.95) return { of: 'block', cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] };
  return { of: 'block', cidr: `10.${Math.floor(next() * 250)}.0.0/16`, except: [] };
}

function pick<T>(items: readonly T[], next: () => number): T {
  return items[Math.floor(next() * items.length)] as T;
}

/** Cluster-wide tiers before and after all others. */
function wide(index: number): object {
  const zone = { namespaces: { matchLabels: { zone: `zone-${index % ZONES}` } } };
  const team = { namespaceSelector: {}, podSelector: { matchLabels: { team: `team-${index % TEAMS}` } } };
  const quarantine = { namespaceSelector: {}, podSelector: { matchLabels: { quarantine: 'yes' } } };
  const same = { namespaceSelector: zone.namespaces, podSelector: team.podSelector };
  const rules = (of: 'from' | 'to') => [
    { name: 'dns', action: 'Accept', [of]: [zone], protocols: [{ udp: { destinationPort: { number: 53 } } }] },
    { name: 'quarantine', action: 'Deny', [of]: [{ pods: quarantine }] },
    { name: 'delegate', action: 'Pass', [of]: [{ pods: same }] },
  ];
  const subject = index % 3 === 0 ? { namespaces: {} } : { pods: team };
  const tier = index % 2 === 0 ? 'Admin' : 'Baseline';
  const spec = { tier, priority: index, subject, ingress: rules('from'), egress: rules('to') };
  const metadata = { name: `wide-${index}` };
  return { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy', metadata, spec };
}
