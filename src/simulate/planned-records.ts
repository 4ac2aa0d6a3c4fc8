import { MinHeap } from '../util/min-heap.ts';
import { Random } from '../util/random.ts';
import { DAY, SECOND } from './clock.ts';
import { observe, type Tuple } from './ground-truth.ts';
import { type LooseRecord, looseRecords } from './hubble/agent-noise.ts';
import { observerOf } from './hubble/format-record.ts';
import { type Path, type Step, stepsOf } from './hubble/steps.ts';
import type { createLookups } from './traffic/lookups.ts';
import type { Connection, Source } from './traffic/source.ts';
import type { World } from './world/world.ts';

/** A record that is due, not yet written. */
export interface PlannedRecord {
  readonly time: number;
  /** Breaks ties of time. */
  readonly sequence: number;
  readonly content: { readonly connection: Connection; readonly step: Step } | LooseRecord;
  /** The same record this many times over. */
  readonly copies: number;
  readonly scales: boolean;
}

export interface Traffic {
  readonly sources: readonly Source[];
  readonly lookups: ReturnType<typeof createLookups>;
  /** Multiplies the rate of every source that scales. */
  readonly scale: number;
}

/**
 * All records of a simulation in order of time. Only one hour of openings and the records of connections that are
 * still open are held at once, so memory does not grow with the number of days.
 */
export function* plannedRecords(world: World, traffic: Traffic): Generator<PlannedRecord> {
  const pending = new MinHeap<PlannedRecord>(
    (a, b) => a.time < b.time || (a.time === b.time && a.sequence < b.sequence),
  );
  let sequence = 0;
  const plan = (record: Omit<PlannedRecord, 'sequence'>) => pending.push({ ...record, sequence: sequence++ });
  for (let hour = 0; hour < world.span.hours; hour++) {
    for (const loose of looseRecords(world, hour)) plan({ time: loose.time, content: loose, copies: 1, scales: false });
    for (const { time, source, random } of openings(world, traffic, hour)) {
      while ((pending.peek()?.time ?? Number.POSITIVE_INFINITY) <= time) yield pending.pop() as PlannedRecord;
      const opened = open(source, { time, random, lookups: traffic.lookups });
      for (const { tuple, connection } of opened) {
        observe(tuple, { time: connection.time, client: nameOf(connection.client), server: nameOf(connection.server) });
        expand(world, connection, { random, plan, scales: source.rate > 0 });
      }
    }
  }
  for (let last = pending.pop(); last; last = pending.pop()) yield last;
}

interface Opening {
  readonly time: number;
  readonly source: Source;
  readonly random: Random;
}

function openings(world: World, { sources, scale }: Traffic, hour: number): Opening[] {
  const all: (Opening & { order: number })[] = [];
  sources.forEach((source, order) => {
    const random = new Random(world.graph.seed, source.key, hour);
    for (const time of source.starts(hour, random, scale))
      if (time < world.end) all.push({ time, source, random, order });
  });
  return all.sort((a, b) => a.time - b.time || a.order - b.order);
}

/** A connection, after the lookup that its client may need first. */
function open(
  source: Source,
  { time, random, lookups }: { time: number; random: Random; lookups: Traffic['lookups'] },
): { tuple: Tuple; connection: Connection }[] {
  const connection = source.connect(time, random);
  if (!connection) return [];
  const asked =
    random.chance(source.lookups) && connection.client.kind === 'pod'
      ? lookups({ time, client: connection.client, host: source.host, address: addressSought(connection) }, random)
      : undefined;
  if (!asked) return [{ tuple: source.tuple, connection }];
  return [asked, { tuple: source.tuple, connection: { ...connection, time: time + 2_000 + random.below(4_000) } }];
}

function addressSought({ service, serverAddress }: Connection): string {
  if (!service) return serverAddress;
  return serverAddress.includes(':') ? service.ip6 : service.ip4;
}

function nameOf(actor: Connection['client']): string {
  return actor.pod || actor.ip4 || actor.ip6;
}

interface Expansion {
  /** The numbers of the connection's own source, so that other sources keep theirs. */
  readonly random: Random;
  readonly plan: (record: Omit<PlannedRecord, 'sequence'>) => void;
  readonly scales: boolean;
}

/** Plans the records that the agents on both sides write about one connection, less those that get lost. */
function expand(world: World, connection: Connection, { random, plan, scales }: Expansion): void {
  const knobs = world.graph.noise;
  const shares = { always: 1, replies: knobs.replies, closes: knobs.closes, flips: knobs.flips, sometimes: 0.3 };
  const pace = 0.5 + random.next();
  const steps = stepsOf({
    path: pathOf(connection),
    outcome: connection.outcome,
    closes: connection.protocol === 'TCP',
    ...(connection.l7 ? { proxied: connection.l7.side } : {}),
  });
  for (const step of steps) {
    if (step.occasion !== 'always' && !random.chance(shares[step.occasion])) continue;
    if (random.chance(knobs.lost) || !isReported(world, connection, step)) continue;
    const copies = random.chance(knobs.duplicates) ? 2 : 1;
    plan({ time: connection.time + Math.floor(step.at * pace), content: { connection, step }, copies, scales });
  }
}

function isReported(world: World, connection: Connection, step: Step): boolean {
  const { vantages, blind } = world.graph.noise;
  const node = observerOf(connection, step);
  if (!node || (vantages !== 'both' && vantages !== (step.side === 'egress' ? 'source' : 'destination'))) return false;
  if (blind.length === 0) return true;
  const day = Math.floor((connection.time - world.span.start + SECOND) / DAY);
  return !blind.some((gap) => gap.node === node.index && gap.day === day);
}

function pathOf({ client, server }: Connection): Path {
  if (client.kind === 'pod' && server.kind === 'pod') return client.node === server.node ? 'local' : 'remote';
  if (client.kind === 'pod') return 'out';
  return server.kind === 'pod' ? 'in' : 'host';
}
