import { DAY, HOUR } from './clock.ts';
import type { Protocol } from './graph.ts';

/** Why a tuple occurs: the application needs it, the platform makes it, or someone is up to no good. */
export type TupleKind = 'call' | 'dns' | 'probe' | 'system' | 'attack';

export interface TupleKey {
  readonly kind: TupleKind;
  /** As the graph names them: `shop/cart`, `external:bank`, `entity:host`. */
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  /** Pod port; 0 for ICMP. */
  readonly port: number;
  /** What the graph says about it: the profile of a call, the id of an attack; `''` otherwise. */
  readonly cause: string;
  readonly outcome: string;
}

/** A tuple and what was simulated of it, before any record was lost. */
export interface Tuple extends TupleKey {
  connections: number;
  /** Microseconds since the epoch; 0 = never. */
  first: number;
  last: number;
  readonly days: Set<number>;
  readonly hours: Set<number>;
  readonly clients: Set<string>;
  readonly servers: Set<string>;
}

/** Collects which tuples a simulation contains, so that learners and reporters can be scored against it. */
export class GroundTruth {
  readonly #tuples = new Map<string, Tuple>();

  /** The tuple of this key; the same object for the same key. Tuples that never happen are kept too. */
  tuple(key: TupleKey): Tuple {
    const id = [key.kind, key.client, key.server, key.protocol, key.port, key.cause, key.outcome].join(' ');
    const known = this.#tuples.get(id);
    if (known) return known;
    const created: Tuple = {
      ...key,
      connections: 0,
      first: 0,
      last: 0,
      days: new Set(),
      hours: new Set(),
      clients: new Set(),
      servers: new Set(),
    };
    this.#tuples.set(id, created);
    return created;
  }

  /** In the order in which they were first asked for. */
  get tuples(): Iterable<Tuple> {
    return this.#tuples.values();
  }
}

/** Counts one connection. */
export function observe(
  tuple: Tuple,
  { time, client, server }: { time: number; client: string; server: string },
): void {
  tuple.connections++;
  if (tuple.first === 0) tuple.first = time;
  tuple.last = time;
  tuple.days.add(Math.floor(time / DAY));
  tuple.hours.add(Math.floor(time / HOUR));
  tuple.clients.add(client);
  tuple.servers.add(server);
}
