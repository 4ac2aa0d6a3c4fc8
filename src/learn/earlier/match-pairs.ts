import { workloadId } from '../../model/inventory.ts';
import type { PreviousPair } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';

/** What pairs of two runs are compared by. */
export interface Matchable {
  /** Unique in its run. */
  readonly key: string;
  readonly id: string;
  /** Who serves, each as one text. */
  readonly servers: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
  /** `6/8080`. */
  readonly ports: ReadonlySet<string>;
}

/** Servers of two runs are the same function from this share of common ones on. */
const SAME = 0.5;

interface Match {
  readonly now: Matchable;
  readonly before: Matchable;
  readonly score: readonly number[];
}

/**
 * Finds the earlier self of each pair: by id, else by its servers, then by ports and clients; the closest first, each at
 * most once. A new port or client does not make another function.
 */
export function matchPairs(now: readonly Matchable[], before: readonly Matchable[]): Map<string, Matchable> {
  const byServer = new Map<string, Matchable[]>();
  for (const pair of before)
    for (const server of pair.servers) {
      const known = byServer.get(server);
      if (known) known.push(pair);
      else byServer.set(server, [pair]);
    }
  const matches = now.flatMap((pair) =>
    [...new Set([...pair.servers].flatMap((server) => byServer.get(server) ?? []))].flatMap((other) => {
      const servers = jaccard(pair.servers, other.servers);
      if (servers < SAME) return [];
      const rest = [jaccard(pair.ports, other.ports), jaccard(pair.clients, other.clients)];
      return [{ now: pair, before: other, score: [Number(pair.id === other.id), rest[0] ? 1 : 0, servers, ...rest] }];
    }),
  );
  return chooseBest(matches);
}

function chooseBest(matches: readonly Match[]): Map<string, Matchable> {
  const found = new Map<string, Matchable>();
  const taken = new Set<string>();
  for (const { now, before } of [...matches].sort(byScore)) {
    if (found.has(now.key) || taken.has(before.key)) continue;
    found.set(now.key, before);
    taken.add(before.key);
  }
  return found;
}

function byScore(a: Match, b: Match): number {
  for (let i = 0; i < a.score.length; i += 1) {
    const order = (b.score[i] ?? 0) - (a.score[i] ?? 0);
    if (order !== 0) return order;
  }
  return compareText(a.before.key, b.before.key) || compareText(a.now.key, b.now.key);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const element of a) if (b.has(element)) shared += 1;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}

/** An earlier pair as it is compared. */
export function matchablePrevious(pair: PreviousPair): Matchable {
  return {
    key: pair.id,
    id: pair.id,
    servers: endsOf(pair.service),
    clients: endsOf(pair.client),
    ports: new Set(pair.ports.map(({ protocol, port }) => `${protocol}/${port}`)),
  };
}

/** Everybody on one side, as texts: members by their ids, peers outside by what they are called. */
export function endsOf({ members, outside }: PreviousPair['service']): Set<string> {
  return new Set([
    ...members.map(workloadId),
    ...outside.flatMap((peer) =>
      peer.peer === 'pods' && peer.members.length > 0 ? peer.members.map(workloadId) : [peer.what],
    ),
  ]);
}
