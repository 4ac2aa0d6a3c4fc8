import type { RuleAction } from '../../model/policy.ts';
import { ALLOW, BOTH, DENY, PASS } from './outcome.ts';
import { emptyBits, setBit } from './truth-set.ts';

/** What a walk that only wants the decision needs of all rules of a side, as flat numbers by bit. */
export interface RuleTable {
  /** Subject, peer and ports are all there is to the rule, as bits. */
  readonly plain: Uint32Array;
  /** What comes of a rule that surely matches: ALLOW, DENY or PASS. */
  readonly settles: Uint8Array;
  /** Outcomes that a rule adds when it may or may not match; BOTH where more than that would have to be followed. */
  readonly leaves: Uint8Array;
}

interface TableRule {
  readonly rule: { readonly action: RuleAction; readonly otherwise?: 'deny' };
  readonly plain: boolean;
}

const SETTLES: Readonly<Record<RuleAction, number>> = { allow: ALLOW, deny: DENY, pass: PASS, log: 0 };

export function ruleTable(rules: readonly (TableRule | undefined)[]): RuleTable {
  const table = {
    plain: emptyBits(rules.length),
    settles: new Uint8Array(rules.length),
    leaves: new Uint8Array(rules.length),
  };
  for (const [bit, planned] of rules.entries()) {
    if (planned === undefined) continue;
    const outcome = SETTLES[planned.rule.action];
    if (planned.plain) setBit(table.plain, bit);
    table.settles[bit] = outcome;
    table.leaves[bit] = outcome === PASS || planned.rule.otherwise === 'deny' ? BOTH : outcome;
  }
  return table;
}
