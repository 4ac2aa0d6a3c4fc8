import type { EachBatchPayload, KafkaMessage, Offsets } from 'kafkajs';
import type { CommittedOffset } from './ledger.ts';
import type { Claim, SourceMessage } from './source.ts';

/** A claim with what only the Kafka source needs to know about it. */
export class KafkaClaim implements Claim {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
  lost = false;
  /** The offset with which the next batch has to begin. */
  next: number;
  /** Commits in the generation in which the claim got its messages, once, without trying again. */
  committer: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #challenged = false;

  constructor(at: { readonly topic: string; readonly partition: number; readonly committed: CommittedOffset }) {
    this.topic = at.topic;
    this.partition = at.partition;
    this.committed = at.committed;
    this.next = at.committed.offset;
  }

  /**
   * Whether a batch fetched at `fetched` continues our position. One that starts later is refused once; when the broker
   * starts there again, the messages between are gone for good (retention, aborted transactions) and it is taken.
   */
  accept(fetched: number): boolean {
    if (fetched > this.next && !this.#challenged) {
      this.#challenged = true;
      return false;
    }
    this.#challenged = false;
    return true;
  }

  async commit({ offset, metadata }: CommittedOffset): Promise<void> {
    if (!this.committer) throw new Error(`nothing was read from ${this.topic}/${this.partition} yet`);
    const partitions = [{ partition: this.partition, offset: String(offset), metadata }];
    await this.committer({ topics: [{ topic: this.topic, partitions }] } as Offsets);
  }
}

/** The messages at `next` or later; a fetch of a compressed batch may begin before the offset that was asked for. */
export function toMessages(messages: readonly KafkaMessage[], next: number): SourceMessage[] {
  const result: SourceMessage[] = [];
  for (const { offset, timestamp, key, value, headers } of messages) {
    const at = Number(offset);
    if (at >= next) result.push({ offset: at, timestamp: Number(timestamp), key, value, headers: headers ?? {} });
  }
  return result;
}
