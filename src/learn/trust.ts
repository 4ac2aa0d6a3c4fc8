import type { Edge } from '../model/edge.ts';
import { hasPorts } from '../model/ports.ts';
import { clientsOf, sightings } from './evidence.ts';
import { at, edgesOfLink, type Links } from './links.ts';
import type { LearnOptions } from './options.ts';
import type { Parties, Party } from './parties.ts';
import { findScanEpisodes } from './scans.ts';

/** Verdicts on links, in the order in which the rules are tried; the first that applies names the link's fate. */
export const TRUST_RULES = [
  'trusted',
  'own-node',
  'not-oriented',
  'never-passed',
  'unclear-outcome',
  'unknown-endpoint',
  'metadata-address',
  'scan-episode',
  'seen-once',
] as const;
export type TrustRule = (typeof TRUST_RULES)[number];

/** Why a rule held a link back, for people. */
export const TRUST_SENTENCES: Readonly<Record<TrustRule, string>> = {
  trusted: 'observed often enough',
  'own-node': 'probes and other traffic from the node that runs the pod are always let in; no rule is needed',
  'not-oriented': 'it is not known who opened these connections',
  'never-passed': 'every attempt was denied by a policy',
  'unclear-outcome': 'no attempt is known to have got through',
  'unknown-endpoint': 'one end could not be identified',
  'metadata-address': 'the metadata address hands out credentials; grant it by hand if it is meant',
  'scan-episode': 'first seen while one pod tried many new targets within hours',
  'seen-once': 'seen from one client on one day only',
};

const METADATA_ADDRESSES = new Set(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

/** Position in `TRUST_RULES` by link. */
export type Trust = Uint8Array;

/** Judges every link: what may be learned from, and which rule holds the rest back. */
export function judgeLinks(links: Links, parties: Parties, options: LearnOptions): Trust {
  const scans = findScanEpisodes(links);
  const trust = new Uint8Array(links.count);
  for (let link = 0; link < links.count; link += 1) {
    const client = parties.all[at(links.client, link)] as Party;
    const server = parties.all[at(links.server, link)] as Party;
    const edges = edgesOfLink(links, link);
    const rule =
      byEnds(client, server, edges) ??
      byOutcome(edges) ??
      (scans.has(link) ? 'scan-episode' : byCorroboration(edges, options));
    trust[link] = TRUST_RULES.indexOf(rule);
  }
  return trust;
}

function byEnds(client: Party, server: Party, edges: readonly Edge[]): TrustRule | undefined {
  if (client.kind === 'health' || (client.kind === 'host' && client.name === 'nodes' && server.kind === 'pod'))
    return 'own-node';
  for (const edge of edges) {
    if (edge.server.address !== '' && METADATA_ADDRESSES.has(edge.server.address)) return 'metadata-address';
    if (edge.client.kind === 'unknown' || edge.server.kind === 'unknown') return 'unknown-endpoint';
    if (edge.protocol === 0 || (edge.port === 0 && hasPorts(edge.protocol))) return 'unknown-endpoint';
  }
  return undefined;
}

function byOutcome(edges: readonly Edge[]): TrustRule | undefined {
  let passed = false;
  let denied = false;
  for (const edge of edges) {
    if (edge.passed && edge.oriented) return undefined;
    passed ||= edge.passed !== undefined;
    denied ||= edge.denied !== undefined;
  }
  if (passed) return 'not-oriented';
  return denied ? 'never-passed' : 'unclear-outcome';
}

function byCorroboration(edges: readonly Edge[], { minDays, minClients }: LearnOptions): TrustRule {
  const [first] = edges;
  if (edges.length === 1 && first?.passed) {
    const clients = clientsOf(first.passed, first.client.address).length;
    return first.passed.activity.length >= minDays || clients >= minClients ? 'trusted' : 'seen-once';
  }
  const seen = sightings(edges.filter(({ oriented }) => oriented));
  return seen.days.size >= minDays || seen.clients.size >= minClients ? 'trusted' : 'seen-once';
}

/** The edges behind trusted links: whatever is written must allow all of them. */
export function trustedEdges(links: Links, trust: Trust): Edge[] {
  const edges: Edge[] = [];
  for (let link = 0; link < links.count; link += 1) {
    if (at(trust, link) !== 0) continue;
    for (let m = at(links.starts, link); m < at(links.starts, link + 1); m += 1) {
      const edge = links.edges[at(links.members, m)] as Edge;
      if (edge.oriented && edge.passed) edges.push(edge);
    }
  }
  return edges;
}
