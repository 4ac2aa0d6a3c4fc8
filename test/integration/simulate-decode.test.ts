import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DecodeContext, DecodeSink } from '../../ingest/decode/decoder.ts';
import { HUBBLE } from '../../ingest/decode/hubble.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import type { Graph } from '../../src/simulate/graph.ts';
import { graphFromTruth } from '../../src/simulate/graph-from-truth.ts';
import { groundTruthDocument } from '../../src/simulate/ground-truth-document.ts';
import { readGraph } from '../../src/simulate/read-graph.ts';
import { SHOP_GRAPH } from '../../src/simulate/shop-graph.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { describeOutside } from '../helpers/outside-data.ts';

/** Decodes a whole simulation; pods are told apart by name, so that tuples can be compared with the ground truth. */
function decodeSimulation(graph: Graph) {
  const simulation = simulate(graph);
  const context: DecodeContext = { cluster: 'default', node: '', interner: new LabelInterner(), options: {} };
  const found = { rejects: [] as string[], flows: 0, lost: 0, tuples: new Set<string>() };
  const sink: DecodeSink = {
    flow: (flow) => {
      found.flows++;
      const tuple = tupleOf(flow);
      if (tuple) found.tuples.add(tuple);
    },
    reject: (reason, detail) => found.rejects.push(`${reason}: ${detail}`),
    skip: () => {},
    lost: (events) => {
      found.lost += events;
    },
    namespace: () => {},
  };
  let records = 0;
  for (const piece of simulation.pieces) {
    records += piece.records;
    for (const line of piece.text.trimEnd().split('\n')) HUBBLE.decode(JSON.parse(line), context, sink);
  }
  return { ...found, records, truth: groundTruthDocument(simulation.world, simulation.tuples(), records) };
}

/** `client server port` by the label `app`, which is the name of every workload in these graphs. */
function tupleOf({ client, server, serverPort, oriented }: Flow): string | undefined {
  const from = client.labels.labels.get('app');
  const to = server.labels.labels.get('app');
  if (oriented === 'unknown' || from === undefined || to === undefined) return undefined;
  return `${client.namespace}/${from} ${server.namespace}/${to} ${serverPort}`;
}

function expectedTuples(truth: ReturnType<typeof groundTruthDocument>): Set<string> {
  const apps = new Map(
    truth.workloads
      .filter((workload) => !workload.hostNetwork)
      .map((workload) => [`${workload.namespace}/${workload.name}`, workload.labels.app]),
  );
  return new Set(
    truth.tuples
      .filter((tuple) => tuple.connections > 0 && apps.get(tuple.client) && apps.get(tuple.server))
      .map((tuple) => `${tuple.client} ${tuple.server} ${tuple.port}`),
  );
}

function graphOf(value: unknown): Graph {
  const { graph, problems } = readGraph(value);
  if (!graph) throw new Error(problems.join('\n'));
  return graph;
}

describe('simulated flows', () => {
  it('decode without rejects into exactly the tuples of the ground truth', () => {
    const result = decodeSimulation(graphOf(SHOP_GRAPH));
    expect(result.rejects).toEqual([]);
    expect(result.flows).toBeGreaterThan(150_000);
    expect(result.flows).toBeLessThan(250_000);
    expect(result.lost).toBeGreaterThan(0);
    expect([...result.tuples].sort()).toEqual([...expectedTuples(result.truth)].sort());
  });
});

describeOutside('records simulated for Online Boutique', 'truth/online-boutique.json', (truth) => {
  it('decode into its service graph', () => {
    const graph = graphOf(graphFromTruth(JSON.parse(readFileSync(truth, 'utf8'))).graph);
    const result = decodeSimulation({ ...graph, days: 1 });
    expect(result.rejects).toEqual([]);
    expect([...result.tuples].sort()).toEqual([...expectedTuples(result.truth)].sort());
    expect(result.tuples.size).toBe(16);
  });
});
