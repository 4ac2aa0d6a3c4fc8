import { policyName } from '../../model/policy.ts';
import { entryJson } from '../check/json.ts';
import { describeRule } from '../explain/describe-rule.ts';
import { isoTime } from '../times.ts';
import { score } from './least-privilege.ts';
import type { UnusedGrant } from './unused-grants.ts';
import type { TimeWindow, UnprotectedWorkload, WeekReport } from './week.ts';

/** The stable JSON of `report`, described in `docs/report-json.md`; fields are only ever added. */
export function weekJson(report: WeekReport): string {
  const { leastPrivilege, coverage, newEdges } = report;
  const { namespaces, every, ...sums } = leastPrivilege;
  const value = {
    window: windowJson(report.window),
    before: windowJson(report.before),
    headline: {
      edges: report.edges,
      flows: report.flows,
      workloads: report.workloads,
      policies: report.policies,
      ...(report.staged && { staged: report.staged }),
      summary: report.summary,
      flowsByClass: report.flowsOf,
      coverage: { ...coverage, share: share(coverage.covered, coverage.flows) },
      leastPrivilege: {
        score: score(sums) ?? null,
        ...sums,
        everyNthAsked: every,
        namespaces: namespaces.map((of) => ({ ...of, score: score(of) ?? null })),
      },
      grants: report.grants,
      unusedGrants: report.unusedGrants.length,
    },
    wouldDeny: report.wouldDeny.map(entryJson),
    misdropped: report.misdropped.map(entryJson),
    unusedGrants: report.unusedGrants.map(grantJson),
    newEdges: newEdges === undefined ? null : newEdges.entries.map(entryJson),
    comparison: newEdges === undefined ? 'none' : newEdges.partlyCovered ? 'partial' : 'full',
    unprotected: report.unprotected.map(unprotectedJson),
    blindSpots: report.blindSpots,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function windowJson({ from, to }: TimeWindow): Record<string, string> {
  return { from: isoTime(from), to: isoTime(to) };
}

function grantJson({ policy, side, rule, lastUsed, perhapsUsed }: UnusedGrant): Record<string, unknown> {
  return {
    policy: policyName(policy),
    kind: policy.kind,
    direction: side,
    rule: rule.index,
    text: describeRule(rule, side),
    lastUsed: lastUsed === undefined ? null : isoTime(lastUsed),
    perhapsUsed,
    file: policy.location.file,
    line: policy.location.line,
  };
}

function unprotectedJson({ workload, egress, ingress }: UnprotectedWorkload): Record<string, unknown> {
  const { cluster, namespace, kind, name } = workload;
  return { cluster, namespace, kind, workload: name, egress, ingress };
}

/** Part of a whole, from 0 to 1 with four decimals; null of nothing. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((10_000 * part) / whole) / 10_000;
}
