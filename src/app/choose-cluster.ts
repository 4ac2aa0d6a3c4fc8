import type { Edge } from '../model/edge.ts';
import { compareText } from '../util/compare.ts';
import { Failure } from '../util/failure.ts';

/** The cluster to learn for: the one asked for, else the only one that has pods. */
export function chooseCluster(edges: readonly Edge[], asked: string | undefined): string {
  const clusters = new Set<string>();
  for (const { client, server } of edges)
    for (const { kind, cluster } of [client, server]) if (kind === 'pod') clusters.add(cluster);
  const names = [...clusters].sort(compareText);
  if (asked !== undefined && clusters.has(asked)) return asked;
  const list = names.map((name) => name || '(unnamed)').join(', ') || 'none';
  if (asked !== undefined)
    throw new Failure('input', `there is no cluster ${asked} in this traffic`, `There are: ${list}.`);
  const [only] = names;
  if (names.length > 1)
    throw new Failure('input', `the traffic is of several clusters: ${list}`, 'Choose one with --cluster.');
  if (only === undefined) throw new Failure('input', 'no pod was seen in this traffic', 'Ingest flows that name pods.');
  return only;
}
