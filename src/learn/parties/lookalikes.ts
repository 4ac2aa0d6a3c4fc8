/** Why existing labels do not name a party, and the parties that it looks like. */
export interface Lookalikes {
  readonly cause: string;
  readonly from: readonly number[];
}

/** Parties that no selector over existing labels names. */
export type Unnamable = ReadonlyMap<number, Lookalikes>;
