import type { DayActivity, Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { Random } from '../../src/util/random.ts';

const LABEL_SETS = 10_000;
const NAMESPACES = 200;
const REPLICAS = 10;
const DAYS = 7;
const FIRST_DAY = 19_675;

/** Edges to learn from, and the workloads behind them. */
export interface LearnInput {
  readonly edges: Edge[];
  readonly inventory: Inventory;
}

/** `count` edges between 100,000 pods of 10,000 workloads with as many label sets; the same on every machine. */
export function makeLearnInput(count: number): LearnInput {
  const ends = endpoints();
  return { edges: makeEdges(count, ends), inventory: inventoryOf(ends) };
}

function endpoints(): EdgeEndpoint[] {
  const interner = new LabelInterner();
  return Array.from({ length: LABEL_SETS }, (_, i) => {
    const namespace = `ns-${i % NAMESPACES}`;
    const name = `svc-${Math.floor(i / NAMESPACES)}`;
    const labels = interner.intern(
      new Map([
        ['app.kubernetes.io/name', name],
        ['app.kubernetes.io/part-of', `suite-${i % 40}`],
        ['team', `team-${i % 25}`],
        ['tier', ['front', 'back', 'data'][i % 3] ?? ''],
        ['env', i % 2 === 0 ? 'prod' : 'stage'],
      ]),
    );
    return {
      cluster: 'c',
      kind: 'pod',
      namespace,
      workload: name,
      workloadKind: 'Deployment',
      labels,
      peer: '',
      address: '',
    };
  });
}

/** Servers draw their clients from a few shared lists, as real functions do; some have a few clients of their own. */
function makeEdges(count: number, ends: readonly EdgeEndpoint[]): Edge[] {
  const random = new Random(7, 1);
  const pick = (): number => random.below(ends.length);
  const perPort = Math.max(4, Math.round(count / (ends.length * 1.3)));
  const lists = Array.from({ length: 2000 }, () => Array.from({ length: perPort }, pick));
  const observe = observer(ends, random);
  const edges: Edge[] = [];
  for (let server = 0; edges.length < count; server = (server + 1) % ends.length)
    for (const port of random.next() < 0.3 ? [8080, 9090] : [8080]) {
      const own = random.next() < 0.3 ? [pick()] : [];
      for (const client of new Set([...(lists[pick() % lists.length] ?? []), ...own]))
        edges.push(toEdge(ends[client] as EdgeEndpoint, ends[server] as EdgeEndpoint, { port, seen: observe(client) }));
    }
  return edges.slice(0, count);
}

/** An observation of its own for each edge, with lists that edges share, as the reader of the store makes them. */
function observer(ends: readonly EdgeEndpoint[], random: Random): (client: number) => Observation {
  const always = activity(() => 0xff_ffff);
  const some = Array.from({ length: 500 }, () => activity(() => random.below(0xff_ffff) | 0x0e_0000));
  const pods = ends.map(({ workload }) => ['2xk9p', '7hw4c', 'qqv6t'].map((end) => `${workload}-6d5f9c7b8-${end}`));
  const addresses = ends.map((_, i) => [`10.${i >> 8}.${i & 255}.1`]);
  return (client) => ({
    flows: 50 + random.below(1000),
    connections: 10,
    firstSeen: FIRST_DAY * 86_400_000 + random.below(3_600_000),
    lastSeen: (FIRST_DAY + DAYS) * 86_400_000 - random.below(3_600_000),
    activity: random.below(2) === 0 ? always : (some[random.below(some.length)] ?? always),
    clientPods: pods[client] ?? NONE,
    serverPods: NONE,
    clientAddresses: addresses[client] ?? NONE,
    serverAddresses: NONE,
    reasons: [],
    sourcePolicies: NONE,
  });
}

function activity(hours: () => number): DayActivity[] {
  return Array.from({ length: DAYS }, (_, i) => ({ day: FIRST_DAY + i, hours: hours() }));
}

const NONE: readonly string[] = [];

/** One plain literal, as the reader of the store makes them. */
function toEdge(client: EdgeEndpoint, server: EdgeEndpoint, what: { port: number; seen: Observation }): Edge {
  return { client, server, protocol: 6, port: what.port, serverNames: NONE, passed: what.seen, oriented: true };
}

function inventoryOf(ends: readonly EdgeEndpoint[]): Inventory {
  const workloads = ends.map(({ cluster, namespace, workloadKind: kind, workload: name, labels }) => ({
    ...{ cluster, namespace, kind, name, labels, namedPorts: [], serviceAccount: '', replicas: REPLICAS },
  }));
  return { workloads, namespaces: new Map() };
}
