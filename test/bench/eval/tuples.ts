import type { Edge, EdgeEndpoint } from '../../../src/model/edge.ts';
import { protocolName } from '../../../src/model/ports.ts';
import { type Graph, workloadReferenceOf } from '../../../src/simulate/graph.ts';
import type {
  GroundTruthDocument,
  GroundTruthTuple,
  GroundTruthWorkload,
} from '../../../src/simulate/ground-truth-document.ts';
import { DNS_LABEL } from '../../../src/simulate/world/add-system.ts';

/** (client workload, server workload, protocol and port of the server's pods). */
export interface Tuple {
  readonly client: string;
  readonly server: string;
  readonly protocol: number;
  readonly port: number;
}

/** `shop/web shop/cart TCP/8080`. */
export function tupleText({ client, server, protocol, port }: Tuple): string {
  return `${client} ${server} ${protocolName(protocol)}/${port}`;
}

/** The answers to one simulation, as sets of tuple texts. */
export interface Answers {
  /** The workloads that exist by then, with the labels that they have by then. */
  readonly workloads: readonly GroundTruthWorkload[];
  /** Everything that policies could grant: any workload to any open port of any other at the end of the first half. */
  readonly grantable: ReadonlyMap<string, Tuple>;
  /** What the application needs by then, whether it happened or not. */
  readonly needed: ReadonlySet<string>;
  /** Needed only by what comes after the first half. */
  readonly neededLater: ReadonlySet<string>;
  /** What only an attack asked for, by attack. */
  readonly attacks: ReadonlyMap<string, ReadonlySet<string>>;
  /** Needed tuples whose client always has several replicas. */
  readonly replicated: ReadonlySet<string>;
}

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, SCTP: 132 };
const TCP = 6;

/** Sorts a simulation's answers for scoring; `late` names workloads that do not exist in the first half. */
export function answersOf(truth: GroundTruthDocument, graph: Graph, late: ReadonlySet<string>): Answers {
  const all = new Set(truth.workloads.map(workloadReferenceOf));
  const workloads = workloadsByThen(truth, graph, late);
  const dns = dnsOf(truth);
  const pods = truth.tuples
    .filter(({ client, server }) => all.has(client) && all.has(server))
    .map((told) => ({ told, tuple: toTuple(told) }))
    .filter(({ tuple }) => !isDnsOverTcp(tuple, dns));
  const isLate = ({ client, server }: Tuple) => late.has(client) || late.has(server);
  const needed = pods.filter(({ told }) => told.needed);
  const attacks = new Map<string, Set<string>>(graph.attacks.map(({ id }) => [id ?? '', new Set()]));
  for (const { told, tuple } of pods)
    if (told.kind === 'attack' && !told.needed && told.connections > 0) attacks.get(told.cause)?.add(tupleText(tuple));
  const replicas = new Map(workloads.map((workload) => [workloadReferenceOf(workload), workload.replicas]));
  const early = needed.map(({ tuple }) => tuple).filter((tuple) => !isLate(tuple));
  return {
    workloads,
    grantable: grantableTuples(workloads, graph, { dns, needed: early }),
    needed: new Set(early.map(tupleText)),
    neededLater: new Set(needed.filter(({ tuple }) => isLate(tuple)).map(({ tuple }) => tupleText(tuple))),
    attacks,
    replicated: new Set(early.filter(({ client }) => (replicas.get(client) ?? 1) > 1).map(tupleText)),
  };
}

function toTuple({ client, server, protocol, port }: GroundTruthTuple): Tuple {
  return { client, server, protocol: PROTOCOLS[protocol] ?? 0, port };
}

/** Labels change in the second half only, and the graph says them as they were before. */
function workloadsByThen(truth: GroundTruthDocument, graph: Graph, late: ReadonlySet<string>): GroundTruthWorkload[] {
  const labels = new Map(graph.workloads.map((workload) => [workloadReferenceOf(workload), workload.labels]));
  return truth.workloads
    .filter((workload) => !late.has(workloadReferenceOf(workload)))
    .map((workload) => ({ ...workload, labels: labels.get(workloadReferenceOf(workload)) ?? workload.labels }));
}

function grantableTuples(
  workloads: readonly GroundTruthWorkload[],
  graph: Graph,
  { dns, needed }: { dns: ReadonlySet<string>; needed: readonly Tuple[] },
): Map<string, Tuple> {
  const declared = new Map(graph.workloads.map((workload) => [workloadReferenceOf(workload), workload.ports]));
  const tuples = new Map(needed.map((tuple) => [tupleText(tuple), tuple]));
  for (const source of workloads) {
    const client = workloadReferenceOf(source);
    for (const target of workloads) {
      const server = workloadReferenceOf(target);
      // The only pod of a workload always reaches itself.
      if (client === server && source.replicas === 1) continue;
      for (const { port, protocol } of declared.get(server) ?? []) {
        const tuple = { client, server, protocol: PROTOCOLS[protocol] ?? 0, port };
        if (!isDnsOverTcp(tuple, dns)) tuples.set(tupleText(tuple), tuple);
      }
    }
  }
  return tuples;
}

function dnsOf(truth: GroundTruthDocument): ReadonlySet<string> {
  const servers = truth.workloads.filter(({ labels }) => labels[DNS_LABEL.key] === DNS_LABEL.value);
  return new Set(servers.map(workloadReferenceOf));
}

/** Answers too long for UDP come over TCP: whoever needs one needs the other, so only UDP is counted. */
function isDnsOverTcp({ server, protocol, port }: Tuple, dns: ReadonlySet<string>): boolean {
  return protocol === TCP && port === 53 && dns.has(server);
}

/** The tuple of an edge between two pods; undefined for anything else. */
export function tupleOfEdge({ client, server, protocol, port }: Edge): string | undefined {
  if (client.kind !== 'pod' || server.kind !== 'pod') return undefined;
  return tupleText({ client: referenceOf(client), server: referenceOf(server), protocol, port });
}

function referenceOf({ namespace, workload }: EdgeEndpoint): string {
  return `${namespace}/${workload}`;
}
