import ipaddr from 'ipaddr.js';
import { hash32, Random } from '../../util/random.ts';
import type { GraphExternal } from '../graph.ts';
import { type Actor, macOf, reservedJson } from './actor.ts';

/** At most this many different addresses are drawn from one range. */
const ADDRESSES_PER_RANGE = 48;
/** First identity of the node-local scope that Cilium gives to address ranges. */
const FIRST_CIDR_IDENTITY = 16_777_217;

/** The addresses of a peer outside the cluster, one actor each. */
export function externalActors(
  peer: GraphExternal,
  { seed, dualStack, index }: { seed: number; dualStack: boolean; index: number },
): Actor[] {
  return peer.addresses.flatMap((text) =>
    addressesIn(text, new Random(seed, hash32(`${peer.name} ${text}`))).map((address) => {
      const v6 = address.includes(':');
      const world = dualStack
        ? { identity: v6 ? 10 : 9, label: v6 ? 'reserved:world-ipv6' : 'reserved:world-ipv4' }
        : { identity: 2, label: 'reserved:world' };
      const range = text.includes('/') ? text : `${text}/${v6 ? 128 : 32}`;
      const json = peer.cidrLabels
        ? reservedJson(FIRST_CIDR_IDENTITY + index, [`cidr:${v6 ? range.replaceAll(':', '-') : range}`, world.label])
        : reservedJson(world.identity, [world.label]);
      return {
        kind: 'external' as const,
        reference: `external:${peer.name}`,
        pod: '',
        ip4: v6 ? '' : address,
        ip6: v6 ? address : '',
        localJson: json,
        remoteJson: json,
        mac: macOf('gateway'),
        interfaceJson: '',
        namesJson: peer.names.length > 0 ? JSON.stringify(peer.names.slice(0, 1)) : '',
      };
    }),
  );
}

function addressesIn(text: string, random: Random): string[] {
  if (!text.includes('/')) return [ipaddr.parse(text).toString()];
  const [network, prefix] = ipaddr.parseCIDR(text);
  const bytes = network.toByteArray();
  const bits = bytes.length * 8 - prefix;
  const count = Math.min(ADDRESSES_PER_RANGE, bits < 6 ? 2 ** bits : ADDRESSES_PER_RANGE);
  return Array.from({ length: count }, () => {
    const drawn = bytes.map((byte, at) => {
      const free = Math.min(8, Math.max(0, bits - (bytes.length - 1 - at) * 8));
      const mask = (1 << free) - 1;
      return (byte & ~mask) | (random.uint32() & mask);
    });
    return ipaddr.fromByteArray(drawn).toString();
  });
}

/** The API server, outside the pod network on a control-plane node. */
export function apiServerActor(): Actor {
  const json = reservedJson(7, ['reserved:kube-apiserver', 'reserved:remote-node']);
  return {
    kind: 'entity',
    reference: 'entity:kube-apiserver',
    pod: '',
    ip4: '172.18.0.2',
    ip6: 'fd00:172:18::2',
    localJson: json,
    remoteJson: json,
    mac: macOf('control-plane'),
    interfaceJson: '',
    namesJson: '',
  };
}
