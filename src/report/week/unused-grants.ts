import type { Edge } from '../../model/edge.ts';
import { type Policy, type PolicyRef, type PolicyRule, policyName, type Side } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';

/** One allow rule of one policy in one direction. */
export interface Grant {
  readonly policy: PolicyRef;
  readonly side: Side;
  readonly rule: PolicyRule;
}

/** An allow rule that no edge of the window needed. */
export interface UnusedGrant extends Grant {
  /** When an earlier edge last matched it, milliseconds since the epoch; absent when none in the store did. */
  readonly lastUsed?: number;
  /** Some edge of the window may have needed it: that hinges on something unknown, e.g. labels. */
  readonly perhapsUsed: boolean;
}

/**
 * Rules that take part in letting this edge through: in a union every allow rule that matches, so that one of two rules
 * that say the same is not called unused; where the first match decides, only that one.
 */
export type GrantsOf = (edge: Edge) => readonly { readonly rule: PolicyRule; readonly sure: boolean }[];

/** All allow rules in force, in order of policy, direction and position. */
export function grantsIn(policies: readonly Policy[]): Grant[] {
  const grants: Grant[] = [];
  for (const { ref, staged, egress, ingress } of policies) {
    if (staged) continue;
    for (const [side, direction] of [
      ['egress', egress],
      ['ingress', ingress],
    ] as const) {
      for (const rule of direction?.rules ?? []) {
        if (rule.action === 'allow') grants.push({ policy: ref, side, rule });
      }
    }
  }
  return grants.sort(compareGrants);
}

/** Edges of the window, edges before it, and which rules let an edge through. */
export interface GrantUse {
  readonly edges: readonly Edge[];
  readonly earlier: readonly Edge[];
  readonly grantsOf: GrantsOf;
}

/**
 * Grants that no edge with traffic in the window matches. Denied traffic counts as use: someone tried what the rule
 * allows, so the rule means something. `earlier` are the edges before the window, asked only for what is unused.
 */
export function unusedGrants(grants: readonly Grant[], { edges, earlier, grantsOf }: GrantUse): UnusedGrant[] {
  const uses = lastUses(edges, grantsOf);
  const unused = grants.filter(({ rule }) => !uses.sure.has(rule));
  if (unused.length === 0) return [];
  const before = lastUses(earlier, grantsOf);
  return unused.map((grant) => {
    const lastUsed = before.sure.get(grant.rule);
    const perhapsUsed = uses.perhaps.has(grant.rule);
    return { ...grant, perhapsUsed, ...(lastUsed === undefined ? {} : { lastUsed }) };
  });
}

/** When each rule was last surely used, and which rules may have been. */
function lastUses(edges: readonly Edge[], grantsOf: GrantsOf) {
  const sure = new Map<PolicyRule, number>();
  const perhaps = new Set<PolicyRule>();
  for (const edge of edges) {
    const seen = Math.max(edge.passed?.lastSeen ?? 0, edge.denied?.lastSeen ?? 0);
    if (seen === 0 || !edge.oriented) continue;
    for (const use of grantsOf(edge)) {
      if (use.sure) sure.set(use.rule, Math.max(seen, sure.get(use.rule) ?? 0));
      else perhaps.add(use.rule);
    }
  }
  return { sure, perhaps };
}

function compareGrants(a: Grant, b: Grant): number {
  return (
    compareText(policyName(a.policy), policyName(b.policy)) ||
    compareText(a.policy.kind, b.policy.kind) ||
    compareText(a.side, b.side) ||
    a.rule.index - b.rule.index
  );
}
