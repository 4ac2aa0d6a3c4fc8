import type { Graph, GraphInput } from '../../src/simulate/graph.ts';
import { type GroundTruthTuple, groundTruthDocument } from '../../src/simulate/ground-truth-document.ts';
import { readGraph } from '../../src/simulate/read-graph.ts';
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.ts';

/** A flow record of the output as far as tests look at it. */
export interface Line {
  readonly time: string;
  readonly node_name: string;
  readonly lost_events?: unknown;
  readonly flow?: {
    readonly uuid?: string;
    readonly verdict: string;
    readonly IP: { readonly source: string; readonly destination: string; readonly ipVersion: string };
    readonly l4: Record<string, { source_port: number; destination_port: number }>;
    readonly source: End;
    readonly destination: End;
    readonly node_name: string;
    readonly event_type: { readonly type: number };
    readonly traffic_direction?: string;
    readonly is_reply?: boolean;
    readonly drop_reason_desc?: string;
    readonly destination_service?: { readonly name: string };
    readonly destination_names?: readonly string[];
  };
}

interface End {
  readonly identity?: number;
  readonly namespace?: string;
  readonly pod_name?: string;
  readonly labels?: readonly string[];
  readonly workloads?: readonly { readonly name: string; readonly kind: string }[];
}

/** Two workloads of which one calls the other, in as little noise as there can be; with what `more` says. */
export function graphOf(more: Partial<GraphInput> = {}): Graph {
  const reading = readGraph({
    version: 1,
    name: 'test',
    days: 2,
    workloads: [
      { namespace: 'shop', name: 'web', labels: { app: 'web' }, replicas: 3, ports: [{ port: 80 }] },
      { namespace: 'shop', name: 'cart', labels: { app: 'cart' }, replicas: 2, ports: [{ port: 8080 }] },
    ],
    services: [
      { namespace: 'shop', name: 'carts', selector: { app: 'cart' }, ports: [{ port: 80, targetPort: 8080 }] },
    ],
    calls: [{ from: 'shop/web', to: 'shop/cart', port: 8080, rate: 4 }],
    noise: QUIET,
    ...more,
  });
  if (!reading.graph) throw new Error(reading.problems.join('\n'));
  return reading.graph;
}

export const QUIET = {
  dns: 0,
  probesPerHour: 0,
  nodesPerHour: 0,
  lost: 0,
  lostEventsPerDay: 0,
  duplicates: 0,
  flips: 0,
};

export interface Outcome {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly records: number;
  readonly tuples: readonly GroundTruthTuple[];
}

/** Simulates to the end. */
export function runGraph(graph: Graph, options: SimulateOptions = {}): Outcome {
  const simulation = simulate(graph, options);
  const texts: string[] = [];
  let records = 0;
  for (const piece of simulation.pieces) {
    texts.push(piece.text);
    records += piece.records;
  }
  const text = texts.join('');
  const lines =
    text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Line);
  return { text, lines, records, tuples: groundTruthDocument(simulation.world, simulation.tuples(), records).tuples };
}

/** `shop/web` of one end, read off its pod name. */
export function podsOf(lines: readonly Line[], end: 'source' | 'destination'): Set<string> {
  return new Set(lines.flatMap((line) => line.flow?.[end].pod_name ?? []));
}
