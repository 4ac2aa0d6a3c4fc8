import { type Finding, formatLocation } from '../../model/finding.ts';
import { type Policy, policyName } from '../../model/policy.ts';

/**
 * Warns where two documents carry the same kind, namespace and name: applied one after the other, the later replaces
 * the earlier, whereas both count here.
 */
export function reportDuplicates(policies: readonly Policy[], findings: Finding[]): void {
  const seen = new Map<string, Policy['ref']>();
  for (const { ref } of policies) {
    const key = `${ref.dialect}\0${ref.kind}\0${policyName(ref)}`;
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, ref);
    else if (formatLocation(earlier.location) !== formatLocation(ref.location)) {
      const message = `${ref.kind} ${policyName(ref)} is already defined at ${formatLocation(earlier.location)}`;
      const remedy = 'Rename or remove one: a cluster keeps only the one applied last.';
      findings.push({ severity: 'warning', rule: 'duplicate-policy', message, remedy, location: ref.location });
    }
  }
}
