import type { CommittedOffset } from './ledger.ts';

/** One message of a partition. */
export interface SourceMessage {
  readonly offset: number;
  /** Milliseconds since the epoch, as the producer or the broker set it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** One partition for as long as this process owns it without interruption. A new assignment is a new claim. */
export interface Claim {
  readonly topic: string;
  readonly partition: number;
  /** What the group had committed when the claim began. */
  readonly committed: CommittedOffset;
  /** Another process may own the partition by now: nothing of this claim may be committed any more. */
  readonly lost: boolean;
}

/** Consecutive messages of one claim. */
export interface Delivery {
  readonly messages: readonly SourceMessage[];
  /** Position after the last message. */
  readonly next: number;
  /** One past the newest message that the broker has (the high watermark). */
  readonly end: number;
}

/** What a source tells. Calls come one at a time and return without waiting for the store. */
export interface SourceListener {
  /** The partitions that are ours from now on; every earlier claim is lost. */
  assigned(claims: readonly Claim[]): void;
  /** Messages in order, without holes of our own making: the first delivery starts at `claim.committed.offset`. */
  delivered(claim: Claim, delivery: Delivery): void;
  /** The source cannot go on, and trying again would not help. */
  failed(error: unknown): void;
}

/** Where flows come from: a group member that gets partitions assigned, reads them and commits positions. */
export interface FlowSource {
  /** Joins the group. Throws a `Failure` when the broker is out of reach for too long. */
  start(listener: SourceListener): Promise<void>;
  /** Stops fetching a partition; the membership stays alive. */
  pause(claim: Claim): void;
  resume(claim: Claim): void;
  /** Commits a position. Tries again for as long as the claim lasts; throws `ClaimLost` once it does not. */
  commit(claim: Claim, position: CommittedOffset): Promise<void>;
  /** Whether the broker answers. */
  reachable(): Promise<boolean>;
  /** Leaves the group. */
  stop(): Promise<void>;
}

/** The partition belongs to someone else: drop what was not committed, the next owner rebuilds it. */
export class ClaimLost extends Error {
  constructor(claim: Pick<Claim, 'topic' | 'partition'>) {
    super(`partition ${claim.topic}/${claim.partition} was taken over by another member`);
    this.name = 'ClaimLost';
  }
}
