import type { EdgeEndpoint } from '../../model/edge.ts';
import type { Policy, PolicySet } from '../../model/policy.ts';
import type { Compiled } from '../compile/compile.ts';
import { matches } from '../lint/matching.ts';
import { NO } from '../match/truth.ts';

/** A policy set made ready for the workloads in question. */
export interface Version {
  readonly set: PolicySet;
  readonly compiled: Compiled;
}

/**
 * Tells whether a change of policies touches a workload: some policy that differs selects it, before or after. What
 * places policies say, in which file and line, does not count; a change of stages or profile touches everybody.
 */
export function touchedBy(old: Version, fresh: Version): (endpoint: EdgeEndpoint) => boolean {
  const world = ({ set: { profile, stages } }: Version) => JSON.stringify([profile, stages]);
  if (world(old) !== world(fresh)) return () => true;
  const removed = changedPolicies(old.set, fresh.set);
  const added = changedPolicies(fresh.set, old.set);
  const selects = ({ compiled }: Version, policies: readonly Policy[], endpoint: EdgeEndpoint): boolean =>
    policies.some(({ subject }) => matches({ compiled }, subject, endpoint) !== NO);
  return (endpoint) => selects(old, removed, endpoint) || selects(fresh, added, endpoint);
}

/** Policies of `set` that `other` does not have like this. */
function changedPolicies(set: PolicySet, other: PolicySet): Policy[] {
  const known = new Set(other.policies.map(textOf));
  return set.policies.filter((policy) => !known.has(textOf(policy)));
}

function textOf({ ref, ...policy }: Policy): string {
  const { location: _, ...name } = ref;
  return JSON.stringify([name, policy]);
}
