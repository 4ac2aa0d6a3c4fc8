import type { Batch, Loss, NamespaceLabels, Reject } from '../../model/batch.ts';
import type { LabelSet } from '../../model/labels.ts';
import { TABLES } from '../schema/ddl.ts';
import type { Store } from '../store.ts';
import { encodeTime, escapeText } from './encode.ts';
import { SENT_FLOW_COLUMNS } from './flow-rows.ts';

/**
 * Stores everything in `batch`, synchronously. Each kind of row is one insert under a token derived from the batch's,
 * so a batch that was interrupted anywhere can simply be sent again. Label sets and namespaces go first: a flow that
 * is visible has its labels. Throws what the engine or the network threw; see `classifyStoreError`.
 */
export async function writeBatch(store: Store, batch: Batch): Promise<void> {
  const { token } = batch;
  await insertRows(store, 'label_sets', `${token}#labels`, batch.labelSets.map(encodeLabelSet));
  await insertRows(store, 'namespaces', `${token}#namespaces`, batch.namespaces.map(encodeNamespace));
  const { rows, pieces } = batch.flows;
  if (rows > 0) {
    const insert = { table: 'flows', format: 'Native', columns: SENT_FLOW_COLUMNS } as const;
    await store.insert({ ...insert, body: pieces, token: `${token}#flows` });
  }
  await insertRows(store, 'rejects', `${token}#rejects`, batch.rejects.map(encodeReject));
  await insertRows(
    store,
    'losses',
    `${token}#losses`,
    (batch.losses ?? []).map((loss) => encodeLoss(token, loss)),
  );
}

/** Inserts encoded lines into the columns of `table` that the engine does not fill itself. */
export async function insertRows(store: Store, table: string, token: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const wanted = TABLES.find(({ name }) => name === table);
  const columns = (wanted?.columns ?? []).filter((column) => column.default === undefined);
  const body = [Buffer.from(lines.join(''), 'utf8')];
  await store.insert({ table, format: 'TabSeparated', columns, body, token });
}

function encodeLabelSet({ id, labels }: LabelSet): string {
  return `${id}\t${encodeMap(labels)}\n`;
}

function encodeNamespace({ cluster, namespace, labels, seen }: NamespaceLabels): string {
  return `${escapeText(cluster)}\t${escapeText(namespace)}\t${encodeMap(labels)}\t${encodeTime(seen)}\n`;
}

function encodeReject({ position, line, reason, detail, sample }: Reject): string {
  const { topic, partition, offset, index } = position;
  const texts = [reason, detail, sample].map(escapeText).join('\t');
  return `${escapeText(topic)}\t${partition}\t${offset}\t${index}\t${line}\t${texts}\n`;
}

function encodeLoss(token: string, { cluster, topic, hour, events }: Loss): string {
  return `${[cluster, topic, token].map(escapeText).join('\t')}\t${encodeTime(hour)}\t${events}\n`;
}

function encodeMap(labels: ReadonlyMap<string, string>): string {
  const pairs = [...labels].map(([key, value]) => `'${escapeText(key)}':'${escapeText(value)}'`);
  return `{${pairs.join(',')}}`;
}
