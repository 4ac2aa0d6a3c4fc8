import type { Finding } from '../../model/finding.ts';
import { type Policy, policyName } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';
import type { LintContext, LintRule } from './rule.ts';
import { directionOpen } from './rules/direction-open.ts';
import { missingDns } from './rules/missing-dns.ts';
import { missingOtherHalf } from './rules/missing-other-half.ts';
import { redundant } from './rules/redundant.ts';
import { selectsNothing } from './rules/selects-nothing.ts';
import { separatePeers } from './rules/separate-peers.ts';
import { shadowed } from './rules/shadowed.ts';
import { tooBroad } from './rules/too-broad.ts';
import { unknownLabel } from './rules/unknown-label.ts';

/** In the order in which their findings are shown for one policy. */
export const LINT_RULES: readonly LintRule[] = [
  selectsNothing,
  unknownLabel,
  separatePeers,
  shadowed,
  redundant,
  missingDns,
  missingOtherHalf,
  directionOpen,
  tooBroad,
];

export interface LintResult {
  /** By file, document and line. */
  readonly findings: readonly Finding[];
  /** Rules that could not look, because they need workloads and there are none. */
  readonly skipped: readonly string[];
}

/** What is suspicious about policies that can be read. Staged policies are looked at like others. */
export function lintPolicies(context: LintContext): LintResult {
  const able = LINT_RULES.filter(({ needs }) => needs !== 'workloads' || context.inventory.workloads.length > 0);
  const findings = able.flatMap((rule) =>
    rule.check(context).map(({ policy, message, remedy }): Finding => {
      const text = `${nameOf(policy)}: ${message}`;
      return { severity: rule.severity, rule: rule.id, message: text, remedy, location: policy.ref.location };
    }),
  );
  return {
    findings: distinct(findings).sort(compareFindings),
    skipped: LINT_RULES.filter((rule) => !able.includes(rule)).map(({ id }) => id),
  };
}

function nameOf({ ref }: Policy): string {
  return `${ref.kind} ${policyName(ref)}`;
}

/** One document may have become several policies. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.location.file, b.location.file) ||
    a.location.document - b.location.document ||
    a.location.line - b.location.line
  );
}
