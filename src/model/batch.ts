import type { Flow, RecordPosition } from './flow.ts';
import type { LabelSet } from './labels.ts';

/** A flow with the place it came from. */
export interface PositionedFlow {
  readonly position: RecordPosition;
  readonly flow: Flow;
}

/** Rows of `flows` in ClickHouse's `Native` format, as one block. */
export interface EncodedFlows {
  readonly rows: number;
  readonly pieces: readonly Buffer[];
}

/** A record that could not be decoded, kept so that nothing is lost. */
export interface Reject {
  readonly position: RecordPosition;
  /** Line in the file, from 1; 0 when the source has no lines. */
  readonly line: number;
  /** Stable reason in kebab-case, e.g. `not-json`; the label of the metric. */
  readonly reason: string;
  /** One sentence for people. */
  readonly detail: string;
  /** The first bytes of the record as text, at most `REJECT_SAMPLE_BYTES`. */
  readonly sample: string;
}

export const REJECT_SAMPLE_BYTES = 512;

/** Labels of a namespace as a record told them. */
export interface NamespaceLabels {
  readonly cluster: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly seen: number;
}

/** Events that a source says it lost before it could report them. */
export interface Loss {
  readonly cluster: string;
  readonly topic: string;
  /** Start of the hour in which the source said so, in milliseconds since the epoch; 0 = it did not say when. */
  readonly hour: number;
  readonly events: number;
}

/**
 * What one insert writes. Everything in it is stored under `token`; sending the same token again changes nothing.
 * A batch is deterministic: the same input range always gives the same rows in the same order.
 */
export interface Batch {
  readonly token: string;
  readonly flows: EncodedFlows;
  readonly rejects: readonly Reject[];
  /** Label sets that occur in `flows`. */
  readonly labelSets: readonly LabelSet[];
  readonly namespaces: readonly NamespaceLabels[];
  readonly losses?: readonly Loss[];
}
