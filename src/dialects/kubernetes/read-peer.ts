import type { EndpointMatcher } from '../../model/policy.ts';
import { EVERYTHING, type Selector } from '../../model/selector.ts';
import { parseCidr } from '../../util/ip.ts';
import {
  childField,
  converted,
  type Field,
  list,
  object,
  type Read,
  required,
  text,
  wrong,
} from '../document/fields.ts';
import { cidr, podsAcross, podsIn, strictlyInside } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';

/** K15: exceptions only subtract from their own block, so they must lie in it. */
const ipBlock: Read<EndpointMatcher> = converted(
  object({ cidr: required(cidr), except: list(text) }),
  ({ cidr: block, except = [] }, field) => {
    const outside = except.findIndex((inner) => !strictlyInside(inner, block));
    if (outside < 0) return { match: 'cidr', cidrs: [block], except };
    const place = childField(childField(field, 'except'), outside);
    const inner = except[outside] ?? '';
    if (parseCidr(inner) === undefined) {
      return wrong(place, 'bad-cidr', `"${inner.slice(0, 80)}" is no address block`, 'Write address/length.');
    }
    const message = `${inner} does not lie strictly inside ${block}`;
    return wrong(place, 'bad-except', message, 'Name a smaller block inside cidr, or remove the exception.');
  },
);

/** A peer of a rule, still without the namespace that a lone podSelector refers to (K11). */
export const peerMatcher: Read<(namespace: string) => EndpointMatcher> = converted(
  object({ podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock }),
  (peer, field) => {
    const selects = peer.podSelector !== undefined || peer.namespaceSelector !== undefined;
    if (peer.ipBlock !== undefined) {
      const block = peer.ipBlock;
      return selects ? mixedPeer(field) : () => block;
    }
    return selects ? selectorPeer(peer.namespaceSelector, peer.podSelector) : emptyPeer(field);
  },
);

/** K11–K13: own namespace, whole namespaces, or both conditions together. */
function selectorPeer(namespaces: Selector | undefined, pods: Selector = EVERYTHING) {
  return (namespace: string): EndpointMatcher =>
    namespaces === undefined ? podsIn(namespace, pods) : podsAcross(namespaces, pods);
}

/** K14: neither form may be guessed at. */
function mixedPeer(field: Field): undefined {
  const remedy = 'Make them two list items (either may match), each with its own dash.';
  return wrong(field, 'bad-peer', 'ipBlock cannot stand together with a selector', remedy);
}

function emptyPeer(field: Field): undefined {
  const remedy = 'Write namespaceSelector: {} for all pods, or remove the whole list for any peer.';
  return wrong(field, 'bad-peer', 'a peer needs podSelector, namespaceSelector or ipBlock', remedy);
}
