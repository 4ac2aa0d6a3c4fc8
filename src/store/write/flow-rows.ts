import type { EncodedFlows, PositionedFlow } from '../../model/batch.ts';
import { type ColumnValue, FLOW_COLUMNS } from '../../model/columns.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { LabelSet } from '../../model/labels.ts';
import { lengthOf, type NativeColumn, nativeColumn, textsOf } from './native-columns.ts';

/** Columns that are written, in order; the engine fills the others. */
export const WRITTEN_FLOW_COLUMNS = FLOW_COLUMNS.filter((column) => column.of !== 'engine');

/** What is written, with the types under which it is sent. */
export const SENT_FLOW_COLUMNS = WRITTEN_FLOW_COLUMNS.map(({ name, type }) => ({
  name,
  type: nativeColumn(type).type,
}));

/** A column and how its values are read off what it is about. */
interface Reader<T> {
  readonly name: string;
  readonly column: NativeColumn;
  readonly read: (from: T) => ColumnValue;
}

/**
 * Encodes rows of `flows` as they come, column by column: what is kept of a row is a few numbers per column, and the
 * flow itself can be forgotten at once. Endpoints repeat, so their columns are read once per endpoint and block.
 */
export class FlowRows {
  readonly #rows = WRITTEN_FLOW_COLUMNS.flatMap((column) =>
    column.of === 'row' ? [readerOf<PositionedFlow>(column)] : [],
  );
  readonly #clients = new Ends('client');
  readonly #servers = new Ends('server');
  #labelSets = new Map<string, LabelSet>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(row: PositionedFlow): void {
    const readers = this.#rows;
    for (let at = 0; at < readers.length; at++) {
      const { column, read } = readers[at] as Reader<PositionedFlow>;
      column.push(read(row));
    }
    this.#clients.add(row.flow.client, this.#labelSets);
    this.#servers.add(row.flow.server, this.#labelSets);
    this.#count += 1;
  }

  /** What was added since the last call, and the label sets that occur in it. */
  take(): { readonly flows: EncodedFlows; readonly labelSets: readonly LabelSet[] } {
    const bytes = new Map(this.#rows.map(({ name, column }) => [name, column.take()]));
    for (const ends of [this.#clients, this.#servers]) for (const [name, taken] of ends.take()) bytes.set(name, taken);
    const rows = this.#count;
    const columns = SENT_FLOW_COLUMNS.flatMap(({ name, type }) => [textsOf([name, type]), ...(bytes.get(name) ?? [])]);
    const labelSets = [...this.#labelSets.values()];
    this.#labelSets = new Map();
    this.#count = 0;
    const head = [lengthOf(SENT_FLOW_COLUMNS.length), lengthOf(rows)];
    return { flows: { rows, pieces: rows === 0 ? [] : [...head, ...columns] }, labelSets };
  }
}

function readerOf<T>({ name, type, read }: { name: string; type: string; read: (from: T) => ColumnValue }): Reader<T> {
  return { name, column: nativeColumn(type), read };
}

/** The columns of one end: a table of the endpoints that occur, and for each row which of them it is. */
class Ends {
  readonly #columns: readonly Reader<Endpoint>[];
  #known = new Map<Endpoint, number>();
  #rows = new Uint32Array(FIRST_ROOM);
  #count = 0;

  constructor(of: 'client' | 'server') {
    this.#columns = WRITTEN_FLOW_COLUMNS.flatMap((column) =>
      (column.of === 'client' || column.of === 'server') && column.of === of ? [readerOf<Endpoint>(column)] : [],
    );
  }

  add(endpoint: Endpoint, labelSets: Map<string, LabelSet>): void {
    if (this.#count === this.#rows.length) {
      const larger = new Uint32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    const known = this.#known.get(endpoint);
    this.#rows[this.#count++] = known ?? this.#remember(endpoint, labelSets);
  }

  #remember(endpoint: Endpoint, labelSets: Map<string, LabelSet>): number {
    const index = this.#known.size;
    this.#known.set(endpoint, index);
    for (const { column, read } of this.#columns) column.push(read(endpoint));
    labelSets.set(endpoint.labels.id, endpoint.labels);
    return index;
  }

  take(): [name: string, bytes: Buffer[]][] {
    const order = this.#rows.subarray(0, this.#count);
    const taken = this.#columns.map(({ name, column }): [string, Buffer[]] => [name, column.take(order)]);
    this.#known = new Map();
    this.#rows = new Uint32Array(FIRST_ROOM);
    this.#count = 0;
    return taken;
  }
}

const FIRST_ROOM = 256;

/** `rows` encoded in one go. */
export function encodeFlows(rows: Iterable<PositionedFlow>): EncodedFlows {
  const encoder = new FlowRows();
  for (const row of rows) encoder.add(row);
  return encoder.take().flows;
}
