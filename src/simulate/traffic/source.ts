import type { Random } from '../../util/random.ts';
import type { Outcome, Protocol } from '../graph.ts';
import type { Tuple } from '../ground-truth.ts';
import type { Actor } from '../world/actor.ts';
import type { SimService } from '../world/world.ts';

/** One attempt of a client to reach a server, from which the records of all observers follow. */
export interface Connection {
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly client: Actor;
  readonly server: Actor;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly protocol: Protocol;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly outcome: Outcome;
  readonly service: SimService | undefined;
  /** Application records: the `l7` objects of request and response, as JSON. */
  readonly l7?: { readonly request: string; readonly response: string; readonly side: 'egress' | 'ingress' };
}

/** Where connections come from: one call, the probes of a workload, one attack … */
export interface Source {
  /** Seed of its random numbers, so that changing one source leaves all others as they are. */
  readonly key: number;
  readonly tuple: Tuple;
  /** Connections an hour on average of a source that scales with a wanted number of records; else 0. */
  readonly rate: number;
  /** Share of its connections that are preceded by a DNS lookup. */
  readonly lookups: number;
  /** The name that is looked up. */
  readonly host: string;
  /** When connections begin inside the hour with this number; unsorted, microseconds since the epoch. */
  starts(hour: number, random: Random, scale: number): number[];
  /** One connection; undefined when an end does not exist at that time. */
  connect(time: number, random: Random): Connection | undefined;
}
