import { createHash } from 'node:crypto';
import { SnapshotCollector } from '../dialects/inventory/collect.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type OpenStoreOptions, openStore } from '../store/client.ts';
import { storeFailure } from '../store/engine/errors.ts';
import { buildInventory } from '../store/read/build-inventory.ts';
import { hasSnapshot, writeSnapshot } from '../store/write/snapshot.ts';
import { Failure } from '../util/failure.ts';
import { JsonItems, JsonItemsError } from '../util/json-items.ts';

/** Bytes of a snapshot; whoever opens files provides it. */
export interface InventoryInput {
  readonly name: string;
  read(onRead: (bytes: number) => void): AsyncIterable<Buffer>;
}

export interface InventoryRequest {
  readonly store: OpenStoreOptions;
  readonly inputs: readonly InventoryInput[];
  readonly cluster: string;
  /** What the snapshot shows existed at this time, in milliseconds since the epoch; `now` when absent. */
  readonly at: number | undefined;
  readonly now: () => number;
  /** The inputs do not list everything there is: absence then ends nothing. */
  readonly partial: boolean;
}

/** What was taken. */
export interface InventoryTaken {
  readonly cluster: string;
  readonly at: number;
  readonly pods: number;
  readonly services: number;
  readonly nodes: number;
  readonly workloads: number;
  readonly namespaces: number;
  /** Objects of kinds that are of no use here, by kind. */
  readonly ignored: ReadonlyMap<string, number>;
  /** The store had this very snapshot already. */
  readonly known: boolean;
}

/** Reads lists of objects, stores them as one snapshot, and works out anew who held which address. */
export async function takeInventory(request: InventoryRequest): Promise<InventoryTaken> {
  // 1. Everything is read before anything is stored: half a snapshot would end what the other half lists.
  const at = request.at ?? request.now();
  const { snapshot, ignored } = await readSnapshot(request, at);

  // 2. Store it, unless it is known.
  const store = await openStore(request.store);
  try {
    const known = await hasSnapshot(store, { ...snapshot, at: request.at });
    if (!known) await writeSnapshot(store, snapshot);
    await buildInventory(store, snapshot.cluster);
    const { pods, services, nodes, workloads, namespaces } = snapshot;
    return {
      ...{ cluster: snapshot.cluster, at, ignored, known },
      ...{ pods: pods.length, services: services.length, nodes: nodes.length },
      ...{ workloads: workloads.length, namespaces: namespaces.length },
    };
  } catch (error) {
    throw storeFailure(error, store.location);
  } finally {
    await store.close();
  }
}

interface Read {
  readonly snapshot: Snapshot;
  readonly ignored: ReadonlyMap<string, number>;
}

async function readSnapshot({ inputs, cluster, partial }: InventoryRequest, at: number): Promise<Read> {
  const collector = new SnapshotCollector(at);
  const ignored = new Map<string, number>();
  const hash = createHash('sha256').update(partial ? 'partial' : 'whole');
  for (const input of inputs) await readInput(input, { collector, ignored, hash });
  if (collector.kinds.length === 0) throw emptyFailure(inputs, ignored);
  const snapshot = { cluster, at, digest: hash.digest('hex'), covers: partial ? [] : collector.kinds };
  return { snapshot: { ...snapshot, ...collector.collected() }, ignored };
}

interface Taking {
  readonly collector: SnapshotCollector;
  readonly ignored: Map<string, number>;
  readonly hash: ReturnType<typeof createHash>;
}

async function readInput(input: InventoryInput, { collector, ignored, hash }: Taking): Promise<void> {
  const items = new JsonItems();
  let count = 0;
  try {
    for await (const block of input.read(() => {})) {
      hash.update(block);
      for (const { value, list } of items.feed(block)) {
        count += 1;
        const untaken = collector.add(value, typeof list?.kind === 'string' ? list.kind : '');
        if (untaken === undefined) continue;
        if ('wrong' in untaken) throw itemFailure(input.name, count, untaken.wrong);
        ignored.set(untaken.ignored, (ignored.get(untaken.ignored) ?? 0) + 1);
      }
    }
    items.end();
  } catch (error) {
    throw error instanceof JsonItemsError ? textFailure(input.name, error) : error;
  }
}

const REMEDY = 'Write it with `kubectl get pods,namespaces,services,nodes,… -A -o json`; nothing was stored.';

function itemFailure(file: string, count: number, message: string): Failure {
  return new Failure('input', `${file}: object ${count}: ${message}`, REMEDY);
}

function textFailure(file: string, { message, at }: JsonItemsError): Failure {
  return new Failure('input', `${file}: at byte ${at}: ${message}`, REMEDY);
}

function emptyFailure(inputs: readonly InventoryInput[], ignored: ReadonlyMap<string, number>): Failure {
  const names = inputs.map(({ name }) => name).join(', ');
  const found = ignored.size === 0 ? 'is empty' : `holds only ${[...ignored.keys()].sort().join(', ')}`;
  return new Failure('input', `there is nothing to take in ${names}: it ${found}`, REMEDY);
}
