import type { PositionedFlow } from '../../src/model/batch.ts';
import { type ColumnValue, FLOW_COLUMNS } from '../../src/model/columns.ts';
import type { LabelInterner, LabelSet } from '../../src/model/labels.ts';
import { BatchBuilder } from '../batch/builder.ts';
import { addCounts, type IngestCounts, newCounts } from '../batch/builder-counts.ts';
import { Framer } from '../frames/frames.ts';
import type { Input } from './files.ts';

export interface ExplainRequest {
  readonly format: string;
  readonly cluster: string;
  /** See `FORMAT_OPTIONS`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly interner: LabelInterner;
}

/** Rows that are held before they are handed on. */
const GROUP_ROWS = 1_000;

/** A row as JSON: names of the columns of `flows`, labels and times spelled out. */
export type ExplainedRow = Readonly<Record<string, unknown>>;

/** Reads an input without storing anything: rows as people can map them to the store, in groups, and the counts. */
export async function explainInput(
  input: Input,
  request: ExplainRequest,
  print: (rows: readonly ExplainedRow[]) => Promise<void> | void,
): Promise<IngestCounts> {
  const framer = new Framer();
  let rows: ExplainedRow[] = [];
  const watch = (row: PositionedFlow) => rows.push(explainRow(row));
  const builder = new BatchBuilder({ ...request, topic: `file:${input.name}`, partition: 0, watch });
  const total = newCounts();
  const flush = async (): Promise<void> => {
    addCounts(total, builder.counts);
    builder.build('');
    const read = rows;
    rows = [];
    await print(read);
  };
  const drain = async (): Promise<void> => {
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      const { start, end } = frame;
      builder.addFrame(frame, () => framer.sample(start, end));
      if (builder.size >= GROUP_ROWS) await flush();
    }
  };
  for await (const block of input.read(() => {})) {
    framer.feed(block);
    await drain();
  }
  framer.end();
  await drain();
  await flush();
  return total;
}

/** One row by column names; `src_labels` and `dst_labels` are objects, `null` when unknown; times are ISO 8601. */
export function explainRow(row: PositionedFlow): ExplainedRow {
  const explained: Record<string, unknown> = {};
  for (const column of FLOW_COLUMNS) {
    if (column.of === 'engine') continue;
    if (column.of === 'row') explained[column.name] = readable(column.read(row), column.type);
    else if (column.name.endsWith('_labels')) explained[column.name] = labelsOf(row.flow[column.of].labels);
    else explained[column.name] = column.read(row.flow[column.of]);
  }
  return explained;
}

function readable(value: ColumnValue, type: string): unknown {
  return type.startsWith('DateTime64') ? new Date(value as number).toISOString() : value;
}

function labelsOf({ id, labels }: LabelSet): Record<string, string> | null {
  return id === '0' ? null : Object.fromEntries(labels);
}
