/** Who a rule names, before it is written in some dialect. */
export type Peer =
  | { readonly of: 'tier' | 'app' | 'team' | 'zone'; readonly value: string }
  | { readonly of: 'block'; readonly cidr: string; readonly except: readonly string[] };

export interface Intent {
  readonly name: string;
  readonly number: number;
  readonly namespace: string;
  /** Label that selects its pods; absent = all of the namespace. */
  readonly subject: readonly [key: string, value: string] | undefined;
  readonly ingress: readonly IntentRule[];
  readonly egress: readonly IntentRule[] | undefined;
}

export interface IntentRule {
  readonly peer: Peer;
  readonly port: number | undefined;
  readonly deny: boolean;
}
