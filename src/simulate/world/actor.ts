import { hash32 } from '../../util/random.ts';

/** A machine of the cluster. */
export interface SimNode {
  readonly index: number;
  /** `cluster/node`, as Hubble names an observer. */
  readonly name: string;
  readonly ip4: string;
  readonly ip6: string;
  /** `,"node_name":"…","node_labels":[…]` of a flow. */
  readonly json: string;
}

/** Something that has an address at one time: a pod, a node's host, an entity, an address outside. */
export interface Actor {
  readonly kind: 'pod' | 'host' | 'entity' | 'external';
  /** How the graph calls it: `shop/cart`, `external:bank`, `entity:world`. */
  readonly reference: string;
  /** Pod name; `''` for everything else. */
  readonly pod: string;
  /** Absent outside the cluster. */
  readonly node?: SimNode;
  readonly ip4: string;
  /** `''` without IPv6. */
  readonly ip6: string;
  /** The Endpoint of a flow as its own node tells it, and as another node does. */
  readonly localJson: string;
  readonly remoteJson: string;
  readonly mac: string;
  /** `,"interface":{…}`; `''` when the agent has no device of it. */
  readonly interfaceJson: string;
  /** `["name"]` when DNS names are known for it, else `''`. */
  readonly namesJson: string;
}

/** A locally administered MAC address that stays the same for the same text. */
export function macOf(text: string): string {
  const low = hash32(text).toString(16).padStart(8, '0');
  return `9e:${(text.length & 255).toString(16).padStart(2, '0')}:${low.replace(/(..)(?=.)/g, '$1:')}`;
}

/** An Endpoint of a flow that only carries an identity and its labels. */
export function reservedJson(identity: number, labels: readonly string[]): string {
  return JSON.stringify({ identity, labels });
}
