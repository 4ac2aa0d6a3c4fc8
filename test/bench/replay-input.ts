import { arrange } from '../../src/dialects/profiles.ts';
import { NETWORK_POLICY_STAGE } from '../../src/dialects/stages.ts';
import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import type { EndpointMatcher, Policy, PolicyRule, PolicySet, Side } from '../../src/model/policy.ts';
import type { Selector } from '../../src/model/selector.ts';

const NAMESPACES = 200;
const TEAMS = 20;

export interface Cluster {
  readonly endpoints: readonly EdgeEndpoint[];
  readonly externals: readonly EdgeEndpoint[];
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Numbers from a seed, so that every run measures the same (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Workloads with one label set each, spread over namespaces, and addresses outside. */
export function makeCluster(labelSets: number): Cluster {
  const interner = new LabelInterner();
  const base = { cluster: 'bench', peer: '', address: '' } as const;
  const endpoints = Array.from({ length: labelSets }, (_, index): EdgeEndpoint => {
    const labels = new Map([
      ['app', `app-${index}`],
      ['tier', ['web', 'api', 'db', 'job'][index % 4] ?? ''],
      ['team', `team-${index % TEAMS}`],
      ['env', index % 3 === 0 ? 'test' : 'prod'],
    ]);
    const namespace = `ns-${index % NAMESPACES}`;
    const owner = { workload: `app-${index}`, workloadKind: 'Deployment', labels: interner.intern(labels) };
    return { ...base, kind: 'pod', namespace, ...owner };
  });
  const nobody = { namespace: '', workload: '', workloadKind: '', labels: interner.intern(new Map()) };
  const externals = Array.from({ length: 2000 }, (_, index): EdgeEndpoint => {
    const address = `${20 + (index % 180)}.${index % 250}.${index % 199}.7`;
    return { ...base, kind: 'external', ...nobody, address };
  });
  const names = Array.from({ length: NAMESPACES }, (_, index) => index);
  const namespaces = new Map(names.map((n) => [`bench/ns-${n}`, new Map([['zone', `zone-${n % 10}`]])]));
  return { endpoints, externals, namespaces };
}

/** Policies as clusters have them: mostly one per workload, some per namespace, a few for everybody. */
export function makePolicies(cluster: Cluster, count: number): PolicySet {
  const next = random(7);
  const policies = Array.from({ length: count }, (_, index): Policy => {
    const target = cluster.endpoints[Math.floor(next() * cluster.endpoints.length)] as EdgeEndpoint;
    const shape = next();
    const scope: EndpointMatcher = { match: 'namespaceName', names: [target.namespace] };
    const own: EndpointMatcher = { match: 'labels', selector: equal('app', target.workload) };
    const subject: EndpointMatcher =
      shape < 0.7
        ? { match: 'all', of: [scope, own] }
        : shape < 0.9
          ? { match: 'all', of: [scope, { match: 'labels', selector: equal('tier', 'api') }] }
          : scope;
    const rules = (side: Side) =>
      Array.from({ length: 1 + Math.floor(next() * 4) }, (_, at) => makeRule(cluster, next, { at, side, scope }));
    const location = { file: 'bench.yaml', document: index + 1, line: 1 };
    return {
      ref: {
        dialect: 'kubernetes',
        kind: 'NetworkPolicy',
        namespace: target.namespace,
        name: `policy-${index}`,
        location,
      },
      stage: NETWORK_POLICY_STAGE,
      order: 0,
      staged: false,
      subject,
      ingress: { isolates: true, rules: rules('ingress') },
      ...(next() < 0.5 && { egress: { isolates: true, rules: rules('egress') } }),
    };
  });
  return arrange('kubernetes', [...policies, ...clusterWide(count)], []);
}

/** Cluster-wide tiers before and after the NetworkPolicies; every hundredth policy is one. */
function clusterWide(count: number): Policy[] {
  return Array.from({ length: Math.ceil(count / 100) }, (_, index): Policy => {
    const team: EndpointMatcher = { match: 'labels', selector: equal('team', `team-${index % TEAMS}`) };
    const zone: EndpointMatcher = { match: 'namespaceLabels', selector: equal('zone', `zone-${index % 10}`) };
    const rules: PolicyRule[] = [
      { index: 0, name: 'dns', action: 'allow', peer: zone, ports: [{ protocol: 17, ports: [{ from: 53, to: 53 }] }] },
      { index: 1, name: 'quarantine', action: 'deny', peer: { match: 'labels', selector: equal('quarantine', 'yes') } },
      { index: 2, name: 'delegate', action: 'pass', peer: { match: 'all', of: [zone, team] } },
    ];
    const direction = { isolates: false, rules };
    const location = { file: 'bench-cluster.yaml', document: index + 1, line: 1 };
    return {
      ref: { dialect: 'cluster', kind: 'ClusterNetworkPolicy', namespace: '', name: `wide-${index}`, location },
      stage: index % 2 === 0 ? 'admin' : 'baseline',
      order: index,
      staged: false,
      subject: index % 3 === 0 ? { match: 'pod' } : team,
      ingress: direction,
      egress: direction,
    };
  });
}

function makeRule(
  cluster: Cluster,
  next: () => number,
  { at, side, scope }: { readonly at: number; readonly side: Side; readonly scope: EndpointMatcher },
): PolicyRule {
  const peer = cluster.endpoints[Math.floor(next() * cluster.endpoints.length)] as EdgeEndpoint;
  const shape = next();
  const port = PORTS[Math.floor(next() * PORTS.length)] ?? 80;
  return {
    index: at,
    name: '',
    action: 'allow',
    peer:
      shape < 0.3
        ? { match: 'all', of: [scope, { match: 'labels', selector: equal('tier', 'web') }] }
        : shape < 0.6
          ? { match: 'labels', selector: equal('team', `team-${Math.floor(next() * TEAMS)}`) }
          : shape < 0.8
            ? { match: 'namespaceLabels', selector: equal('zone', `zone-${Math.floor(next() * 10)}`) }
            : shape < 0.9
              ? { match: 'labels', selector: equal('app', peer.workload) }
              : side === 'egress'
                ? { match: 'cidr', cidrs: ['0.0.0.0/0'], except: ['10.0.0.0/8'] }
                : { match: 'cidr', cidrs: [`10.${Math.floor(next() * 250)}.0.0/16`], except: [] },
    ...(next() < 0.8 && { ports: [{ protocol: 6, ports: [{ from: port, to: port }] }] }),
  };
}

const PORTS = [80, 443, 5432, 6379, 8080, 9090];

function equal(key: string, value: string): Selector {
  return { kind: 'in', key, values: [value] };
}

/** Distinct edges: mostly between neighbours, some across, some to the outside. */
export function makeEdges(cluster: Cluster, count: number): Edge[] {
  const next = random(11);
  const { endpoints, externals } = cluster;
  const observation = (client: number, server: number): Observation => ({
    flows: 1,
    connections: 1,
    firstSeen: 0,
    lastSeen: 0,
    activity: [],
    clientPods: [],
    serverPods: [],
    clientAddresses: [`10.${client % 200}.${client % 250}.1`],
    serverAddresses: [`10.${server % 200}.${server % 250}.1`],
    reasons: [],
    sourcePolicies: [],
  });
  const observations = Array.from({ length: 5000 }, (_, index) => observation(index, index * 7));
  return Array.from({ length: count }, (_, index): Edge => {
    const from = Math.floor(next() * endpoints.length);
    const near = next() < 0.6;
    const to = near
      ? (from + NAMESPACES * Math.floor(next() * 50)) % endpoints.length
      : Math.floor(next() * endpoints.length);
    const outside = next() < 0.1;
    const server = (outside ? externals[to % externals.length] : endpoints[to]) as EdgeEndpoint;
    const passed = observations[index % observations.length] as Observation;
    const port = PORTS[Math.floor(next() * PORTS.length)] ?? 80;
    return {
      client: endpoints[from] as EdgeEndpoint,
      server,
      protocol: 6,
      port,
      serverNames: [],
      passed,
      oriented: true,
    };
  });
}
