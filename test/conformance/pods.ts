import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { labelSet } from '../../src/model/labels.ts';
import type { PolicySet } from '../../src/model/policy.ts';

/** A pod as the corpora describe one. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export function podEndpoint({ namespace, name, labels }: Pod): EdgeEndpoint {
  const owner = { workload: name, workloadKind: 'Pod', labels: labelSet(new Map(Object.entries(labels))) };
  return { cluster: '', kind: 'pod', namespace, ...owner, peer: '', address: '' };
}

/** Pods that serve 80 and 81 in all protocols under the names `serve-80-tcp` and so on, as both corpora have them. */
export function inventoryOf(
  pods: readonly Pod[],
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Inventory {
  const namedPorts = Object.entries(PROTOCOLS).flatMap(([name, protocol]) =>
    [80, 81].map((port) => ({ name: `serve-${port}-${name.toLowerCase()}`, protocol, port })),
  );
  return {
    workloads: pods.map((pod) => {
      const { namespace, labels } = podEndpoint(pod);
      const known = { namedPorts, portsKnown: true, serviceAccount: '', replicas: 1 };
      return { cluster: '', namespace, kind: 'Pod', name: pod.name, labels, ...known };
    }),
    namespaces: new Map(
      Object.entries(namespaces).map(([name, labels]) => [`/${name}`, new Map(Object.entries(labels))]),
    ),
  };
}

/** The set with traffic of a pod to itself decided by its policies, as cyclonus does. */
export function selfEvaluated(set: PolicySet): PolicySet {
  return { ...set, profile: { ...set.profile, selfTraffic: 'evaluated' } };
}
