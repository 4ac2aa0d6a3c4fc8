import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { LabelInterner } from '../../src/model/labels.ts';

const NAMESPACES = 200;
export const TEAMS = 20;
export const ZONES = 10;

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
  const namespaces = new Map(names.map((n) => [`bench/ns-${n}`, new Map([['zone', `zone-${n % ZONES}`]])]));
  return { endpoints, externals, namespaces };
}

export const PORTS = [80, 443, 5432, 6379, 8080, 9090];

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
