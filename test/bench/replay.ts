import { performance } from 'node:perf_hooks';
import { compile, prepare } from '../../src/evaluate/compile.ts';
import { decide, decision } from '../../src/evaluate/decide.ts';
import { edgeTraffic, type Traffic } from '../../src/evaluate/traffic.ts';
import type { Decision } from '../../src/model/verdict.ts';
import { makeCluster, makeEdges, makePolicies } from './replay-input.ts';

/**
 * Replay of distinct edges against a policy set, from the policies and edges in memory to all decisions. The targets
 * are those of a cluster with 10,000 label sets, 1,000 policies and 1 M edges; the curve shows that the cost of an edge
 * stays nearly flat whatever the number of policies and edges.
 */
interface Measured {
  readonly policies: number;
  readonly edges: number;
  readonly compileMs: number;
  readonly microsPerEdge: number;
  readonly totalMs: number;
  readonly megabytes: number;
  readonly counts: Record<Decision, number>;
}

const LABEL_SETS = 10_000;

function measure(policyCount: number, edgeCount: number): Measured {
  const cluster = makeCluster(LABEL_SETS);
  const set = makePolicies(cluster, policyCount);
  const edges = makeEdges(cluster, edgeCount);
  globalThis.gc?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const compiled = compile(set, { workloads: [], namespaces: cluster.namespaces });
  prepare(
    compiled,
    edges.flatMap(({ client, server }) => [client, server]),
  );
  const ready = performance.now();
  const counts: Record<Decision, number> = { allow: 0, deny: 0, uncertain: 0 };
  for (const edge of edges) counts[decision(compiled, edgeTraffic(edge))]++;
  const end = performance.now();
  globalThis.gc?.();
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return {
    policies: policyCount,
    edges: edgeCount,
    compileMs: ready - start,
    microsPerEdge: ((end - ready) * 1000) / edgeCount,
    totalMs: end - start,
    megabytes: bytes / 1024 / 1024,
    counts,
  };
}

/** Cost of a whole verdict with its trail, as a report asks for it. */
function measureTrails(policyCount: number, edgeCount: number): number {
  const cluster = makeCluster(LABEL_SETS);
  const compiled = compile(makePolicies(cluster, policyCount), { workloads: [], namespaces: cluster.namespaces });
  const traffic: Traffic[] = makeEdges(cluster, edgeCount).map((edge) => edgeTraffic(edge));
  prepare(
    compiled,
    traffic.flatMap(({ client, server }) => [client, server]),
  );
  const start = performance.now();
  for (const one of traffic) decide(compiled, one);
  return ((performance.now() - start) * 1000) / edgeCount;
}

/** The least a replay can cost: finding what is known of both ends of every edge, and nothing else. */
function measureFloor(edgeCount: number): number {
  const cluster = makeCluster(LABEL_SETS);
  const edges = makeEdges(cluster, edgeCount);
  const numbers = new Map([...cluster.endpoints, ...cluster.externals].map((endpoint, index) => [endpoint, index]));
  const start = performance.now();
  let sum = 0;
  for (const { client, server } of edges) sum += (numbers.get(client) ?? 0) + (numbers.get(server) ?? 0);
  const micros = ((performance.now() - start) * 1000) / edgeCount;
  return sum > 0 ? micros : 0;
}

function print(measured: Measured): void {
  const { policies, edges, compileMs, microsPerEdge, totalMs, megabytes, counts } = measured;
  const columns = [
    `${policies} policies`.padStart(14),
    `${edges} edges`.padStart(14),
    `ready ${compileMs.toFixed(0)} ms`.padStart(14),
    `${microsPerEdge.toFixed(3)} µs/edge`.padStart(15),
    `all ${totalMs.toFixed(0)} ms`.padStart(13),
    `${megabytes.toFixed(0)} MB beyond input`.padStart(22),
    `   ${counts.allow} allow, ${counts.deny} deny, ${counts.uncertain} uncertain`,
  ];
  console.log(columns.join(''));
}

measure(1000, 100_000);
console.log(`${LABEL_SETS} label sets, Node ${process.version}`);
print(measure(1000, 1_000_000));
console.log(`floor, looking up both ends: ${measureFloor(1_000_000).toFixed(3)} µs/edge`);
console.log(`peak memory of the process with its input: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
console.log(`verdicts with their trail: ${measureTrails(1000, 200_000).toFixed(2)} µs each`);
console.log('by number of policies:');
for (const policies of [100, 300, 1000, 3000, 5000]) print(measure(policies, 1_000_000));
console.log('by number of edges:');
for (const edges of [10_000, 100_000, 1_000_000, 4_000_000]) print(measure(1000, edges));
