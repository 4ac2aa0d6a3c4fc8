import { pairWords } from '../../dialects/micropolicies/micropolicies.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { nextVersion } from '../../learn/pairs/versions.ts';
import { removalId } from '../../model/link-id.ts';
import type { Learned, PolicyPair, PreviousPair, WorkloadRef } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';

/** Pairs with their next versions, and with what people said about those that they grew out of. */
export function carryOver(learned: Learned, previous: PreviousRun | undefined): Learned {
  const before = new Map(previous && lastGranted(previous).map((pair) => [pair.id, pair]));
  return { ...learned, pairs: learned.pairs.map((pair) => carryPair(pair, before.get(pair.id))) };
}

function carryPair(pair: PolicyPair, before: PreviousPair | undefined): PolicyPair {
  const version = nextVersion(pair, before, pairWords(pair));
  if (!before) return { ...pair, version };
  const kept = new Set(before.unused.filter(({ keep }) => keep).map((grant) => removalId(pair.id, grant)));
  const unused = pair.unused.map((grant) => (kept.has(removalId(pair.id, grant)) ? { ...grant, keep: true } : grant));
  return { ...pair, version, unused, ...(before.details && { details: before.details }) };
}

/**
 * Earlier pairs with the members that the earlier run gave them. Members that a person added or took out since are in
 * the list already, but not in the labels that were assigned: without function labels they cannot be told.
 */
export function lastGranted({ pairs, document }: PreviousRun): PreviousPair[] {
  const { mode, assignments } = document as { readonly mode?: string; readonly assignments?: Assigned };
  if (mode !== 'labels' || assignments === undefined) return [...pairs];
  const byLabel = new Map<string, { readonly id: string; readonly value: string }[]>();
  for (const [id, labels] of Object.entries(assignments))
    for (const [label, value] of Object.entries(labels)) appendTo(byLabel, label, { id, value });
  return pairs.map((pair) => {
    const carriers = byLabel.get(labelOf(pair));
    if (carriers === undefined) return pair;
    const members = (role: string): WorkloadRef[] =>
      carriers.filter(({ value }) => value === role || value === 'both').map(({ id }) => refOf(id));
    return {
      ...pair,
      service: { ...pair.service, members: members('service') },
      client: { ...pair.client, members: members('client') },
    };
  });
}

/** The label key that the earlier run gave a pair; a new name of the function is not in it yet. */
export function labelOf({ json }: PreviousPair): string {
  const { label = '' } = JSON.parse(json) as { readonly label?: string };
  return label;
}

/** Labels by `namespace/Kind/name`. */
type Assigned = Readonly<Record<string, Readonly<Record<string, string>>>>;

function refOf(id: string): WorkloadRef {
  const [namespace = '', kind = '', name = ''] = id.split('/');
  return { namespace, kind, name };
}
