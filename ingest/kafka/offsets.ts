import type { Admin } from 'kafkajs';
import type { CommittedOffset } from './ledger.ts';

export interface OffsetQuestion {
  readonly group: string;
  readonly start: 'earliest' | 'latest';
  /** Partitions by topic. */
  readonly assignment: Readonly<Record<string, readonly number[]>>;
}

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

/** Where the group stands in its assigned partitions; what was never committed begins at the start that was asked for. */
export async function committedOffsets(admin: Admin, question: OffsetQuestion): Promise<PartitionOffset[]> {
  const topics = Object.keys(question.assignment).filter((topic) => question.assignment[topic]?.length);
  if (topics.length === 0) return [];
  const committed = await admin.fetchOffsets({ groupId: question.group, topics });
  const result: PartitionOffset[] = [];
  for (const { topic, partitions } of committed) {
    const bounds = await admin.fetchTopicOffsets(topic);
    const known = new Map(partitions.map((entry) => [entry.partition, entry]));
    for (const partition of question.assignment[topic] ?? []) {
      const entry = known.get(partition);
      const offset = Number(entry?.offset ?? -1);
      const bound = bounds.find((candidate) => candidate.partition === partition);
      const start = Number((question.start === 'earliest' ? bound?.low : bound?.high) ?? 0);
      const metadata = entry?.metadata ?? '';
      result.push({
        topic,
        partition,
        committed: offset >= 0 ? { offset, metadata } : { offset: start, metadata: '' },
      });
    }
  }
  return result;
}
