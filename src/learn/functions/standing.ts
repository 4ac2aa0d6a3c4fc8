import { workloadId } from '../../model/inventory.ts';
import type { PreviousIsolation } from '../../model/pair.ts';
import { at, type Links } from '../links/links.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { RULE_CODE, type Trust } from '../trust/rules.ts';
import { type Coverage, isMember } from './coverage.ts';

/**
 * Subjects that stay isolated in the direction of a role, although nothing they do there may be granted any more: they
 * were isolated before, or a person rejected it. Both would open otherwise.
 */
export function standingIn(
  role: 'client' | 'server',
  given: {
    readonly links: Links;
    readonly trust: Trust;
    readonly parties: Parties;
    readonly coverage: Coverage;
    /** Absent: there was no earlier run. */
    readonly isolated?: PreviousIsolation | undefined;
  },
): number[] {
  const { links, trust, parties, coverage, isolated } = given;
  const before = new Set(role === 'client' ? isolated?.egress : isolated?.ingress);
  const rejected = new Set<number>();
  for (let link = 0; link < links.count; link += 1)
    if (at(trust, link) === RULE_CODE.rejected) rejected.add(at(links[role], link));
  if (before.size + rejected.size === 0) return [];
  const wasIsolated = ({ workloads }: Party): boolean =>
    workloads.every((workload) => before.has(workloadId(workload)));
  return parties.all
    .filter((party) => isMember(coverage, party, role) && (rejected.has(party.index) || wasIsolated(party)))
    .map(({ index }) => index);
}
