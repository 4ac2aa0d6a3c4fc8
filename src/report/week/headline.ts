import { thousands } from '../../util/thousands.ts';
import { score } from './least-privilege.ts';
import type { WeekReport } from './week.ts';

/** The report in a handful of sentences, for whoever reads nothing else. */
export function weekHeadline(report: WeekReport): string[] {
  return [
    breakLine(report),
    scoreLine(report),
    coverageLine(report),
    unprotectedLine(report),
    unusedLine(report),
    newLine(report),
    blindLine(report),
    ...stagedLines(report),
  ];
}

/** Whoever reads the report later cannot see how it was made. */
function stagedLines({ staged }: WeekReport): string[] {
  if (staged === undefined) return [];
  const count = plural(staged.policies.length, 'staged policy', 'staged policies');
  return [staged.enforced ? `${count} judged as if in force.` : `${count} left out, as in the cluster.`];
}

/** `3 edges`, `1 edge`. */
function plural(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

function breakLine({ summary, flowsOf, misdropped }: WeekReport): string {
  const other = misdropped.length === 0 ? '' : ` ${plural(misdropped.length, 'edge')} denied although allowed.`;
  if (summary.escaped === 0) return `Nothing that passed would be denied by these policies.${other}`;
  return `${plural(summary.escaped, 'edge')} (${plural(flowsOf.escaped, 'flow')}) would be denied by these policies.${other}`;
}

function scoreLine({ leastPrivilege }: WeekReport): string {
  const value = score(leastPrivilege);
  if (value === undefined) return 'Least-privilege score: none, because nothing is allowed between the workloads seen.';
  const { used, allowed } = leastPrivilege;
  return `Least-privilege score ${value.toFixed(1)} of 100: ${thousands(used)} of ${thousands(allowed)} allowed connections are in use.`;
}

function coverageLine({ coverage, policies }: WeekReport): string {
  if (policies === 0) return 'No policies were given, so everything is allowed and nothing is under policy.';
  if (coverage.flows === 0) return 'Coverage: no traffic that policies could decide was seen.';
  const percent = ((100 * coverage.covered) / coverage.flows).toFixed(1);
  return `Coverage ${percent} %: ${thousands(coverage.covered)} of ${plural(coverage.flows, 'flow')} have a policy at both ends, ${thousands(coverage.partly)} at one at least.`;
}

function unprotectedLine({ unprotected, workloads }: WeekReport): string {
  const both = unprotected.filter(({ egress, ingress }) => egress === 'open' && ingress === 'open').length;
  return `${thousands(unprotected.length)} of ${plural(workloads, 'workload')} are open in some direction, ${thousands(both)} of them in both.`;
}

function unusedLine({ unusedGrants, grants }: WeekReport): string {
  if (unusedGrants.length === 0)
    return grants === 0 ? 'No rule allows anything.' : `Every one of ${plural(grants, 'allow rule')} was used.`;
  return `Used by nobody: ${thousands(unusedGrants.length)} of ${plural(grants, 'allow rule')}.`;
}

function newLine({ newEdges }: WeekReport): string {
  if (newEdges === undefined) return 'What is new cannot be said: nothing is stored from before the window.';
  return `${plural(newEdges.entries.length, 'edge')} new since the time before.`;
}

function blindLine({ blindSpots }: WeekReport): string {
  const { uncertainEdges, unorientedEdges, unclearEdges } = blindSpots;
  return `Not judged: ${plural(uncertainEdges, 'edge')} uncertain (${thousands(unorientedEdges)} of unknown direction), ${thousands(unclearEdges)} with outcomes that say nothing about policies.`;
}
