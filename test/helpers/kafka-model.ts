import type { CommittedOffset } from '../../ingest/kafka/ledger.ts';
import {
  type Claim,
  ClaimLost,
  type FlowSource,
  type SourceListener,
  type SourceMessage,
} from '../../ingest/kafka/source.ts';

/** What a broker remembers of one group: logs and committed offsets by partition. */
export interface ModelBroker {
  readonly logs: readonly (readonly SourceMessage[])[];
  readonly committed: CommittedOffset[];
  /** Rises with every assignment; only claims of the current one may commit. */
  generation: number;
}

interface ModelClaim extends Claim {
  readonly generation: number;
  lost: boolean;
  next: number;
  paused: boolean;
}

/** A `FlowSource` over a model broker in memory; the test decides when a claim ends and when messages arrive. */
export class ModelSource implements FlowSource {
  readonly broker: ModelBroker;
  claims: ModelClaim[] = [];
  #listener: SourceListener | undefined;
  /** Called before every commit; may throw to simulate a fault. */
  beforeCommit: (position: CommittedOffset) => Promise<void> = () => Promise.resolve();

  constructor(broker: ModelBroker) {
    this.broker = broker;
  }

  start(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    this.rebalance();
    return Promise.resolve();
  }

  /** Ends all claims and gives the same partitions again, from where the group has committed. */
  rebalance(): void {
    this.lose();
    this.claims = this.broker.logs.map((_log, partition) => {
      const committed = this.broker.committed[partition] ?? { offset: 0, metadata: '' };
      const { generation } = this.broker;
      return { topic: 't', partition, committed, lost: false, next: committed.offset, paused: false, generation };
    });
    this.#listener?.assigned(this.claims);
  }

  /** Ends all claims, as when another member joins. */
  lose(): void {
    this.broker.generation += 1;
    for (const claim of this.claims) claim.lost = true;
  }

  /** Delivers up to `count` messages of a partition; false when there was nothing to deliver. */
  deliver(partition: number, count: number): boolean {
    const claim = this.claims[partition];
    const log = this.broker.logs[partition] ?? [];
    if (!claim || claim.lost || claim.paused) return false;
    const messages = log.filter(({ offset }) => offset >= claim.next).slice(0, count);
    if (messages.length === 0) return false;
    claim.next = (messages.at(-1)?.offset ?? 0) + 1;
    this.#listener?.delivered(claim, { messages, next: claim.next, end: (log.at(-1)?.offset ?? -1) + 1 });
    return true;
  }

  pause(claim: Claim): void {
    (claim as ModelClaim).paused = true;
  }

  resume(claim: Claim): void {
    (claim as ModelClaim).paused = false;
  }

  async commit(claim: Claim, position: CommittedOffset): Promise<void> {
    await this.beforeCommit(position);
    const own = claim as ModelClaim;
    if (own.lost || own.generation !== this.broker.generation) throw new ClaimLost(claim);
    this.broker.committed[claim.partition] = position;
  }

  reachable(): Promise<boolean> {
    return Promise.resolve(true);
  }

  stop(): Promise<void> {
    this.lose();
    return Promise.resolve();
  }
}
