import type { EdgeEndpoint } from '../../model/edge.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { Policy, PolicySet } from '../../model/policy.ts';
import type { Compiled } from '../compile/compile.ts';

/** What a rule looks at. */
export interface LintContext {
  readonly set: PolicySet;
  /** Without workloads the rules that need them are skipped. */
  readonly inventory: Inventory;
  readonly compiled: Compiled;
  /** The workloads as ends, each once per form, known to `compiled`. */
  readonly ends: readonly EdgeEndpoint[];
}

/** Something suspicious about one policy. */
export interface LintProblem {
  readonly policy: Policy;
  /** What is suspicious, as the rest of a sentence that begins with the policy. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

/** One thing to look for. */
export interface LintRule {
  /** Stable id in kebab-case. */
  readonly id: string;
  /** One sentence for people: what the rule finds and why it matters. */
  readonly intent: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly needs: 'policies' | 'workloads';
  check(context: LintContext): LintProblem[];
}
