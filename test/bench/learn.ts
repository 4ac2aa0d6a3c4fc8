/**
 * Time and memory of the learner over synthetic edges: 100,000 pods in 10,000 workloads with as many label sets, at four
 * sizes. Sizes may be given as arguments; with --expose-gc the memory figures are exact.
 */
import { learn } from '../../src/learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS } from '../../src/learn/options.ts';
import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { Random } from '../../src/util/random.ts';

const LABEL_SETS = 10_000;
const NAMESPACES = 200;
const REPLICAS = 10;
const CURVE = [170_000, 700_000, 1_300_000, 2_600_000];

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
  const generator = new Random(7, 1);
  const random = (): number => generator.uint32() / 2 ** 32;
  const pick = (): number => Math.floor(random() * ends.length);
  const perPort = Math.max(4, Math.round(count / (ends.length * 1.3)));
  const lists = Array.from({ length: 2000 }, () => Array.from({ length: perPort }, pick));
  const seen: Observation = {
    ...{ flows: 100, connections: 10, firstSeen: 1.7e12, lastSeen: 1.7006e12, reasons: [], sourcePolicies: [] },
    activity: Array.from({ length: 7 }, (_, i) => ({ day: 19_675 + i, hours: 0xffffff })),
    ...{ clientPods: ['a', 'b', 'c'], serverPods: ['a'], clientAddresses: ['10.0.0.1'], serverAddresses: ['10.0.0.2'] },
  };
  const edges: Edge[] = [];
  for (let server = 0; edges.length < count; server = (server + 1) % ends.length)
    for (const port of random() < 0.3 ? [8080, 9090] : [8080]) {
      const own = random() < 0.3 ? [pick()] : [];
      for (const client of new Set([...(lists[pick() % lists.length] ?? []), ...own]))
        edges.push(toEdge(ends[client] as EdgeEndpoint, ends[server] as EdgeEndpoint, { port, seen }));
    }
  return edges.slice(0, count);
}

const NO_NAMES: readonly string[] = [];

/** One plain literal, as the reader of the store makes them. */
function toEdge(client: EdgeEndpoint, server: EdgeEndpoint, what: { port: number; seen: Observation }): Edge {
  return { client, server, protocol: 6, port: what.port, serverNames: NO_NAMES, passed: what.seen, oriented: true };
}

function inventoryOf(ends: readonly EdgeEndpoint[]): Inventory {
  const workloads = ends.map(({ cluster, namespace, workloadKind: kind, workload: name, labels }) => ({
    ...{ cluster, namespace, kind, name, labels, namedPorts: [], serviceAccount: '', replicas: REPLICAS },
  }));
  return { workloads, namespaces: new Map() };
}

const sizes = process.argv.slice(2).map(Number);
for (const size of sizes.length > 0 ? sizes : CURVE) {
  const ends = endpoints();
  const edges = makeEdges(size, ends);
  globalThis.gc?.();
  const before = process.memoryUsage();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { learned } = learn(edges, inventoryOf(ends), { ...DEFAULT_LEARN_OPTIONS, cluster: 'c' });
  const seconds = (performance.now() - started) / 1000;
  const after = process.memoryUsage();
  const { user } = process.cpuUsage(cpu);
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  globalThis.gc?.();
  console.log(
    `${size} edges: ${seconds.toFixed(2)} s (${(user / 1e6).toFixed(2)} s of CPU), ${((seconds * 1e6) / size).toFixed(2)} µs an edge, ` +
      `${Math.round(held / 2 ** 20)} MB beyond the edges, ${learned.pairs.length} functions, ${learned.summary.trusted} links`,
  );
}
