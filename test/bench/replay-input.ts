import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { LabelInterner, type LabelSet } from '../../src/model/labels.ts';

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
  const endpoints = Array.from({ length: labelSets }, (_, index): EdgeEndpoint => {
    const labels = new Map([
      ['app', `app-${index}`],
      ['tier', ['web', 'api', 'db', 'job'][index % 4] ?? ''],
      ['team', `team-${index % TEAMS}`],
      ['env', index % 3 === 0 ? 'test' : 'prod'],
    ]);
    return podOf(`ns-${index % NAMESPACES}`, `app-${index}`, interner.intern(labels));
  });
  const unlabelled = interner.intern(new Map());
  const externals = Array.from({ length: 2000 }, (_, index) =>
    outsideAt(`${20 + (index % 180)}.${index % 250}.${index % 199}.7`, unlabelled),
  );
  const names = Array.from({ length: NAMESPACES }, (_, index) => index);
  const namespaces = new Map(names.map((n) => [`bench/ns-${n}`, new Map([['zone', `zone-${n % ZONES}`]])]));
  return { endpoints, externals, namespaces };
}

/** Written out, as the store's reader does: objects pieced together from others are an order of magnitude slower. */
function podOf(namespace: string, workload: string, labels: LabelSet): EdgeEndpoint {
  return {
    cluster: 'bench',
    kind: 'pod',
    namespace,
    workload,
    workloadKind: 'Deployment',
    labels,
    peer: '',
    address: '',
  };
}

function outsideAt(address: string, labels: LabelSet): EdgeEndpoint {
  return {
    cluster: 'bench',
    kind: 'external',
    namespace: '',
    workload: '',
    workloadKind: '',
    labels,
    peer: '',
    address,
  };
}

export const PORTS = [80, 443, 5432, 6379, 8080, 9090];

const OBSERVATIONS = Array.from({ length: 5000 }, (_, index) => observation(index, index * 7));

function observation(client: number, server: number): Observation {
  return {
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
  };
}

/**
 * Distinct edges: mostly between neighbours, some across, some to the outside; by client, server and port, which is the
 * order in which the store gives them.
 */
export function makeEdges(cluster: Cluster, count: number): Edge[] {
  const next = random(11);
  const { endpoints } = cluster;
  const edges: Edge[] = [];
  for (const [from, client] of endpoints.entries()) {
    const last = Math.floor((count * (from + 1)) / endpoints.length);
    for (const service of services(cluster, { from, count: last - edges.length, next })) {
      const server = serverAt(cluster, Math.floor(service / PORTS.length));
      const port = PORTS[service % PORTS.length] as number;
      const passed = OBSERVATIONS[edges.length % OBSERVATIONS.length] as Observation;
      edges.push({ client, server, protocol: 6, port, serverNames: [], passed, oriented: true });
    }
  }
  return edges;
}

interface Wanted {
  readonly from: number;
  readonly count: number;
  readonly next: () => number;
}

/** Number of the server times number of ports plus number of the port, of `count` servers and ports, ascending. */
function services({ endpoints, externals }: Cluster, { from, count, next }: Wanted): number[] {
  const found = new Set<number>();
  while (found.size < count) {
    const near = next() < 0.6;
    const pick = near ? from + NAMESPACES * Math.floor(next() * 50) : Math.floor(next() * endpoints.length);
    const outside = next() < 0.1;
    const server = outside ? endpoints.length + (pick % externals.length) : pick % endpoints.length;
    found.add(server * PORTS.length + Math.floor(next() * PORTS.length));
  }
  return [...found].sort((a, b) => a - b);
}

function serverAt({ endpoints, externals }: Cluster, number: number): EdgeEndpoint {
  return (endpoints[number] ?? externals[number - endpoints.length]) as EdgeEndpoint;
}

/** The same edges in no order (Fisher and Yates). */
export function shuffled(edges: readonly Edge[]): Edge[] {
  const next = random(13);
  const mixed = [...edges];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as Edge, mixed[last] as Edge];
  }
  return mixed;
}
