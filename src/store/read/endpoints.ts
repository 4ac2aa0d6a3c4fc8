import type { EdgeEndpoint } from '../../model/edge.ts';
import type { EndpointKind } from '../../model/enums.ts';
import { type LabelSet, UNKNOWN_LABELS } from '../../model/labels.ts';
import type { Store } from '../store.ts';
import type { EdgeRelation } from './edge-relation.ts';
import { addressText } from './values.ts';

/** Columns of one end in `edges_1h` without their prefix, in the order in which they are read. */
const COLUMNS = ['kind', 'ns', 'wl', 'wl_kind', 'labels', 'peer', 'addr'] as const;

/** SQL that names an end by one number: shorter to group by and to send than its eight columns. */
export function endpointId(prefix: 'src' | 'dst'): string {
  return `cityHash64(cluster, ${COLUMNS.map((column) => `${prefix}_${column}`).join(', ')})`;
}

/** Every label set in the store by id. Sets of one result are interned. */
export async function readLabelSets(store: Store): Promise<ReadonlyMap<string, LabelSet>> {
  const sets = new Map<string, LabelSet>([[UNKNOWN_LABELS.id, UNKNOWN_LABELS]]);
  for await (const rows of store.stream('SELECT id, any(labels) FROM label_sets GROUP BY id ORDER BY id')) {
    for (const [id, labels] of rows as [string, Record<string, string>][])
      sets.set(id, { id, labels: new Map(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) });
  }
  return sets;
}

/** The distinct ends of edges by `endpointId`, one object for each, clients and servers alike. */
export async function readEndpoints(store: Store, relation: EdgeRelation): Promise<ReadonlyMap<string, EdgeEndpoint>> {
  const labelSets = await readLabelSets(store);
  const ends = new Map<string, EdgeEndpoint>();
  for (const prefix of ['src', 'dst'] as const) {
    const columns = ['cluster', ...COLUMNS.map((column) => `${prefix}_${column}`)];
    const values = columns.map((column) => `any(${column})`).join(', ');
    const sql = `SELECT ${endpointId(prefix)} AS id, ${values} FROM ${relation.sql} AS e GROUP BY id`;
    for await (const rows of store.stream(sql, relation.parameters)) {
      for (const row of rows) {
        const id = String(row[0]);
        if (!ends.has(id)) ends.set(id, endpointOf(row.slice(1) as string[], labelSets));
      }
    }
  }
  return ends;
}

function endpointOf(values: readonly string[], labelSets: ReadonlyMap<string, LabelSet>): EdgeEndpoint {
  const [cluster = '', kind = 'unknown', namespace = '', workload = '', workloadKind = '', labels = '0', peer = ''] =
    values;
  return {
    cluster,
    kind: kind as EndpointKind,
    namespace,
    workload,
    workloadKind,
    labels: labelSets.get(labels) ?? { id: labels, labels: UNKNOWN_LABELS.labels },
    peer,
    address: addressText(values[7] ?? ''),
  };
}
