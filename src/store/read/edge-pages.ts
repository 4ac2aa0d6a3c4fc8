import type { QueryParameters } from '../engine/backend.ts';
import type { ResultRow } from '../engine/rows.ts';
import type { Store } from '../store.ts';
import type { EdgeRelation } from './edge-relation.ts';

/** A question about edges that is too large to be answered at once. */
export interface EdgePages {
  /** What it is asked of, as in `sql`. */
  readonly relation: EdgeRelation;
  /** SELECT …, without FROM. */
  readonly sql: string;
  readonly where: readonly string[];
  /** GROUP BY … ORDER BY … */
  readonly tail: string;
  readonly parameters: QueryParameters;
}

/** Stored rows that one page folds: the engine holds sets of pods and addresses for each group of a page. */
const PAGE_ROWS = 1_000_000;

interface Page {
  readonly condition: string;
  readonly parameters: QueryParameters;
}

/**
 * Runs the question in pages of whole edges. Pages are ranges of servers' namespaces, which lie together on disk; a
 * namespace that is too large by itself is cut by a hash of its clients.
 */
export async function* readEdgePages(
  store: Store,
  { relation, sql, where, tail, parameters }: EdgePages,
): AsyncGenerator<AsyncIterable<readonly ResultRow[]>> {
  const all = { ...parameters, ...relation.parameters };
  const from = `FROM ${relation.sql} AS e WHERE ${['true', ...where].join(' AND ')}`;
  if (relation.rows <= PAGE_ROWS) {
    yield store.stream(`${sql} ${from} ${tail}`, all);
    return;
  }
  const sizes = await store.query(
    `SELECT cluster, dst_ns, count() ${from} GROUP BY cluster, dst_ns ORDER BY cluster, dst_ns`,
    all,
  );
  for (const page of layOut(sizes as [string, string, string][])) {
    yield store.stream(`${sql} ${from} AND ${page.condition} ${tail}`, { ...all, ...page.parameters });
  }
}

function layOut(sizes: readonly (readonly [string, string, string])[]): Page[] {
  const pages: Page[] = [];
  let first = 0;
  let rows = 0;
  sizes.forEach(([, , count], at) => {
    rows += Number(count);
    const next = Number(sizes[at + 1]?.[2] ?? Number.POSITIVE_INFINITY);
    if (rows + next <= PAGE_ROWS) return;
    pages.push(...pagesOfRange(sizes[first] ?? ['', '', ''], sizes[at] ?? ['', '', ''], rows));
    first = at + 1;
    rows = 0;
  });
  return pages;
}

type Place = readonly [string, string, string];

function pagesOfRange(first: Place, last: Place, rows: number): Page[] {
  const parameters = { cluster1: first[0], ns1: first[1], cluster2: last[0], ns2: last[1] };
  const range =
    '(cluster, dst_ns) >= ({cluster1:String}, {ns1:String}) AND (cluster, dst_ns) <= ({cluster2:String}, {ns2:String})';
  const slices = Math.ceil(rows / PAGE_ROWS);
  if (slices === 1) return [{ condition: range, parameters }];
  const hash = 'cityHash64(src_ns, src_wl, src_labels, src_addr) % {slices:UInt32} = {slice:UInt32}';
  return Array.from({ length: slices }, (_, slice) => ({
    condition: `${range} AND ${hash}`,
    parameters: { ...parameters, slices, slice },
  }));
}
