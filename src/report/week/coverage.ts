import type { SideVerdict } from '../../model/verdict.ts';
import type { ClassifiedEdge } from '../check/classify.ts';
import type { Coverage } from './week.ts';

const NO_SUBJECT = new Set(['notASubject', 'hostAlwaysAllowed', 'selfTraffic']);

/** Flows that passed, and how many of them had a policy at every end that policies can select. */
export function coverage(entries: readonly ClassifiedEdge[]): Coverage {
  let flows = 0;
  let covered = 0;
  let partly = 0;
  for (const { edge, outcome, observation, verdict } of entries) {
    if (outcome !== 'passed' || !edge.oriented) continue;
    const subjects = [verdict.egress, verdict.ingress].filter((side) => !NO_SUBJECT.has(side.because));
    if (subjects.length === 0) continue;
    flows += observation.flows;
    if (subjects.every(isUnderPolicy)) covered += observation.flows;
    if (subjects.some(isUnderPolicy)) partly += observation.flows;
  }
  return { flows, covered, partly };
}

/** A policy in force had its say at this end. */
function isUnderPolicy(side: SideVerdict): boolean {
  return side.selectedBy.length > 0 || side.policy !== undefined;
}
