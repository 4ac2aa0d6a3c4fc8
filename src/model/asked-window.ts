/** A moment in milliseconds: since the epoch, or before the newest stored flow. */
export type Moment = { readonly at: number } | { readonly ago: number };

/** A window of time as a person asks for it; an absent field asks nothing. */
export interface AskedWindow {
  /** Milliseconds back from `to`; `from` wins over it. */
  readonly since?: number | undefined;
  readonly from?: Moment | undefined;
  /** Not included. */
  readonly to?: Moment | undefined;
}
