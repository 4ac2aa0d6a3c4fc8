import type { OutsidePeer } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { USUAL_DNS } from '../functions/items.ts';
import { addressesOf, addressPeer } from '../functions/outside.ts';
import { at } from '../links/links.ts';
import type { Party } from '../parties/parties.ts';
import { type BuildContext, byNamespace, type Draft } from './drafts.ts';

/** What peers are made from. */
export interface PeerContext extends BuildContext {
  readonly linkIndexes: readonly number[];
  readonly reviews: string[];
}

/** Parties without function labels as peers: pods by labels that they carry already, others by address blocks. */
export function outsidePeers(
  indexes: readonly number[],
  role: 'client' | 'server',
  context: PeerContext,
): OutsidePeer[] {
  if (indexes.includes(USUAL_DNS)) return [usualDnsPeer()];
  const parties = indexes.map((index) => context.parties.all[index] as Party);
  const pods = byNamespace(parties.filter(({ outside }) => !outside)).flatMap(([namespace, own]): OutsidePeer[] => {
    const selection = context.finder.select(namespace, own);
    const what = own.map(({ name }) => name).join(', ');
    const members = own.flatMap(({ workloads }) => workloads);
    return selection.exact ? [{ peer: 'pods', what, members, namespace, selectors: selection.selectors }] : [];
  });
  const addresses = parties
    .filter(({ outside }) => outside)
    .map((party) => {
      const column = context.links[role];
      const own = context.linkIndexes.filter((link) => at(column, link) === party.index);
      const { peer, review } = addressPeer(party, addressesOf(context.links, own, role), {
        role,
        options: context.options,
      });
      if (review !== undefined) context.reviews.push(review);
      return peer;
    });
  return [...pods, ...addresses];
}

/** Callers without function labels; those who are not the same in all copies of an application, for each by itself. */
export function callersOutside(draft: Draft, context: PeerContext): OutsidePeer[] {
  const { scope, items, outside } = draft;
  if (scope === undefined || outside.length === 0) return outsidePeers(outside, 'client', context);
  const namespaces = new Map<string, string[]>();
  for (const namespace of scope) {
    const own = items.filter(({ server }) => context.parties.all[server]?.namespace === namespace);
    const callers = [...new Set(own.flatMap((item) => item.outside))].sort((a, b) => a - b);
    const linkIndexes = [...new Set(own.flatMap(({ links }) => links))];
    for (const peer of outsidePeers(callers, 'client', { ...context, linkIndexes }))
      appendTo(namespaces, JSON.stringify(peer), namespace);
  }
  return [...namespaces].flatMap(([text, own]): OutsidePeer[] => {
    const peer = JSON.parse(text) as OutsidePeer;
    if (peer.peer === 'pods' || own.length === scope.length) return [peer];
    return own.map((within) => ({ ...peer, within }));
  });
}

function usualDnsPeer(): OutsidePeer {
  const selector = { kind: 'and', of: [{ kind: 'in', key: 'k8s-app', values: ['kube-dns'] }] } as const;
  return { peer: 'pods', what: 'cluster DNS', members: [], namespace: 'kube-system', selectors: [selector] };
}
