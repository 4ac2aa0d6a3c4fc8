import type { NamespaceLabels } from '../../src/model/batch.ts';
import { canonicalLabels } from '../../src/model/labels.ts';
import { compareText } from '../../src/util/compare.ts';

/** Collects what records tell of namespaces; of each, the newest is kept. */
export class BatchNamespaces {
  /** By the label map itself: decoders give the same object again and again, which costs next to nothing here. */
  readonly #seen = new Map<ReadonlyMap<string, string>, NamespaceLabels[]>();

  add(told: NamespaceLabels): void {
    const known = this.#seen.get(told.labels);
    if (known === undefined) {
      this.#seen.set(told.labels, [told]);
      return;
    }
    // Asked for every record, and nearly always there is just one.
    for (let at = 0; at < known.length; at++) {
      const { cluster, namespace, seen } = known[at] as NamespaceLabels;
      if (namespace !== told.namespace || cluster !== told.cluster) continue;
      if (seen < told.seen) known[at] = told;
      return;
    }
    known.push(told);
  }

  /** One entry per namespace, sorted; equally new ones are decided by their labels. */
  take(): NamespaceLabels[] {
    const newest = new Map<string, NamespaceLabels>();
    for (const told of [...this.#seen.values()].flat()) {
      const key = `${told.cluster}/${told.namespace}`;
      const known = newest.get(key);
      if (known === undefined || isNewer(told, known)) newest.set(key, told);
    }
    this.#seen.clear();
    return [...newest].sort(([a], [b]) => compareText(a, b)).map(([, told]) => told);
  }
}

function isNewer(a: NamespaceLabels, b: NamespaceLabels): boolean {
  if (a.seen !== b.seen) return a.seen > b.seen;
  return compareText(canonicalLabels(a.labels), canonicalLabels(b.labels)) > 0;
}
