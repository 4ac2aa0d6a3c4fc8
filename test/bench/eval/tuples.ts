import type { Edge, EdgeEndpoint } from '../../../src/model/edge.ts';
import { protocolName } from '../../../src/model/ports.ts';
import { type Graph, workloadReferenceOf } from '../../../src/simulate/graph.ts';
import type {
  GroundTruthDocument,
  GroundTruthTuple,
  GroundTruthWorkload,
} from '../../../src/simulate/ground-truth-document.ts';
import { DNS_LABEL } from '../../../src/simulate/world/add-system.ts';
import { BEYOND_EVIDENCE } from './protocol-attacks.ts';

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
  /** What only an attack asked for, by attack. */
  readonly attacks: ReadonlyMap<string, ReadonlySet<string>>;
  /** Neither right nor wrong: see `undecidableTuples`. */
  readonly undecidable: ReadonlySet<string>;
  /** Needed tuples whose client always has several replicas. */
  readonly replicated: ReadonlySet<string>;
}

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, SCTP: 132 };
const TCP = 6;

/** Sorts a simulation's answers for scoring; `late` names workloads that do not exist in the first half. */
export function answersOf(truth: GroundTruthDocument, graph: Graph, late: ReadonlySet<string>): Answers {
  const workloads = workloadsByThen(truth, graph, late);
  const present = new Map(workloads.map((workload) => [workloadReferenceOf(workload), workload]));
  const dns = dnsOf(truth);
  const told = truth.tuples
    .map((one) => ({ ...one, ...toTuple(one) }))
    .filter((one) => present.has(one.client) && present.has(one.server) && !isDnsOverTcp(one, dns));
  const early = told.filter(({ needed }) => needed);
  const needed = new Set(early.map(tupleText));
  const attacks = attackedTuples(told);
  const grantable = grantableTuples(workloads, graph, { dns, needed: early });
  return {
    ...{ workloads, grantable, needed, attacks },
    undecidable: undecidableTuples(graph, { attacks, grantable, needed }),
    replicated: new Set(early.filter(({ client }) => (present.get(client)?.replicas ?? 1) > 1).map(tupleText)),
  };
}

type Told = Tuple & Pick<GroundTruthTuple, 'kind' | 'cause' | 'needed' | 'connections'>;

function attackedTuples(told: readonly Told[]): ReadonlyMap<string, ReadonlySet<string>> {
  const attacks = new Map<string, Set<string>>();
  for (const tuple of told) {
    if (tuple.kind !== 'attack' || tuple.needed || tuple.connections === 0) continue;
    attacks.set(tuple.cause, (attacks.get(tuple.cause) ?? new Set()).add(tupleText(tuple)));
  }
  return attacks;
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

/**
 * What nobody can hold against a learner: attacks that leave as much evidence as an application does, and that a workload
 * with copied labels may do what its model needs, since existing labels cannot tell the two apart.
 */
function undecidableTuples(
  graph: Graph,
  given: Pick<Answers, 'attacks' | 'grantable' | 'needed'>,
): ReadonlySet<string> {
  const undecidable = new Set([...BEYOND_EVIDENCE].flatMap((kind) => [...(given.attacks.get(kind) ?? [])]));
  for (const attack of graph.attacks) {
    if (attack.kind !== 'poisoned-service') continue;
    const copy = `${attack.namespace ?? attack.copies.split('/')[0]}/${attack.name}`;
    const model = (reference: string) => (reference === copy ? attack.copies : reference);
    for (const [text, tuple] of given.grantable) {
      if (tuple.client !== copy && tuple.server !== copy) continue;
      const same = tupleText({ ...tuple, client: model(tuple.client), server: model(tuple.server) });
      if (given.needed.has(same)) undecidable.add(text);
    }
  }
  return undecidable;
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
