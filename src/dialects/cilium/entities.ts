import type { EndpointKind } from '../../model/enums.ts';
import { ANYTHING, type EndpointMatcher } from '../../model/policy.ts';
import { anyOf } from '../document/peers.ts';

/** Outside the cluster: known by address alone. */
const WORLD_KINDS: readonly EndpointKind[] = ['external', 'netset', 'private'];
/** In the cluster, besides pods. A service stands for its backends, which are in the cluster as a rule. */
const CLUSTER_KINDS: readonly EndpointKind[] = ['host', 'health', 'ingress', 'unmanaged', 'service'];

const POD: EndpointMatcher = { match: 'pod' };
const INIT: EndpointMatcher = { match: 'kind', kinds: [] };

/** An API server carries the labels of where it runs as well: of a node, or of the world. */
const API_SERVER_THERE: EndpointMatcher = {
  match: 'all',
  of: [
    { match: 'kind', kinds: ['apiserver'] },
    { match: 'undecidable', missing: 'where the API server runs' },
  ],
};

function kinds(...of: readonly EndpointKind[]): EndpointMatcher {
  return { match: 'kind', kinds: of };
}

/** Whatever has no identity in the cluster. */
export const WORLD: EndpointMatcher = anyOf([kinds(...WORLD_KINDS), API_SERVER_THERE]);

const ANY_NODE: EndpointMatcher = anyOf([kinds('host'), API_SERVER_THERE]);
const OWN_NODE: EndpointMatcher = { match: 'ownNode' };
const OTHER_NODE: EndpointMatcher = { match: 'all', of: [kinds('host'), { match: 'not', of: OWN_NODE }] };

function worldOf(all: string): EndpointMatcher {
  return { match: 'all', of: [WORLD, { match: 'cidr', cidrs: [all], except: [], pods: false }] };
}

/** X19, as cilium/cilium pkg/policy/api/entity.go has them. An endpoint that is being set up is not known by its kind. */
const ENTITIES = {
  all: ANYTHING,
  world: WORLD,
  'world-ipv4': worldOf('0.0.0.0/0'),
  'world-ipv6': worldOf('::/0'),
  cluster: anyOf([POD, kinds(...CLUSTER_KINDS), API_SERVER_THERE]),
  host: anyOf([OWN_NODE, API_SERVER_THERE]),
  'remote-node': anyOf([OTHER_NODE, API_SERVER_THERE]),
  'kube-apiserver': kinds('apiserver'),
  health: kinds('health'),
  ingress: kinds('ingress'),
  unmanaged: kinds('unmanaged'),
  init: INIT,
  none: { match: 'nothing' },
} as const satisfies Readonly<Record<string, EndpointMatcher>>;

export type Entity = keyof typeof ENTITIES;

export const ENTITY_NAMES = Object.keys(ENTITIES) as readonly Entity[];

/** The endpoints of any of these entities. Own and other nodes together are all nodes, wherever the pod runs. */
export function entityMatchers(names: readonly Entity[]): EndpointMatcher[] {
  const both = names.includes('host') && names.includes('remote-node');
  const single = names.filter((name) => !both || (name !== 'host' && name !== 'remote-node'));
  return [...(both ? [ANY_NODE] : []), ...single.map((name) => ENTITIES[name])];
}

/** The entity that a `reserved:` label marks. */
export function reservedMatcher(name: string): EndpointMatcher {
  const known = ENTITY_NAMES.find((entity) => entity === name);
  return known === undefined
    ? { match: 'undecidable', missing: `which endpoints carry the label reserved:${name}` }
    : ENTITIES[known];
}

/** The pods, and the proxies and probes that Cilium manages like pods. */
export const ENDPOINTS: EndpointMatcher = anyOf([POD, kinds('ingress', 'health')]);

/** Which entities a matcher stands for, for the writer. */
export const ENTITIES_BY_MATCHER: readonly (readonly [EndpointMatcher, readonly Entity[]])[] = [
  ...ENTITY_NAMES.map((name) => [ENTITIES[name], [name]] as const),
  [ANY_NODE, ['host', 'remote-node']],
];
