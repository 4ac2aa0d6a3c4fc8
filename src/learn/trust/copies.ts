import { canonicalLabels } from '../../model/labels.ts';
import { sightings } from '../links/evidence.ts';
import { FLAGS, type LinkFacts } from '../links/link-facts.ts';
import { at, findLink, type Links, learnable } from '../links/links.ts';
import { holdTheSame } from '../parties/families.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { EPISODE } from './scans.ts';

/** Keys that say which copy of an application a workload belongs to, and nothing about what it does. */
const ENVIRONMENT_KEYS: readonly string[] = ['env', 'environment', 'stage', 'app.kubernetes.io/environment'];

/** Finds the same link in other copies of an application. */
export interface Copies {
  /** Links between the twins of both ends in other copies; never between different copies. */
  linksOf(link: number): number[];
}

/**
 * Workloads of equal kind, name and labels (but for the environment) in namespaces that hold mostly the same workloads
 * are copies of one another, as an application is deployed once for each environment or tenant.
 */
export function findCopies(links: Links, parties: Parties): Copies {
  const twins = new Map<string, Party[]>();
  const keys = new Map<number, string>();
  const spaces = new Map<string, Set<string>>();
  for (const party of parties.all) {
    const key = twinKey(party);
    if (key === undefined) continue;
    keys.set(party.index, key);
    const known = twins.get(key);
    if (known) known.push(party);
    else twins.set(key, [party]);
    spaces.set(party.namespace, (spaces.get(party.namespace) ?? new Set()).add(key));
  }
  const memo = new Map<string, boolean>();
  const areCopies = (a: string, b: string): boolean => {
    const pair = `${a} ${b}`;
    const known = memo.get(pair) ?? holdTheSame(spaces.get(a), spaces.get(b));
    memo.set(pair, known);
    return known;
  };
  const twinsOf = (party: Party): Party[] =>
    (twins.get(keys.get(party.index) ?? '') ?? []).filter(
      (other) => other.namespace !== party.namespace && areCopies(party.namespace, other.namespace),
    );
  return { linksOf: (link) => linksOfCopies(links, link, { parties, twinsOf }) };
}

function twinKey({ outside, workloads, labels }: Party): string | undefined {
  const [only] = workloads;
  if (outside || workloads.length !== 1 || !only || only.name === '') return undefined;
  const sets = labels.map((set) =>
    canonicalLabels(new Map([...set].filter(([key]) => !ENVIRONMENT_KEYS.includes(key)))),
  );
  return [only.kind, only.name, ...new Set(sets)].join('\n');
}

function linksOfCopies(
  links: Links,
  link: number,
  { parties, twinsOf }: { readonly parties: Parties; readonly twinsOf: (party: Party) => Party[] },
): number[] {
  const client = parties.all[at(links.client, link)] as Party;
  const server = parties.all[at(links.server, link)] as Party;
  const servers = twinsOf(server);
  const [protocol, port] = [at(links.protocol, link), at(links.port, link)];
  return twinsOf(client).flatMap((other) => {
    // What has no copies, as a payment provider or a shared collector, serves all of them.
    const far = servers.length === 0 ? server : servers.find((twin) => belong(client, server, [other, twin]));
    const found = far ? findLink(links, { client: other.index, server: far.index, protocol, port }) : -1;
    return found >= 0 ? [found] : [];
  });
}

/** Whether both ends stay inside one copy: one namespace, or one value of an environment label, on either side. */
function belong(client: Party, server: Party, [otherClient, otherServer]: readonly [Party, Party]): boolean {
  if (client.namespace === server.namespace) return otherClient.namespace === otherServer.namespace;
  const [own, other] = [environmentOf(client), environmentOf(otherClient)];
  return own !== '' && own === environmentOf(server) && other !== '' && other === environmentOf(otherServer);
}

function environmentOf({ labels }: Party): string {
  for (const key of ENVIRONMENT_KEYS) {
    const value = labels[0]?.get(key);
    if (value !== undefined) return value;
  }
  return '';
}

/** What was seen of a link in all copies together, leaving out what is part of a scan. */
export function seenInCopies(
  links: Links,
  link: number,
  given: { readonly copies: Copies; readonly facts: LinkFacts; readonly episodes: Uint8Array },
): { readonly clients: number; readonly days: number; readonly span: number; readonly copies: number } {
  const { facts, episodes } = given;
  const others = given.copies
    .linksOf(link)
    .filter((other) => (at(facts.flags, other) & FLAGS.learnable) !== 0 && at(episodes, other) !== EPISODE.scan);
  const all = [link, ...others];
  const seen = sightings(all.flatMap((one) => learnable(links, one)));
  return {
    clients: all.reduce((sum, one) => sum + at(facts.clients, one), 0),
    days: seen.days.size,
    span: seen.lastSeen - seen.firstSeen,
    copies: others.length,
  };
}
