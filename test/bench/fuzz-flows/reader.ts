import { BatchBuilder } from '../../../ingest/batch/builder.ts';
import { FORMAT_NAMES } from '../../../ingest/batch/interpreter.ts';
import type { Batch, PositionedFlow } from '../../../src/model/batch.ts';
import { LabelInterner } from '../../../src/model/labels.ts';
import { random } from '../replay-input.ts';
import { pick } from './draw.ts';

/** When the inputs are said to have been received; fixtures are from about then. */
const RECEIVED = Date.UTC(2026, 11, 1);

/** How a topic is configured. */
export interface Reading {
  readonly format: string;
  readonly options: Readonly<Record<string, string>>;
}

/** The configuration for a group of inputs, by its number. A named format gets every record, also those of others. */
export function readingOf(group: number, options: Reading['options']): Reading {
  const next = random(group + 1);
  for (let draw = 0; draw < 4; draw++) next();
  const format = next() < 0.75 ? 'auto' : pick(FORMAT_NAMES, next);
  return { format, options: next() < 0.3 ? options : {} };
}

/** Makes builders that take what a Kafka topic takes: bytes of messages, through the code that fills the store. */
export class FlowReader {
  readonly #interner = new LabelInterner();
  readonly #builders = new Map<string, BatchBuilder>();
  readonly #watch: (row: PositionedFlow) => void;

  constructor(watch: (row: PositionedFlow) => void = () => {}) {
    this.#watch = watch;
  }

  /** The one builder of this configuration, with whatever it remembers. */
  builderFor(reading: Reading): BatchBuilder {
    const key = JSON.stringify(reading);
    const known = this.#builders.get(key);
    if (known !== undefined) return known;
    const source = { topic: 'fuzz', partition: 0, cluster: 'c', ...reading };
    const told = { interner: this.#interner, now: () => RECEIVED, watch: this.#watch };
    const builder = new BatchBuilder({ ...source, ...told });
    this.#builders.set(key, builder);
    return builder;
  }
}

/** Adds one input; its rows and rejects get `number` as their offset. */
export function addInput(builder: BatchBuilder, number: number, bytes: Buffer): void {
  builder.add(bytes, number, RECEIVED);
}

/** What came of everything added so far: rows, rejects and skips, and events lost, which can be any number. */
export function accountedFor({ counts }: BatchBuilder): string {
  let skipped = 0;
  for (const times of counts.skipped.values()) skipped += times;
  return `${counts.rows + counts.rejects + skipped}/${counts.lost}`;
}

/** Whether two batches are the same to the last byte. */
export function isSame(one: Batch, other: Batch): boolean {
  return said(one) === said(other) && Buffer.concat(one.flows.pieces).equals(Buffer.concat(other.flows.pieces));
}

function said({ rejects, losses, namespaces, labelSets }: Batch): string {
  const labels = labelSets.map(({ id, labels: of }) => [id, ...of]);
  const told = namespaces.map(({ labels: of, ...rest }) => [rest, ...of]);
  return JSON.stringify([rejects, losses, told, labels]);
}
