import type { Edge } from '../../model/edge.ts';
import type { Learned, OutsidePeer, PolicyPair } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import { isAddress } from '../parties/cidrs.ts';

/** Names of one peer: more say that it is no service of somebody, but whatever shares a few addresses. */
const MOST_NAMES = 16;

/** Under which names an address was called; undefined where some call named none. */
type Names = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/**
 * Gives the servers outside the names by which they were called, for dialects that can name them: addresses behind a name
 * change. A peer gets names only when every trusted call to every one of its addresses had one.
 */
export function nameOutside<T extends Pick<Learned, 'pairs'>>(learned: T, trusted: readonly Edge[]): T {
  const names = namesByAddress(trusted);
  if (names.size === 0) return learned;
  return { ...learned, pairs: learned.pairs.map((pair) => namedPair(pair, names)) };
}

function namedPair(pair: PolicyPair, names: Names): PolicyPair {
  const outside = pair.service.outside.map((peer) => namedPeer(peer, names));
  const isSame = outside.every((peer, index) => peer === pair.service.outside[index]);
  return isSame ? pair : { ...pair, service: { ...pair.service, outside } };
}

function namedPeer(peer: OutsidePeer, names: Names): OutsidePeer {
  if (peer.peer === 'pods' || !NAMABLE.has(peer.kind)) return peer;
  const blocks = peer.cidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
  const found = new Set<string>();
  for (const [address, own] of names) {
    const host = parseCidr(`${address}/${address.includes(':') ? 128 : 32}`);
    if (host === undefined || !blocks.some((block) => contains(block, host))) continue;
    if (own === undefined) return peer;
    for (const name of own) found.add(name);
  }
  if (found.size === 0 || found.size > MOST_NAMES) return peer;
  return { ...peer, names: [...found].sort(compareText) };
}

const NAMABLE: ReadonlySet<string> = new Set(['external', 'private']);

function namesByAddress(edges: readonly Edge[]): Names {
  const found = new Map<string, Set<string> | undefined>();
  for (const { server, serverNames } of edges) {
    if (!NAMABLE.has(server.kind)) continue;
    const named = [...serverNames, ...(server.peer === '' ? [] : [server.peer])].filter(isName);
    for (const address of [server.address, server.peer].filter(isAddress)) {
      const known = found.get(address);
      if (named.length === 0 || (known === undefined && found.has(address))) found.set(address, undefined);
      else found.set(address, new Set([...(known ?? []), ...named.map(plainName)]));
    }
  }
  return found;
}

/** A host name of at least two parts, not an address and not the name of a set or cloud service. */
function isName(text: string): boolean {
  return !isAddress(text) && /^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)+\.?$/i.test(text);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
