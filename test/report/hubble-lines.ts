import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';

/**
 * The Hubble records from which a store would see these edges: one policy verdict of the server's node for each flow,
 * the first at the first moment and all others at the last.
 */
export function hubbleLines(edges: readonly Edge[]): string {
  const lines = edges.flatMap((edge, number) =>
    (['passed', 'denied', 'unclear'] as const).flatMap((outcome) => {
      const observation = edge[outcome];
      if (observation === undefined) return [];
      return Array.from({ length: observation.flows }, (_, i) => record(edge, outcome, { observation, number, i }));
    }),
  );
  return `${lines.join('\n')}\n`;
}

interface Which {
  readonly observation: Observation;
  readonly number: number;
  readonly i: number;
}

const VERDICTS = {
  passed: { verdict: 'FORWARDED', event_type: { type: 5 } },
  denied: { verdict: 'DROPPED', event_type: { type: 5 }, drop_reason_desc: 'POLICY_DENIED', drop_reason: 133 },
  unclear: { verdict: 'DROPPED', event_type: { type: 1 }, drop_reason_desc: 'NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT' },
} as const;

function record(edge: Edge, outcome: keyof typeof VERDICTS, { observation, number, i }: Which): string {
  const { client, server, protocol, port } = edge;
  const time = new Date(i === 0 ? observation.firstSeen : observation.lastSeen).toISOString();
  const ports = { source_port: 30_000 + (i % 30_000), destination_port: port };
  const flow = {
    time,
    uuid: `${number}-${outcome}-${i}`,
    ...VERDICTS[outcome],
    IP: {
      source: addressOf(client, observation.clientAddresses, i),
      destination: addressOf(server, observation.serverAddresses, i),
      ipVersion: 'IPv4',
    },
    l4: protocol === 17 ? { UDP: ports } : { TCP: { ...ports, flags: { SYN: true } } },
    source: endpoint(client, i),
    destination: endpoint(server, i),
    Type: 'L3_L4',
    node_name: 'default/node-1',
    traffic_direction: 'INGRESS',
    is_reply: false,
  };
  return JSON.stringify({ flow, node_name: 'default/node-1', time });
}

/** Pods get an address that follows from their name; a host has one of the node's network. */
function addressOf(end: EdgeEndpoint, observed: readonly string[], i: number): string {
  if (end.address !== '') return end.address;
  if (observed.length > 0) return observed[i % observed.length] ?? '';
  if (end.kind !== 'pod') return '192.168.0.10';
  const sum = [...`${end.namespace}/${end.workload}`].reduce(
    (hash, char) => (hash * 31 + char.charCodeAt(0)) % 65_536,
    7,
  );
  return `10.244.${sum >> 8}.${sum & 255}`;
}

const RESERVED: Partial<Record<EdgeEndpoint['kind'], { identity: number; labels: string[] }>> = {
  external: { identity: 2, labels: ['reserved:world'] },
  host: { identity: 1, labels: ['reserved:host'] },
};

function endpoint(end: EdgeEndpoint, i: number): Record<string, unknown> {
  const { namespace, workload, workloadKind, labels } = end;
  if (end.kind !== 'pod') return RESERVED[end.kind] ?? {};
  const own = [...labels.labels].map(([key, value]) => `k8s:${key}=${value}`);
  return {
    identity: 1000,
    namespace,
    ...(labels.id === UNKNOWN_LABELS.id ? {} : { labels: [...own, `k8s:io.kubernetes.pod.namespace=${namespace}`] }),
    pod_name: `${workload}-7d9f8b6c5-${'abcdefgh'[i % 8]}x2kq`,
    workloads: [{ name: workload, kind: workloadKind }],
  };
}
