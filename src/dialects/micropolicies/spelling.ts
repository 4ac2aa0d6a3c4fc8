import type { EndpointKind } from '../../model/enums.ts';
import type { OutsidePeer } from '../../model/pair.ts';
import type { EndpointMatcher } from '../../model/policy.ts';
import type { OutputForm } from './form.ts';

type AddressPeer = Extract<OutsidePeer, { peer: 'addresses' }>;

/** What stands for a peer outside the cluster in the rules of one dialect; `role` is the side that the peer is on. */
type Spell = (peer: AddressPeer, role: 'service' | 'client') => EndpointMatcher;

/** Inside the cluster, where Cilium knows more than an address and its address blocks therefore do not match. */
const ENTITIES: ReadonlySet<EndpointKind> = new Set(['host', 'apiserver', 'health', 'ingress', 'unmanaged']);

const byAddress: Spell = ({ cidrs, except }) => ({ match: 'cidr', cidrs, except });

/** Callers have no names that a rule could mean. */
const byName: Spell = (peer, role) =>
  role === 'service' && peer.names ? { match: 'dnsName', patterns: peer.names } : byAddress(peer, role);

const byEntity: Spell = (peer, role) =>
  ENTITIES.has(peer.kind) ? { match: 'kind', kinds: [peer.kind] } : byName(peer, role);

/** How a dialect names peers outside the cluster. */
export const SPELLINGS: Readonly<Record<OutputForm['dialect'], { readonly addresses: Spell }>> = {
  kubernetes: { addresses: byAddress },
  cluster: { addresses: byAddress },
  calico: { addresses: byAddress },
  cilium: { addresses: byEntity },
  antrea: { addresses: byName },
  istio: { addresses: byAddress },
};
