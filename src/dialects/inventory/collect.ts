import { LabelInterner } from '../../model/labels.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Fields } from '../workloads-fields.ts';
import { readNamespace, readNode, readService, readWorkload } from './cluster-objects.ts';
import { type Identified, identify, type Untaken } from './objects.ts';
import { type Owner, ownerKey, type PodIdentity, stepOwner, topOwner } from './owners.ts';
import { type Given, type OwnPod, readPod } from './pods.ts';

type Collected = Omit<Snapshot, 'cluster' | 'at' | 'digest' | 'covers'>;

/** Takes objects of a cluster one by one, in any order, and makes one snapshot of them. */
export class SnapshotCollector {
  readonly #given: Given;
  readonly #steps = new Map<string, Owner>();
  readonly #pods: { readonly pod: PodIdentity; readonly read: OwnPod }[] = [];
  readonly #kinds = new Set<string>();
  readonly #snapshot = {
    services: [] as Snapshot['services'][number][],
    nodes: [] as Snapshot['nodes'][number][],
    workloads: [] as Snapshot['workloads'][number][],
    namespaces: [] as Snapshot['namespaces'][number][],
  };

  /** `at`: time of the snapshot, in milliseconds since the epoch. */
  constructor(at: number) {
    this.#given = { at, interner: new LabelInterner() };
  }

  /** Kinds of which something was taken, in alphabetical order. */
  get kinds(): string[] {
    return [...this.#kinds].sort();
  }

  /** Takes an object, or says why not. `listKind` as in `identify`. */
  add(value: Fields, listKind: string): Untaken | undefined {
    const object = identify(value, listKind);
    if (!('uid' in object)) return object;
    this.#kinds.add(object.kind);
    this.#take(object);
    return undefined;
  }

  /** Everything taken, pods under the workloads that own them. */
  collected(): Collected {
    const pods = this.#pods.map(({ pod, read }) => {
      const { kind, name } = topOwner(pod, this.#steps);
      return { ...read, workload: name, workloadKind: kind };
    });
    return { ...this.#snapshot, pods };
  }

  #take(object: Identified): void {
    const given = this.#given;
    const snapshot = this.#snapshot;
    if (object.kind === 'Pod') {
      // The object itself is let go: of a large cluster's pods only what is needed is held.
      const { namespace, name, labels, metadata } = object;
      const pod = { namespace, name, labels, metadata: { ownerReferences: metadata.ownerReferences } };
      this.#pods.push({ pod, read: readPod(object, given) });
    } else if (object.kind === 'Service') snapshot.services.push(readService(object, given));
    else if (object.kind === 'Node') snapshot.nodes.push(readNode(object, given));
    else if (object.kind === 'Namespace') snapshot.namespaces.push(readNamespace(object));
    else {
      const owner = stepOwner(object);
      const workload = owner === undefined ? readWorkload(object, given) : undefined;
      if (workload !== undefined) snapshot.workloads.push(workload);
      if (owner !== undefined) this.#steps.set(ownerKey(object.namespace, object), owner);
    }
  }
}
