import { type Graph, type GraphCall, type GraphDrift, type GraphWorkload, workloadReferenceOf } from './graph.ts';

/** Rewrites every drift in the plain terms of the format: days on workloads and calls, further workloads. */
export function expandDrifts(graph: Graph): Graph {
  return graph.drifts.reduce(applyDrift, { ...graph, drifts: [] });
}

function applyDrift(graph: Graph, drift: GraphDrift): Graph {
  switch (drift.kind) {
    case 'new-service':
      return changeWorkload(graph, drift.workload, (workload) => ({ ...workload, fromDay: drift.day }));
    case 'renamed-label':
      return changeWorkload(graph, drift.workload, (workload) => ({
        ...workload,
        relabels: [...workload.relabels, { day: drift.day, labels: drift.labels }],
      }));
    case 'removed-call':
      return {
        ...graph,
        calls: graph.calls.map((call) => (isRemoved(call, drift) ? { ...call, untilDay: drift.day } : call)),
      };
    case 'canary':
      return addCanary(graph, drift);
  }
}

function isRemoved(call: GraphCall, drift: Extract<GraphDrift, { kind: 'removed-call' }>): boolean {
  return call.from === drift.from && call.to === drift.to && (drift.port === undefined || call.port === drift.port);
}

function changeWorkload(graph: Graph, reference: string, change: (workload: GraphWorkload) => GraphWorkload): Graph {
  const workloads = graph.workloads.map((workload) =>
    workloadReferenceOf(workload) === reference ? change(workload) : workload,
  );
  return { ...graph, workloads };
}

/** A second Deployment beside the first: its labels with some replaced, all its calls, and one call more. */
function addCanary(graph: Graph, drift: Extract<GraphDrift, { kind: 'canary' }>): Graph {
  const original = graph.workloads.find((workload) => workloadReferenceOf(workload) === drift.workload);
  if (!original) return graph;
  const canary: GraphWorkload = {
    ...original,
    name: `${original.name}-canary`,
    labels: { ...original.labels, ...drift.labels },
    replicas: drift.replicas,
    fromDay: drift.day,
  };
  const reference = workloadReferenceOf(canary);
  const copies = graph.calls
    .filter((call) => call.from === drift.workload || call.to === drift.workload)
    .map((call) => ({
      ...call,
      from: call.from === drift.workload ? reference : call.from,
      to: call.to === drift.workload ? reference : call.to,
    }));
  const extra: GraphCall = {
    ...drift.call,
    from: reference,
    profile: 'busy',
    rate: 10,
    connections: 3,
    clients: 1,
    outcome: 'forwarded',
    ipv6: 0.3,
  };
  return { ...graph, workloads: [...graph.workloads, canary], calls: [...graph.calls, ...copies, extra] };
}
