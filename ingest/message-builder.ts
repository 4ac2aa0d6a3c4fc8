import type { LabelInterner } from '../src/model/labels.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { RangeBuilder } from './lane.ts';

export interface MessageBuilderOptions {
  readonly topic: string;
  readonly partition: number;
  readonly format: string;
  readonly cluster: string;
  readonly options: Readonly<Record<string, string>>;
  readonly interner: LabelInterner;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Builds batches from Kafka messages. The time of the message takes the place of the clock, so that a range that is
 * built again after a crash has exactly the rows and rejects of the first time.
 */
export function messageBuilder(options: MessageBuilderOptions): RangeBuilder {
  let received = 0;
  const builder = new BatchBuilder({ ...options, now: () => received });
  return {
    add({ offset, timestamp, value }) {
      received = timestamp;
      const [size, rejects] = [builder.size, builder.counts.rejects];
      builder.add(value ?? NO_BYTES, offset, timestamp);
      return { rows: builder.size - size, rejects: builder.counts.rejects - rejects };
    },
    build(token) {
      const { counts } = builder;
      return { batch: builder.build(token), counts };
    },
  };
}
