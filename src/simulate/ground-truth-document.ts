import { compareText } from '../util/compare.ts';
import type { Tuple } from './ground-truth.ts';
import type { World } from './world/world.ts';

/** The answers to a simulation, as `simulate --ground-truth` writes them (see `docs/graph-format.md`). */
export interface GroundTruthDocument {
  readonly version: 1;
  readonly graph: string;
  readonly cluster: string;
  readonly seed: number;
  readonly start: string;
  readonly end: string;
  readonly records: number;
  readonly workloads: readonly GroundTruthWorkload[];
  readonly tuples: readonly GroundTruthTuple[];
}

export interface GroundTruthWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** At the end of the simulation, without what controllers add. */
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Its pods look like the node they run on, so flows do not tell who they are. */
  readonly hostNetwork: boolean;
}

export interface GroundTruthTuple {
  readonly kind: Tuple['kind'];
  /** A policy set must allow it: calls that succeed, and the lookups of names. */
  readonly needed: boolean;
  readonly client: string;
  readonly server: string;
  readonly protocol: string;
  readonly port: number;
  readonly cause: string;
  readonly outcome: string;
  readonly connections: number;
  readonly days: number;
  readonly hours: number;
  /** Distinct pods, else addresses. */
  readonly clients: number;
  readonly servers: number;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

const iso = (microseconds: number): string => new Date(Math.floor(microseconds / 1000)).toISOString();

/** Sums up a simulation that has been read to its end. */
export function groundTruthDocument(world: World, tuples: Iterable<Tuple>, records: number): GroundTruthDocument {
  const all = [...tuples];
  const calls = new Set(all.filter(isNeeded).map(tupleText));
  const { graph } = world;
  return {
    version: 1,
    graph: graph.name,
    cluster: graph.cluster,
    seed: graph.seed,
    start: iso(world.span.start),
    end: iso(world.end),
    records,
    workloads: graph.workloads.map((workload) => ({
      namespace: workload.namespace,
      name: workload.name,
      kind: workload.kind,
      labels: Object.assign({}, workload.labels, ...workload.relabels.map((change) => change.labels)),
      replicas: workload.replicas,
      hostNetwork: workload.hostNetwork,
    })),
    tuples: all
      .map((tuple) => describe(tuple, calls.has(tupleText(tuple))))
      .sort((a, b) => compareText(sortKey(a), sortKey(b))),
  };
}

function isNeeded(tuple: Tuple): boolean {
  return (tuple.kind === 'call' || tuple.kind === 'dns') && !tuple.outcome.startsWith('denied');
}

function tupleText({ client, server, protocol, port }: Pick<Tuple, 'client' | 'server' | 'protocol' | 'port'>): string {
  return `${client} ${server} ${protocol}/${port}`;
}

function sortKey(tuple: GroundTruthTuple): string {
  const { kind, client, server, protocol, port, cause, outcome } = tuple;
  return [kind, client, server, protocol, String(port).padStart(5, '0'), cause, outcome].join(' ');
}

function describe(tuple: Tuple, needed: boolean): GroundTruthTuple {
  const { kind, client, server, protocol, port, cause, outcome, connections } = tuple;
  return {
    kind,
    needed,
    client,
    server,
    protocol,
    port,
    cause,
    outcome,
    connections,
    days: tuple.days.size,
    hours: tuple.hours.size,
    clients: tuple.clients.size,
    servers: tuple.servers.size,
    firstSeen: connections > 0 ? iso(tuple.first) : null,
    lastSeen: connections > 0 ? iso(tuple.last) : null,
  };
}
