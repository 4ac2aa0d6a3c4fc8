import type { EndpointKind } from '../../model/enums.ts';
import type { EndpointMatcher, Side } from '../../model/policy.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { labelSelector } from '../kubernetes/write.ts';
import { Inexpressible } from '../writing/documents.ts';
import { ENTITIES_BY_MATCHER, type Entity, WORLD } from './entities.ts';
import { writtenPattern } from './names.ts';
import { peerSelector, waysOf } from './write-selectors.ts';

interface Peers {
  readonly endpoints: PlainObject[];
  readonly entities: Entity[];
  readonly cidrs: PlainObject[];
  readonly names: PlainObject[];
  readonly nodes: PlainObject[];
}

/** Fields of peers, one for each entry that the rule needs (X18); none when nobody is meant. */
export function writePeers(matcher: EndpointMatcher, side: Side, namespace: string): readonly PlainObject[] {
  const peers: Peers = { endpoints: [], entities: [], cidrs: [], names: [], nodes: [] };
  collect(matcher, namespace, peers);
  const entities = [...new Set(peers.entities)];
  if (entities.includes('all')) return [field(side, 'Entities', ['all'])];
  if (side === 'ingress' && peers.names.length > 0) throw new Inexpressible('Cilium knows DNS names in egress only');
  return [
    ...(peers.endpoints.length > 0 ? [field(side, 'Endpoints', peers.endpoints)] : []),
    ...(entities.length > 0 ? [field(side, 'Entities', entities)] : []),
    ...(peers.cidrs.length > 0 ? [field(side, 'CIDRSet', peers.cidrs)] : []),
    ...(peers.nodes.length > 0 ? [field(side, 'Nodes', peers.nodes)] : []),
    ...(peers.names.length > 0 ? [{ toFQDNs: peers.names }] : []),
  ];
}

function field(side: Side, name: string, value: PlainObject[] | readonly Entity[]): PlainObject {
  return { [`${side === 'ingress' ? 'from' : 'to'}${name}`]: value };
}

function collect(matcher: EndpointMatcher, namespace: string, peers: Peers): void {
  const entities = entitiesOf(matcher);
  if (entities !== undefined) peers.entities.push(...entities);
  else if (matcher.match === 'some') for (const part of matcher.of) collect(part, namespace, peers);
  else if (matcher.match === 'nodeLabels') peers.nodes.push(labelSelector(matcher.selector));
  else {
    const outside = withoutWorld(matcher);
    if (outside.match === 'cidr') peers.cidrs.push(...blocks(outside));
    else if (outside.match === 'dnsName') peers.names.push(...outside.patterns.map(dnsName));
    else collectWays(matcher, namespace, peers);
  }
}

function collectWays(matcher: EndpointMatcher, namespace: string, peers: Peers): void {
  for (const way of waysOf(matcher)) {
    if (way === 'anything') peers.entities.push('all');
    else peers.endpoints.push(peerSelector(way, namespace));
  }
}

/** Entities that mean just this. Equal matchers have equal JSON, because all of them are built alike. */
function entitiesOf(matcher: EndpointMatcher): readonly Entity[] | undefined {
  const json = JSON.stringify(matcher);
  const known = ENTITIES_BY_MATCHER.find(([one]) => JSON.stringify(one) === json)?.[1];
  if (known !== undefined) return known;
  return matcher.match === 'kind' ? entitiesOfKinds(matcher.kinds) : undefined;
}

const OF_KINDS: readonly (readonly [readonly EndpointKind[], readonly Entity[]])[] = [
  [['external', 'netset', 'private'], ['world']],
  [['host'], ['host', 'remote-node']],
  [['apiserver'], ['kube-apiserver']],
  [['health'], ['health']],
  [['ingress'], ['ingress']],
  [['unmanaged'], ['unmanaged']],
];

function entitiesOfKinds(kinds: readonly EndpointKind[]): readonly Entity[] {
  const parts = OF_KINDS.filter(([of]) => of.every((kind) => kinds.includes(kind)));
  const covered = parts.flatMap(([of]) => of);
  const left = kinds.find((kind) => !covered.includes(kind));
  if (left !== undefined) throw new Inexpressible(`Cilium has no entity for "${left}" alone`);
  return parts.flatMap(([, entities]) => entities);
}

/** X20: an address block or a name means the world in any case. */
function withoutWorld(matcher: EndpointMatcher): EndpointMatcher {
  if (matcher.match !== 'all' || matcher.of.length !== 2) return matcher;
  const [first, second] = matcher.of;
  return JSON.stringify(first) === JSON.stringify(WORLD) && second !== undefined ? second : matcher;
}

function blocks({ cidrs, except, pods }: Extract<EndpointMatcher, { match: 'cidr' }>): PlainObject[] {
  if (pods === true) throw new Inexpressible('address blocks of Cilium never mean pods');
  return cidrs.flatMap((block) => {
    const outer = parseCidr(block);
    const inside = except.filter((one) => {
      const inner = parseCidr(one);
      return outer !== undefined && inner !== undefined && contains(outer, inner);
    });
    return [{ cidr: block, ...(inside.length > 0 && { except: inside }) }];
  });
}

function dnsName(pattern: string): PlainObject {
  const written = writtenPattern(pattern);
  if (written === undefined) throw new Inexpressible(`Cilium has no pattern for the names "${pattern}"`);
  return written;
}
