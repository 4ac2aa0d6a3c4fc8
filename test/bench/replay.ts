import { performance } from 'node:perf_hooks';
import { compile, prepare } from '../../src/evaluate/compile/compile.ts';
import { decide, decision } from '../../src/evaluate/decide/decide.ts';
import { edgeTraffic, endpointsOf } from '../../src/evaluate/match/traffic.ts';
import type { Edge } from '../../src/model/edge.ts';
import type { Decision } from '../../src/model/verdict.ts';
import { makeCluster, makeEdges, shuffled } from './replay-input.ts';
import { MIXES, type Mix, makePolicies } from './replay-policies.ts';

/**
 * Replay of distinct edges against a policy set, from the policies and edges in memory to all decisions. The targets
 * are those of a cluster with 10,000 label sets, 1,000 policies and 1 M edges; the curve shows that the cost of an edge
 * stays nearly flat whatever the number of policies and edges. Few edges share among them what is made once for every
 * policy set (rows of ports and addresses), so theirs cost more. Times are of the processor, since the machine may be
 * busy with other things, with the time on the clock behind them. `replay [MIX]` measures the curve of that mix.
 */
interface Measured {
  readonly mix: Mix;
  readonly policies: number;
  readonly edges: number;
  readonly ready: Time;
  readonly deciding: Time;
  readonly megabytes: number;
  readonly counts: Record<Decision, number>;
}

/** Milliseconds. */
interface Time {
  readonly cpu: number;
  readonly wall: number;
}

const LABEL_SETS = 10_000;

function timed(work: () => void): Time {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, wall: performance.now() - wall };
}

interface Size {
  readonly policies: number;
  readonly edges: number;
}

function measure(mix: Mix, size: Size, arranged: (edges: readonly Edge[]) => readonly Edge[] = (all) => all): Measured {
  const cluster = makeCluster(LABEL_SETS);
  const set = makePolicies(cluster, size.policies, mix);
  const edges = arranged(makeEdges(cluster, size.edges));
  const counts: Record<Decision, number> = { allow: 0, deny: 0, uncertain: 0 };
  globalThis.gc?.();
  const before = process.memoryUsage();
  let compiled = compile(set, { workloads: [], namespaces: new Map() });
  const ready = timed(() => {
    compiled = compile(set, { workloads: [], namespaces: cluster.namespaces });
    prepare(compiled, endpointsOf(edges));
  });
  const deciding = timed(() => {
    for (const edge of edges) counts[decision(compiled, edgeTraffic(edge))]++;
  });
  globalThis.gc?.();
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return { mix, ...size, ready, deciding, megabytes: bytes / 1024 / 1024, counts };
}

/** Microseconds of a whole verdict with its trail, as a report asks for it. */
function measureTrails(mix: Mix, { policies, edges: count }: Size): number {
  const cluster = makeCluster(LABEL_SETS);
  const edges = makeEdges(cluster, count);
  const compiled = compile(makePolicies(cluster, policies, mix), { workloads: [], namespaces: cluster.namespaces });
  prepare(compiled, endpointsOf(edges));
  const { cpu } = timed(() => {
    for (const edge of edges) decide(compiled, edgeTraffic(edge));
  });
  return (cpu * 1000) / count;
}

/** Microseconds that the least replay of an edge costs: looking up both of its ends, and nothing else. */
function measureFloor(count: number): number {
  const cluster = makeCluster(LABEL_SETS);
  const edges = makeEdges(cluster, count);
  const numbers = new Map([...cluster.endpoints, ...cluster.externals].map((endpoint, index) => [endpoint, index]));
  let sum = 0;
  const { cpu } = timed(() => {
    for (const { client, server } of edges) sum += (numbers.get(client) ?? 0) + (numbers.get(server) ?? 0);
  });
  return sum > 0 ? (cpu * 1000) / count : 0;
}

function print({ mix, policies, edges, ready, deciding, megabytes, counts }: Measured): void {
  const micros = (ms: number): string => ((ms * 1000) / edges).toFixed(3);
  const columns = [
    mix.padEnd(10),
    `${policies} policies`.padStart(14),
    `${edges} edges`.padStart(15),
    `ready ${ready.cpu.toFixed(0)} ms`.padStart(15),
    `${micros(deciding.cpu)} µs/edge`.padStart(16),
    `all ${(ready.cpu + deciding.cpu).toFixed(0)} ms`.padStart(13),
    ` (clock: ${micros(deciding.wall)} µs, ${(ready.wall + deciding.wall).toFixed(0)} ms)`,
    `${megabytes.toFixed(0)} MB`.padStart(8),
    `  ${counts.allow} allow, ${counts.deny} deny, ${counts.uncertain} uncertain`,
  ];
  console.log(columns.join(''));
}

function printMemory(when: string): void {
  const most = process.resourceUsage().maxRSS / 1024;
  console.log(`most memory of the process ${when}, its input and its garbage included: ${most.toFixed(0)} MB`);
}

const [chosen = 'cilium'] = process.argv.slice(2) as Mix[];
for (const mix of MIXES) measure(mix, { policies: 1000, edges: 100_000 });
console.log(`${LABEL_SETS} label sets, Node ${process.version}; times of the processor, warm`);
for (const mix of MIXES) print(measure(mix, { policies: 1000, edges: 1_000_000 }));
console.log('edges in no order, where the store gives them by client and server:');
print(measure(chosen, { policies: 1000, edges: 1_000_000 }, shuffled));
console.log(`floor, looking up both ends: ${measureFloor(1_000_000).toFixed(3)} µs/edge`);
const trail = measureTrails(chosen, { policies: 1000, edges: 200_000 });
console.log(`verdicts with their trail: ${trail.toFixed(2)} µs each`);
console.log('by number of policies:');
for (const policies of [100, 300, 1000, 3000, 5000]) print(measure(chosen, { policies, edges: 1_000_000 }));
printMemory('up to a million edges');
console.log('by number of edges:');
for (const edges of [10_000, 100_000, 1_000_000, 4_000_000]) print(measure(chosen, { policies: 1000, edges }));
printMemory('up to four million edges');
