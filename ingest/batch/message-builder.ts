import type { LabelInterner } from '../../src/model/labels.ts';
import { BatchBuilder } from './builder.ts';
import type { RangeBuilder } from './lane.ts';
import { originOfHeaders } from './message-origin.ts';

/** What is the same for all messages of a partition. */
export interface PartitionSettings {
  readonly topic: string;
  readonly partition: number;
  readonly format: string;
  readonly cluster: string;
  readonly options: Readonly<Record<string, string>>;
}

const NO_BYTES = Buffer.alloc(0);

/** What a row occupies once encoded, and a reject with its sample, about; texts that repeat are held once. */
const ROW_BYTES = 256;
const REJECT_BYTES = 1_024;

/**
 * Builds batches from Kafka messages in this thread. The time of the message takes the place of the clock, so that a
 * range that is built again after a crash has exactly the rows and rejects of the first time.
 */
export function messageBuilder(options: PartitionSettings & { readonly interner: LabelInterner }): RangeBuilder {
  let received = 0;
  const builder = new BatchBuilder({ ...options, now: () => received });
  return {
    add(messages, done) {
      const { size, counts } = builder;
      const rejects = counts.rejects;
      const rejected: number[] = [];
      for (const { offset, timestamp, value, headers } of messages) {
        received = timestamp;
        const before = counts.rejects;
        builder.setOrigin(originOfHeaders(headers));
        builder.add(value ?? NO_BYTES, offset, timestamp);
        if (counts.rejects > before) rejected.push(offset);
      }
      const rows = builder.size - size;
      const bad = counts.rejects - rejects;
      done({ rows, held: (rows - bad) * ROW_BYTES + bad * REJECT_BYTES, rejected });
    },
    async build(token) {
      const { counts } = builder;
      return { batch: builder.build(token), counts };
    },
    close() {
      builder.build('');
    },
  };
}
