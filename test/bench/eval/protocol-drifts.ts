import { type Graph, type GraphDrift, workloadReferenceOf } from '../../../src/simulate/graph.ts';
import type { Random } from '../../../src/util/random.ts';

export interface PlannedDrifts {
  readonly graph: Graph;
  /** Workloads that exist only after the first half. */
  readonly late: ReadonlySet<string>;
}

interface Given {
  /** Workloads, the first choice first. */
  readonly order: readonly string[];
  readonly half: number;
  readonly random: Random;
  /** Workloads that must exist from the start, because something else happens to them. */
  readonly busy: ReadonlySet<string>;
}

/** A new service on the second day of the second half, a removed call on the third, then a canary and a new label. */
export function planDrifts(graph: Graph, { order, half, random, busy }: Given): PlannedDrifts {
  const free = order.filter((reference) => !busy.has(reference));
  const [fresh, relabelled] = free;
  const canaryOf = order.find((reference) => reference !== fresh && isCaller(graph, reference));
  const drifts: GraphDrift[] = [];
  if (fresh !== undefined) drifts.push({ kind: 'new-service', workload: fresh, day: half + 1.3 });
  const removed = graph.calls.filter(({ from, to }) => from !== fresh && to !== fresh);
  const call = removed[random.below(removed.length)];
  if (call) drifts.push({ kind: 'removed-call', from: call.from, to: call.to, port: call.port, day: half + 2.3 });
  const extra = canaryOf === undefined ? undefined : unusedDoor(graph, canaryOf, fresh);
  if (canaryOf !== undefined && extra !== undefined)
    drifts.push({
      ...{ kind: 'canary', workload: canaryOf, day: half + 3.3, replicas: 1 },
      ...{ labels: { version: 'canary' }, call: extra },
    });
  if (relabelled !== undefined) drifts.push(renamed(graph, relabelled, half + 4.3));
  const late = [fresh, canaryOf === undefined ? undefined : `${canaryOf}-canary`];
  return { graph: { ...graph, drifts }, late: new Set(late.filter((reference) => reference !== undefined)) };
}

function isCaller(graph: Graph, reference: string): boolean {
  return graph.calls.some(({ from }) => from === reference);
}

/** A port that the workload does not call yet. */
function unusedDoor(
  graph: Graph,
  from: string,
  fresh: string | undefined,
): { to: string; port: number; protocol: 'TCP' } | undefined {
  const used = new Set(graph.calls.filter((call) => call.from === from).map(({ to, port }) => `${to}:${port}`));
  const doors = graph.workloads.flatMap((workload) => {
    const to = workloadReferenceOf(workload);
    if (to === from || to === fresh) return [];
    return workload.ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => ({ to, port }));
  });
  const door = doors.find(({ to, port }) => !used.has(`${to}:${port}`));
  return door && { ...door, protocol: 'TCP' };
}

/** `cart` becomes `carts`: the first label's value gets an s. */
function renamed(graph: Graph, reference: string, day: number): GraphDrift {
  const workload = graph.workloads.find((candidate) => workloadReferenceOf(candidate) === reference);
  const [key, value] = Object.entries(workload?.labels ?? {})[0] ?? ['app', 'renamed'];
  return { kind: 'renamed-label', workload: reference, day, labels: { [key]: `${value}s` } };
}
