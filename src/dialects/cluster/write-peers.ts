import type { EndpointMatcher, Side } from '../../model/policy.ts';
import { subtractCidrs } from '../../util/cidr-blocks.ts';
import { labelSelector, type PlainObject } from '../kubernetes/write.ts';
import { type Alternative, alternativesOf, type PodAlternative } from '../writing/alternatives.ts';
import { chunks, Inexpressible } from '../writing/documents.ts';

export interface PeerOptions {
  readonly ipBlockMatchesPods: boolean;
  /** Write ingress although it can name pods only. */
  readonly podsOnlyIngress: boolean;
}

/** Blocks and names of one peer. */
const MOST_ITEMS = 25;
/** More blocks than this are no policy that a person could review. */
const MOST_BLOCKS = 625;

/** Subjects for a policy, one document each: the API has no "or" for them. */
export function writeSubjects(matcher: EndpointMatcher, { ipBlockMatchesPods }: PeerOptions): readonly PlainObject[] {
  return alternativesOf(matcher, ipBlockMatchesPods).map((one) => {
    if (one.form !== 'pods') throw new Inexpressible('it is applied to something that is no pod');
    return podPeer(one);
  });
}

/** Peers of a rule; none when no endpoint matches. */
export function writePeers(matcher: EndpointMatcher, side: Side, options: PeerOptions): readonly PlainObject[] {
  return alternativesOf(matcher, options.ipBlockMatchesPods).flatMap((one) =>
    side === 'ingress' ? ingressPeer(one, options) : egressPeer(one),
  );
}

/** A8, C6: what comes from outside the cluster has no name here. */
function ingressPeer(one: Alternative, { podsOnlyIngress }: PeerOptions): readonly PlainObject[] {
  if (one.form === 'pods') return [podPeer(one)];
  if (!podsOnlyIngress) throw new Inexpressible('ingress rules can name pods only, not sources outside the cluster');
  return one.form === 'anything' ? [{ namespaces: {} }] : [];
}

function egressPeer(one: Alternative): readonly PlainObject[] {
  switch (one.form) {
    case 'anything':
      return [{ namespaces: {} }, { networks: ['0.0.0.0/0', '::/0'] }];
    case 'pods':
      return [podPeer(one)];
    case 'nodes':
      return [{ nodes: labelSelector({ kind: 'and', of: one.labels }) }];
    case 'names':
      return chunks(one.patterns.map(domainName), MOST_ITEMS).map((domainNames) => ({ domainNames }));
    case 'addresses':
      return networks(one.except.length === 0 ? one.cidrs : subtractCidrs(one.cidrs, one.except));
  }
}

function podPeer({ labels, namespaceLabels, serviceAccounts, sameNamespace }: PodAlternative): PlainObject {
  if (serviceAccounts) throw new Inexpressible('pods cannot be named by their service account');
  if (sameNamespace) throw new Inexpressible('namespaces cannot be compared with that of the subject');
  const namespaces = labelSelector({ kind: 'and', of: namespaceLabels });
  if (labels.length === 0) return { namespaces };
  return { pods: { namespaceSelector: namespaces, podSelector: labelSelector({ kind: 'and', of: labels }) } };
}

/** Exceptions are not in the API, so what is left of the blocks is written. */
function networks(cidrs: readonly string[]): readonly PlainObject[] {
  if (cidrs.length > MOST_BLOCKS)
    throw new Inexpressible(`its exceptions leave more than ${MOST_BLOCKS} address blocks`);
  return cidrs.length === 0 ? [] : chunks(cidrs, MOST_ITEMS).map((part) => ({ networks: part }));
}

/** C7: a star stands for whole labels at the beginning. */
function domainName(pattern: string): string {
  const name = pattern.replace(/^\*\*\./, '*.');
  if (name.replace(/^\*\./, '').includes('*') || pattern.startsWith('*.')) {
    throw new Inexpressible(`the name ${pattern} has a star where the API allows none`);
  }
  return name;
}
