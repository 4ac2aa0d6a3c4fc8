import type { Inventory } from '../../../model/inventory.ts';
import type { Policy } from '../../../model/policy.ts';
import { nearest } from '../../../util/nearest.ts';
import { type AskedLabel, askedLabels, rulesOf } from '../matchers.ts';
import type { LintProblem, LintRule } from '../rule.ts';

type Known = ReadonlyMap<string, ReadonlySet<string>>;

/** Keys that the API server and policies of other products put there. */
const GIVEN = /^(k8s:)?(kubernetes\.io\/metadata\.name|projectcalico\.org\/|io\.kubernetes\.|io\.cilium\.)/;

/** A selector for a label that nothing carries matches nothing; most often it is misspelt. */
export const unknownLabel: LintRule = {
  id: 'unknown-label',
  intent: 'A selector asks for a label that no workload or namespace carries, so it matches nothing.',
  severity: 'warning',
  needs: 'workloads',
  check: ({ set, inventory }) => {
    const known = { pod: podLabels(inventory), namespace: namespaceLabels(inventory) };
    return set.policies.flatMap((policy) =>
      asked(policy).flatMap((label) => problem(policy, label, known[label.of]) ?? []),
    );
  },
};

function asked(policy: Policy): AskedLabel[] {
  const all = [policy.subject, ...rulesOf(policy).map(({ rule }) => rule.peer)].flatMap(askedLabels);
  return [...new Map(all.map((label) => [JSON.stringify(label), label])).values()];
}

function podLabels({ workloads }: Inventory): Known {
  return collected(workloads.map(({ labels }) => labels.labels));
}

function namespaceLabels({ namespaces, workloads }: Inventory): Known {
  const named = workloads.map(({ namespace }) => new Map([['kubernetes.io/metadata.name', namespace]]));
  return collected([...namespaces.values(), ...named]);
}

function collected(all: Iterable<ReadonlyMap<string, string>>): Known {
  const known = new Map<string, Set<string>>();
  for (const labels of all) {
    for (const [key, value] of labels) known.set(key, (known.get(key) ?? new Set()).add(value));
  }
  return known;
}

function problem(policy: Policy, { of, key, value }: AskedLabel, known: Known): LintProblem | undefined {
  const carriers = of === 'pod' ? 'workload' : 'namespace';
  const values = known.get(key);
  if (values === undefined) {
    if (GIVEN.test(key)) return undefined;
    const like = nearest(key, [...known.keys()].sort());
    const remedy =
      like === undefined ? `Put the label on a ${carriers}, or ask for another.` : `Write ${like}, perhaps.`;
    return { policy, message: `no ${carriers} has a label ${key}`, remedy };
  }
  if (value === undefined || values.has(value)) return undefined;
  const like = nearest(value, [...values].sort());
  const remedy =
    like === undefined
      ? `Known values: ${[...values].sort().slice(0, 5).join(', ')}.`
      : `Write ${key}=${like}, perhaps.`;
  return { policy, message: `no ${carriers} is labelled ${key}=${value}`, remedy };
}
