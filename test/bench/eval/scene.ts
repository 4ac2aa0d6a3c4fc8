import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runIngest } from '../../../ingest/files/run-ingest.ts';
import { simulateFlows } from '../../../src/app/simulate-flows.ts';
import type { Edge } from '../../../src/model/edge.ts';
import type { Inventory } from '../../../src/model/inventory.ts';
import type { Graph } from '../../../src/simulate/graph.ts';
import type { GroundTruthDocument } from '../../../src/simulate/ground-truth-document.ts';
import { openStore } from '../../../src/store/client.ts';
import { readEdges } from '../../../src/store/read/edges.ts';
import { readInventory } from '../../../src/store/read/inventory.ts';

const DAY = 86_400_000;

/** What the store tells of some days. */
export interface Days {
  readonly edges: readonly Edge[];
  readonly inventory: Inventory;
}

export interface Scene {
  readonly cluster: string;
  readonly truth: GroundTruthDocument;
  readonly records: number;
  /** By the number of days from the start: everything before that day. */
  readonly until: ReadonlyMap<number, Days>;
  /** The second half. */
  readonly later: Days;
}

/** Simulates a graph, ingests it into an embedded store of its own, and reads back what learning needs of it. */
export async function makeScene(graph: Graph, half: number): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'microwall-eval-'));
  try {
    const truth = await fillStore(graph, folder);
    const start = Date.parse(truth.start);
    const store = await openStore({ data: join(folder, 'store') });
    try {
      const read = async (from: number, to: number): Promise<Days> => {
        const window = { from: start + from * DAY, to: start + to * DAY };
        return { edges: await readEdges(store, window), inventory: await readInventory(store, window) };
      };
      const until = new Map<number, Days>();
      for (let day = half; day <= graph.days; day++) until.set(day, await read(0, day));
      return { cluster: truth.cluster, truth, records: truth.records, until, later: await read(half, graph.days) };
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fillStore(graph: Graph, folder: string): Promise<GroundTruthDocument> {
  const flows = join(folder, 'flows.jsonl');
  const groundTruth = join(folder, 'truth.json');
  await simulateFlows({ graph, out: flows, compact: true, groundTruth }, { stdout: new Writable() });
  await runIngest({
    ...{ paths: [flows], format: 'hubble', cluster: graph.cluster, recursive: false },
    ...{ stdin: process.stdin, store: { data: join(folder, 'store') }, now: Date.now },
  });
  await rm(flows);
  return JSON.parse(await readFile(groundTruth, 'utf8')) as GroundTruthDocument;
}
