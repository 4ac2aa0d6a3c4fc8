import { compareText } from '../../util/compare.ts';
import { MinHeap } from '../../util/min-heap.ts';
import { hash32, Random } from '../../util/random.ts';
import { MINUTE } from '../clock.ts';
import { type Graph, type GraphWorkload, workloadReferenceOf } from '../graph.ts';
import { type Actor, macOf, type SimNode } from './actor.ts';
import { type Life, livesOf, type Span } from './lives.ts';
import { hostActor } from './nodes.ts';
import { namePod, suffix } from './pod-names.ts';

/** A pod with its place and time. */
export interface SimPod {
  readonly ordinal: number;
  readonly start: number;
  readonly end: number;
  readonly actor: Actor;
}

export interface PodPlan {
  readonly graph: Graph;
  readonly nodes: readonly SimNode[];
  readonly span: Span;
}

/** Addresses stay unused this long before another pod gets them. */
const ADDRESS_REST = 2 * MINUTE;

/**
 * Every pod of every workload, by reference and ordinal, each list by start. An address goes to another pod after its
 * pod died, which is what makes late joins of labels by address go wrong in real clusters.
 */
export function buildPods(plan: PodPlan): Map<string, SimPod[][]> {
  const order = plan.graph.workloads
    .flatMap((workload) =>
      livesOf(workload, plan.span).map((life) => ({ workload, life, reference: workloadReferenceOf(workload) })),
    )
    .sort(
      (a, b) => a.life.start - b.life.start || compareText(a.reference, b.reference) || a.life.ordinal - b.life.ordinal,
    );
  const place = createPlacement(plan);
  const pods = new Map<string, SimPod[][]>();
  for (const workload of plan.graph.workloads) {
    pods.set(
      workloadReferenceOf(workload),
      Array.from({ length: workload.replicas }, () => []),
    );
  }
  for (const { workload, life, reference } of order) {
    const actor = place(workload, life);
    pods.get(reference)?.[life.ordinal]?.push({ ordinal: life.ordinal, start: life.start, end: life.end, actor });
  }
  return pods;
}

interface FreeAddress {
  readonly at: number;
  readonly host: number;
}

/** Gives each pod a node, an address, a numeric identity and its two Endpoint texts. */
function createPlacement({ graph, nodes }: PodPlan): (workload: GraphWorkload, life: Life) => Actor {
  const pools = nodes.map(() => ({
    used: 9,
    free: new MinHeap<FreeAddress>((a, b) => a.at < b.at || (a.at === b.at && a.host < b.host)),
  }));
  const identities = new Map<string, number>();
  const namespaceLabels = new Map(graph.namespaces.map((namespace) => [namespace.name, namespace.labels]));
  let endpointId = 100;
  return (workload, life) => {
    const reference = workloadReferenceOf(workload);
    const random = new Random(graph.seed, hash32(reference), life.generation * 65_536 + life.ordinal);
    const spread = workload.kind === 'DaemonSet' ? 0 : hash32(reference);
    const node = nodes[(spread + life.ordinal) % nodes.length] as SimNode;
    if (workload.hostNetwork) return hostActor(node, reference);
    const pool = pools[node.index] as (typeof pools)[number];
    const rested = pool.free.peek();
    const host = rested && rested.at <= life.start ? (pool.free.pop() as FreeAddress).host : ++pool.used;
    if (Number.isFinite(life.end)) pool.free.push({ at: life.end + ADDRESS_REST, host });
    const name = namePod(
      workload,
      { ...life, templateHash: templateHashOf(graph.seed, reference, life), startMinute: life.start / MINUTE },
      random,
    );
    const labels = {
      ...life.labels,
      ...(graph.noise.templateLabels ? name.labels : {}),
    };
    const texts = labelTexts(workload, labels, {
      cluster: graph.cluster,
      namespace: namespaceLabels.get(workload.namespace) ?? {},
    });
    const key = JSON.stringify(texts);
    const identity = identities.get(key) ?? 10_000 + identities.size;
    identities.set(key, identity);
    const common = {
      identity,
      cluster_name: graph.cluster,
      namespace: workload.namespace,
      labels: texts,
      pod_name: name.pod,
    };
    const owner = { workloads: [{ name: workload.name, kind: workload.kind }] };
    endpointId++;
    return {
      kind: 'pod',
      reference,
      pod: name.pod,
      node,
      ip4: `10.${64 + (node.index >> 8)}.${node.index & 255}.${host}`,
      ip6: workload.dualStack ? `fd00:10:64:${node.index.toString(16)}::${host.toString(16)}` : '',
      localJson: JSON.stringify({ ID: endpointId, ...common, ...owner }),
      remoteJson: JSON.stringify(graph.noise.remoteWorkloads ? { ...common, ...owner } : common),
      mac: macOf(name.pod),
      interfaceJson: `,"interface":{"index":${10 + host},"name":"lxc${suffix(random, 12)}"}`,
      namesJson: '',
    };
  };
}

function templateHashOf(seed: number, reference: string, life: Life): string {
  return suffix(new Random(seed, hash32(`${reference}#template`), life.generation), 10);
}

/** The labels of a security identity as Cilium prints them, sorted. */
function labelTexts(
  workload: GraphWorkload,
  labels: Readonly<Record<string, string>>,
  around: { cluster: string; namespace: Readonly<Record<string, string>> },
): string[] {
  const namespaceLabels = { 'kubernetes.io/metadata.name': workload.namespace, ...around.namespace };
  return [
    ...Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
    ...Object.entries(namespaceLabels).map(([key, value]) => `k8s:io.cilium.k8s.namespace.labels.${key}=${value}`),
    `k8s:io.cilium.k8s.policy.cluster=${around.cluster}`,
    `k8s:io.cilium.k8s.policy.serviceaccount=${workload.serviceAccount ?? 'default'}`,
    `k8s:io.kubernetes.pod.namespace=${workload.namespace}`,
  ].sort(compareText);
}
