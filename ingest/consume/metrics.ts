import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { IngestCounts } from '../batch/builder-counts.ts';
import type { ClosedBatch } from '../batch/lane.ts';
import type { Claim } from '../kafka/source.ts';

/** What the pump counts. Rows count once they are stored and confirmed. */
export interface PumpMetrics {
  assigned(claims: readonly Claim[]): void;
  cut(claim: Claim, closed: ClosedBatch): void;
  inserted(claim: Claim, seconds: number): void;
  retried(claim: Claim): void;
  stored(claim: Claim, stored: { readonly counts: IngestCounts; readonly lag: number }): void;
}

export interface IngestMetrics extends PumpMetrics {
  readonly registry: Registry;
  /** What was stored since the start, for the last line of the log. */
  readonly totals: { readonly rows: number; readonly rejects: number; readonly lost: number };
}

/** All metrics of the consumer on a registry of their own, in the names that `deploy/README.md` lists. */
export function createMetrics(): IngestMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const common = { registers: [registry] };
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `microwall_${name}`, help, labelNames, ...common });
  const flows = counter('flows_total', 'Flow records stored.', ['topic']);
  const rejects = counter('rejects_total', 'Records that could not be decoded, by reason.', ['topic', 'reason']);
  const skipped = counter('skipped_total', 'Records that deliberately give no row, by reason.', ['topic', 'reason']);
  const lost = counter('lost_events_total', 'Events that sources say they lost.', ['topic']);
  const retries = counter('retries_total', 'Writes that had to be tried again.', ['topic']);
  const batches = counter('batches_total', 'Closed batches, by what closed them.', ['topic', 'reason']);
  const bytes = counter('message_bytes_total', 'Bytes of message values taken.', ['topic']);
  const lag = new Gauge({
    name: 'microwall_lag_messages',
    help: 'Messages between the confirmed position and the end of the partition.',
    labelNames: ['topic', 'partition'],
    ...common,
  });
  const partitions = new Gauge({ name: 'microwall_assigned_partitions', help: 'Partitions owned.', ...common });
  const rows = new Histogram({
    name: 'microwall_batch_rows',
    help: 'Rows of a batch.',
    buckets: [1, 10, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000],
    ...common,
  });
  const seconds = new Histogram({
    name: 'microwall_insert_seconds',
    help: 'Seconds that a successful insert took.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ...common,
  });
  const totals = { rows: 0, rejects: 0, lost: 0 };
  return {
    registry,
    totals,
    assigned: (claims) => {
      lag.reset();
      partitions.set(claims.length);
    },
    cut: ({ topic }, closed) => {
      batches.inc({ topic, reason: closed.reason });
      bytes.inc({ topic }, closed.counters.bytes);
    },
    inserted: (_claim, taken) => seconds.observe(taken),
    retried: ({ topic }) => retries.inc({ topic }),
    stored: ({ topic, partition }, { counts, lag: behind }) => {
      rows.observe(counts.rows + counts.rejects);
      totals.rows += counts.rows;
      totals.rejects += counts.rejects;
      totals.lost += counts.lost;
      flows.inc({ topic }, counts.rows);
      for (const [reason, { count }] of counts.rejected) rejects.inc({ topic, reason }, count);
      for (const [reason, count] of counts.skipped) skipped.inc({ topic, reason }, count);
      lost.inc({ topic }, counts.lost);
      lag.set({ topic, partition }, behind);
    },
  };
}
