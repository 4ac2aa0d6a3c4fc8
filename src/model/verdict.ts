import type { PolicyRef, RuleAction, Side } from './policy.ts';

export type Decision = 'allow' | 'deny' | 'uncertain';

/** Why a side came out as it did; one vocabulary for all dialects. */
export type Because =
  | 'ruleMatched'
  | 'noPolicySelects'
  | 'selectedNoRules'
  | 'noPeerMatch'
  | 'portMismatch'
  | 'tierDefaultAction'
  | 'profile'
  | 'defaultDenyMode'
  | 'hostAlwaysAllowed'
  | 'selfTraffic'
  | 'notASubject'
  | 'conditional';

/** The decision at one end and how it came about. */
export interface SideVerdict {
  readonly side: Side;
  readonly decision: Decision;
  readonly because: Because;
  /** Stage that decided; `''` when none did. */
  readonly stage: string;
  /** The decisive policy; for a default deny the first of `selectedBy`. */
  readonly policy?: PolicyRef;
  /** -1 for a default action, absent when no rule took part. */
  readonly ruleIndex?: number;
  readonly ruleName?: string;
  readonly action?: RuleAction;
  /** Policies whose `pass` rules were met on the way, in order. */
  readonly passedBy: readonly PolicyRef[];
  /** Every enforced policy of the deciding stage that selects this end in this direction. */
  readonly selectedBy: readonly PolicyRef[];
  /** The rule that came closest when none matched: its peer matched and its ports did not. */
  readonly nearMiss?: { readonly policy: PolicyRef; readonly ruleIndex: number };
  /** What was missing, when uncertain. */
  readonly missing: readonly string[];
}

/** Egress at the client AND ingress at the server; both are always computed. */
export interface Verdict {
  readonly decision: Decision;
  readonly egress: SideVerdict;
  readonly ingress: SideVerdict;
}

/** Combines the two sides: deny beats uncertain beats allow. */
export function combineDecisions(egress: Decision, ingress: Decision): Decision {
  if (egress === 'deny' || ingress === 'deny') return 'deny';
  return egress === 'uncertain' || ingress === 'uncertain' ? 'uncertain' : 'allow';
}
