import type { Random } from '../../util/random.ts';
import { HOUR, MINUTE } from '../clock.ts';
import { expandDrifts } from '../drifts.ts';
import { type Graph, type GraphService, type GraphWorkload, type Protocol, workloadReferenceOf } from '../graph.ts';
import type { Actor, SimNode } from './actor.ts';
import { addSystem, dnsWorkload } from './add-system.ts';
import { jobRuns, type Span } from './lives.ts';
import { buildNodes, hostActor } from './nodes.ts';
import { apiServerActor, externalActors } from './peers.ts';
import { buildPods, type SimPod } from './pods.ts';

/** A Service with its virtual addresses. */
export interface SimService {
  readonly service: GraphService;
  readonly ip4: string;
  readonly ip6: string;
}

/** Everything that exists, over the whole time of a simulation. Built once; nothing in it changes. */
export interface World {
  readonly graph: Graph;
  readonly span: Span;
  /** Microseconds since the epoch. */
  readonly end: number;
  readonly nodes: readonly SimNode[];
  readonly hosts: readonly Actor[];
  readonly workloads: ReadonlyMap<string, GraphWorkload>;
  readonly pods: ReadonlyMap<string, readonly (readonly SimPod[])[]>;
  readonly runs: ReadonlyMap<string, readonly number[]>;
  readonly externals: ReadonlyMap<string, readonly Actor[]>;
  readonly apiServer: Actor;
  readonly services: readonly SimService[];
  /** Reference of the cluster's DNS workload. */
  readonly dns: string | undefined;
}

/** Addresses from which `entity:world` speaks (RFC 5737 and RFC 3849 documentation ranges). */
const ANYWHERE = {
  name: 'world',
  names: [],
  addresses: ['198.51.100.0/24', '2001:db8:ffff::/64'],
  cidrLabels: false,
  loadBalancer: false,
};
/** Attackers bring their own workloads, which therefore must exist as pods. */
const withIntruders = (graph: Graph): Graph => ({ ...graph, workloads: [...graph.workloads, ...intruders(graph)] });

/** Builds the world of a valid graph. */
export function buildWorld(input: Graph): World {
  const graph = withIntruders(addSystem(expandDrifts(input)));
  const span = { start: Date.parse(graph.start) * 1000, hours: graph.days * 24 };
  const replicas = graph.workloads.reduce(
    (sum, workload) => sum + (workload.kind === 'DaemonSet' ? 0 : workload.replicas),
    0,
  );
  const nodes = buildNodes(graph.cluster, graph.nodes, replicas);
  const workloads = graph.workloads.map((workload) =>
    workload.kind === 'DaemonSet' ? { ...workload, replicas: nodes.length } : workload,
  );
  const complete = { ...graph, workloads };
  const dualStack = workloads.some((workload) => workload.dualStack);
  const externals = [...graph.external, ANYWHERE].map(
    (peer, index) => [peer.name, externalActors(peer, { seed: graph.seed, dualStack, index })] as const,
  );
  return {
    graph: complete,
    span,
    end: span.start + span.hours * HOUR,
    nodes,
    hosts: nodes.map((node) => hostActor(node, 'entity:host')),
    workloads: new Map(workloads.map((workload) => [workloadReferenceOf(workload), workload])),
    pods: buildPods({ graph: complete, nodes, span }),
    runs: new Map(workloads.flatMap((workload) => runsEntry(workload, span))),
    externals: new Map(externals),
    apiServer: apiServerActor(),
    services: graph.services.map((service, index) => ({
      service,
      ip4: `10.96.${(index + 10) >> 8}.${(index + 10) & 255}`,
      ip6: `fd00:10:96::${(index + 10).toString(16)}`,
    })),
    dns: dnsWorkload(complete),
  };
}

function runsEntry(workload: GraphWorkload, span: Span): [string, readonly number[]][] {
  const runs = jobRuns(workload, span);
  return runs ? [[workloadReferenceOf(workload), runs]] : [];
}

function intruders(graph: Graph): GraphWorkload[] {
  return graph.attacks.flatMap((attack) => {
    if (attack.kind !== 'poisoned-service') return [];
    const copied = graph.workloads.find((workload) => workloadReferenceOf(workload) === attack.copies);
    if (!copied) return [];
    const { schedule: _, ...rest } = copied;
    const { name, replicas } = attack;
    const namespace = attack.namespace ?? copied.namespace;
    return [
      {
        ...rest,
        namespace,
        name,
        kind: 'Deployment',
        replicas,
        fromDay: attack.day,
        rollouts: [],
        relabels: [],
        hostNetwork: false,
      },
    ];
  });
}

/** The pod of one ordinal that lives at `time`. */
export function podAt(lives: readonly SimPod[] | undefined, time: number): Actor | undefined {
  if (!lives) return undefined;
  let low = 0;
  let high = lives.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lives[middle] as SimPod).start <= time) low = middle + 1;
    else high = middle;
  }
  const found = lives[low - 1];
  return found && time < found.end ? found.actor : undefined;
}

/** One pod of a workload that lives at `time`; `limit` keeps to its first replicas, `not` to others than this one. */
export function anyPod(
  world: World,
  reference: string,
  { time, random, limit, not }: { time: number; random: Random; limit?: number; not?: Actor },
): Actor | undefined {
  const ordinals = world.pods.get(reference);
  if (!ordinals) return undefined;
  const count = Math.min(limit ?? ordinals.length, ordinals.length);
  const first = random.below(count);
  for (let step = 0; step < count; step++) {
    const actor = podAt(ordinals[(first + step) % count], time);
    if (actor && (actor !== not || count === 1)) return actor;
  }
  return undefined;
}

/** The Service through which a port of a workload is usually called. */
export function serviceFor(world: World, reference: string, port: number, protocol: Protocol): SimService | undefined {
  const workload = world.workloads.get(reference);
  if (!workload) return undefined;
  const named = new Map(workload.ports.map((declared) => [declared.name ?? '', declared.port]));
  return world.services.find(({ service }) => {
    if (service.namespace !== workload.namespace) return false;
    const selector = Object.entries(service.selector);
    if (selector.length === 0 || selector.some(([key, value]) => workload.labels[key] !== value)) return false;
    return service.ports.some((offered) => {
      const target = offered.targetPort ?? offered.port;
      return offered.protocol === protocol && (typeof target === 'number' ? target : named.get(target)) === port;
    });
  });
}

/** How long after the start of a run a job is busy. */
export const JOB_ACTIVE = 4 * MINUTE;
