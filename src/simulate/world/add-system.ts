import { type Graph, workloadReferenceOf } from '../graph.ts';

/** Labels by which every cluster's DNS pods are known. */
export const DNS_LABEL = { key: 'k8s-app', value: 'kube-dns' } as const;

/** The reference of the DNS workload; undefined when the graph has none and none was added. */
export function dnsWorkload(graph: Graph): string | undefined {
  const found = graph.workloads.find((workload) => workload.labels[DNS_LABEL.key] === DNS_LABEL.value);
  return found ? workloadReferenceOf(found) : undefined;
}

/** Adds cluster DNS to graphs that want lookups and describe no DNS themselves. */
export function addSystem(graph: Graph): Graph {
  if (graph.noise.dns === 0 || dnsWorkload(graph) !== undefined) return graph;
  const namespace = 'kube-system';
  const labels = { [DNS_LABEL.key]: DNS_LABEL.value };
  const namespaces = graph.namespaces.some(({ name }) => name === namespace)
    ? graph.namespaces
    : [...graph.namespaces, { name: namespace, labels: {} }];
  return {
    ...graph,
    namespaces,
    workloads: [
      ...graph.workloads,
      {
        namespace,
        name: 'coredns',
        kind: 'Deployment',
        labels,
        replicas: 2,
        serviceAccount: 'coredns',
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
        hostNetwork: false,
        dualStack: graph.workloads.some((workload) => workload.dualStack),
        rollouts: [],
        relabels: [],
      },
    ],
    services: [
      ...graph.services,
      {
        namespace,
        name: 'kube-dns',
        type: 'ClusterIP',
        selector: labels,
        ports: [
          { port: 53, targetPort: 53, protocol: 'UDP' },
          { port: 53, targetPort: 53, protocol: 'TCP' },
        ],
      },
    ],
  };
}
