import { workloadId } from '../../model/inventory.ts';
import type { DefaultDeny, FunctionValue, IsolatedSide, Learned, PolicyPair, WorkloadRef } from '../../model/pair.ts';
import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import { type Enforced, keptVersion, type Part, selecting } from './kept-version.ts';
import type { Naming } from './naming.ts';
import { proposeLabels } from './propose-labels.ts';
import type { HalfPolicy } from './to-policies.ts';

/** A rollout as it stands after a run. */
export interface Rollout {
  /** With the labels that the rollout needs, and without denying anything to who waits. */
  readonly learned: Learned;
  /** Earlier versions, with the workloads that keep them. */
  readonly kept: readonly PolicyPair[];
  readonly waiting: { readonly ingress: ReadonlySet<string>; readonly egress: ReadonlySet<string> };
}

/**
 * Lets only part of the workloads meet what can break them: being isolated for the first time, and losing a grant. Who
 * does not take part stays open where it was open, and keeps earlier versions beside the new ones. New grants are given
 * to everybody at once, since trusted traffic between the canary and the rest would fail otherwise.
 */
export function rollOut(learned: Learned, enforced: Enforced, { takesPart, naming }: Part): Rollout {
  const { defaultDeny, pairs } = learned;
  const waits = (members: readonly WorkloadRef[], already: ReadonlySet<string>): ReadonlySet<string> =>
    new Set(members.map(workloadId).filter((id) => !already.has(id) && !takesPart(id)));
  const waiting = {
    ingress: waits(defaultDeny.ingress.members, enforced.ingress),
    egress: waits(defaultDeny.egress.members, enforced.egress),
  };
  const without = ({ members }: IsolatedSide, still: ReadonlySet<string>): IsolatedSide =>
    selecting(
      members.filter((member) => !still.has(workloadId(member))),
      naming,
    );
  const denied: DefaultDeny = {
    ...defaultDeny,
    ingress: without(defaultDeny.ingress, waiting.ingress),
    egress: without(defaultDeny.egress, waiting.egress),
  };
  const kept = pairs.flatMap((pair) => keptVersion(pair, { enforced, denied, takesPart, naming }) ?? []);
  const [ingressIsolated, egressIsolated] = [denied.ingress.members.length, denied.egress.members.length];
  const summary = { ...learned.summary, ingressIsolated, egressIsolated };
  const assignments = naming ? [] : proposeLabels([...pairs, ...kept], denied);
  return { learned: { ...learned, defaultDeny: denied, assignments, summary }, kept, waiting };
}

/** The halves but for who waits; a half that would select nobody is left out. */
export function exceptWaiting(halves: readonly HalfPolicy[], rollout: Rollout, naming?: Naming): HalfPolicy[] {
  const groups = new Map<string, HalfPolicy[]>();
  for (const one of halves) appendTo(groups, `${one.policy.ref.namespace}/${one.pair?.function}/${one.half}`, one);
  return [...groups.values()].flatMap((group) => activePart(group, rollout, naming));
}

/** All policies of one half in one namespace. */
function activePart(
  group: readonly HalfPolicy[],
  { waiting, learned: { defaultDeny } }: Rollout,
  naming: Naming | undefined,
): readonly HalfPolicy[] {
  const [{ pair, half, policy }] = group as readonly [HalfPolicy];
  if (pair === undefined) return group;
  const role = half === 'service' ? 'service' : 'client';
  const own = pair[role].members.filter(({ namespace }) => namespace === policy.ref.namespace);
  const still = waiting[role === 'service' ? 'ingress' : 'egress'];
  const left = own.filter((member) => !still.has(workloadId(member)));
  if (left.length === own.length) return group;
  if (naming === undefined) return left.length === 0 ? [] : group.map((one) => isolatedOnly(one, defaultDeny, role));
  const selectors = naming.select(left).flatMap((selection) => selection.selectors);
  return selectors.map((selector, i): HalfPolicy => {
    const ref = { ...policy.ref, name: i === 0 ? policy.ref.name : `${policy.ref.name}-${i + 1}` };
    return { pair, half, policy: { ...policy, ref, subject: reselected(policy.subject, () => selector) } };
  });
}

/** Who waits carries the function label, because it may call and be called, but not the label of isolation. */
function isolatedOnly(one: HalfPolicy, { label: key }: DefaultDeny, role: FunctionValue): HalfPolicy {
  const isolated: Selector = { kind: 'in', key, values: ['both', role].sort(compareText) };
  const subject = reselected(one.policy.subject, (selector) => ({ kind: 'and', of: [selector, isolated] }));
  return { ...one, policy: { ...one.policy, subject } };
}

function reselected(subject: EndpointMatcher, change: (selector: Selector) => Selector): EndpointMatcher {
  const parts = subject.match === 'all' ? subject.of : [subject];
  return {
    match: 'all',
    of: parts.map((part) => (part.match === 'labels' ? { match: 'labels', selector: change(part.selector) } : part)),
  };
}
