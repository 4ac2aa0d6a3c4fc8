import { type Actor, macOf, reservedJson, type SimNode } from './actor.ts';

const PODS_PER_NODE = 150;

/** The machines: as many as the graph wants, more when its pods would not fit. */
export function buildNodes(cluster: string, wanted: number, pods: number): SimNode[] {
  const count = Math.max(wanted, Math.ceil(pods / PODS_PER_NODE));
  return Array.from({ length: count }, (_, index) => buildNode(cluster, index));
}

function buildNode(cluster: string, index: number): SimNode {
  const short = `node-${index + 1}`;
  const name = `${cluster}/${short}`;
  const labels = [
    'kubernetes.io/arch=amd64',
    `kubernetes.io/hostname=${short}`,
    'kubernetes.io/os=linux',
    `topology.kubernetes.io/zone=zone-${'abc'[index % 3]}`,
  ];
  return {
    index,
    name,
    ip4: `172.18.${(index + 10) >> 8}.${(index + 10) & 255}`,
    ip6: `fd00:172:18::${(index + 10).toString(16)}`,
    json: `,"node_name":"${name}","node_labels":${JSON.stringify(labels)}`,
  };
}

/**
 * The host of a node, which is also what a hostNetwork pod looks like: `reserved:host` for its own agent, and
 * `reserved:remote-node` for all others.
 */
export function hostActor(node: SimNode, reference: string): Actor {
  return {
    kind: 'host',
    reference,
    pod: '',
    node,
    ip4: node.ip4,
    ip6: node.ip6,
    localJson: reservedJson(1, ['reserved:host']),
    remoteJson: reservedJson(6, ['reserved:remote-node']),
    mac: macOf(node.name),
    interfaceJson: ',"interface":{"index":2,"name":"eth0"}',
    namesJson: '',
  };
}
