import { workloadId } from '../../model/inventory.ts';
import type { DefaultDeny, IsolatedSide, Learned, PairSide, PolicyPair, WorkloadRef } from '../../model/pair.ts';
import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';
import { type Labelled, proposeLabels } from './propose-labels.ts';
import type { HalfPolicy } from './to-policies.ts';

/** What an earlier run enforces already; workloads as `namespace/Kind/name`. */
export interface Enforced {
  readonly ingress: ReadonlySet<string>;
  readonly egress: ReadonlySet<string>;
  /** Versions that grant what a later one withdrew, by the id of their pair. */
  readonly versions: ReadonlyMap<string, PolicyPair>;
}

/** A rollout as it stands after a run. */
export interface Rollout {
  /** With the labels that the rollout needs, and without denying anything to who waits. */
  readonly learned: Learned;
  /** Earlier versions, with the workloads that keep them. */
  readonly kept: readonly PolicyPair[];
  readonly waiting: { readonly ingress: ReadonlySet<string>; readonly egress: ReadonlySet<string> };
}

/** Label of workloads that are not isolated yet: `service` not in ingress, `client` not in egress. */
export const WAITING_LABEL = 'microwall.io/waiting';

/**
 * Lets only part of the workloads meet what can break them: being isolated for the first time, and losing a grant. Who
 * does not take part stays open where it was open, and keeps earlier versions beside the new ones. New grants are given
 * to everybody at once, since trusted traffic between the canary and the rest would fail otherwise.
 */
export function rollOut(learned: Learned, enforced: Enforced, takesPart: (workload: string) => boolean): Rollout {
  const { defaultDeny, pairs } = learned;
  const waits = (members: readonly WorkloadRef[], already: ReadonlySet<string>): ReadonlySet<string> =>
    new Set(members.map(workloadId).filter((id) => !already.has(id) && !takesPart(id)));
  const waiting = {
    ingress: waits(defaultDeny.ingress.members, enforced.ingress),
    egress: waits(defaultDeny.egress.members, enforced.egress),
  };
  const denied: DefaultDeny = {
    ...defaultDeny,
    ingress: without(defaultDeny.ingress, waiting.ingress),
    egress: without(defaultDeny.egress, waiting.egress),
  };
  const kept = pairs.flatMap((pair) => keptVersion(pair, { enforced, denied, takesPart }) ?? []);
  const all = [...pairs, ...kept, waitingLabel(defaultDeny, waiting)];
  const [ingressIsolated, egressIsolated] = [denied.ingress.members.length, denied.egress.members.length];
  const summary = { ...learned.summary, ingressIsolated, egressIsolated };
  const assignments = proposeLabels(all, denied);
  return { learned: { ...learned, defaultDeny: denied, assignments, summary }, kept, waiting };
}

function without({ members, selections }: IsolatedSide, waiting: ReadonlySet<string>): IsolatedSide {
  return { members: members.filter((member) => !waiting.has(workloadId(member))), selections };
}

interface Given {
  readonly enforced: Enforced;
  readonly denied: DefaultDeny;
  readonly takesPart: (workload: string) => boolean;
}

/** The earlier version of a pair that withdraws something, for everybody outside the canary who is isolated. */
function keptVersion(pair: PolicyPair, { enforced, denied, takesPart }: Given): PolicyPair | undefined {
  const before = enforced.versions.get(pair.id);
  if (before === undefined || before.version === pair.version) return undefined;
  const outsideCanary = (side: PairSide, isolated: IsolatedSide): PairSide => {
    const old = new Set(side.members.map(workloadId));
    const members = isolated.members.filter((member) => old.has(workloadId(member)) && !takesPart(workloadId(member)));
    return { ...side, members };
  };
  const name = `${before.function}-${before.version}`;
  const service = outsideCanary(before.service, denied.ingress);
  const client = outsideCanary(before.client, denied.egress);
  if (service.members.length + client.members.length === 0) return undefined;
  const prefix = pair.label.slice(0, pair.label.length - pair.function.length);
  return {
    ...pair,
    version: before.version,
    function: name,
    label: prefix + name,
    scope: before.scope,
    ports: before.ports,
    service,
    client,
  };
}

/** Not a function, but labelled like one. */
function waitingLabel({ ingress, egress }: DefaultDeny, waiting: Rollout['waiting']): Labelled {
  const side = (all: IsolatedSide, own: ReadonlySet<string>) => ({
    members: all.members.filter((member) => own.has(workloadId(member))),
  });
  return { label: WAITING_LABEL, service: side(ingress, waiting.ingress), client: side(egress, waiting.egress) };
}

/** The halves but for who waits; a half that would select nobody is left out. */
export function exceptWaiting(halves: readonly HalfPolicy[], waiting: Rollout['waiting']): HalfPolicy[] {
  return halves.flatMap((half) => {
    const { pair, policy } = half;
    if (pair === undefined) return [half];
    const role = half.half === 'service' ? 'service' : 'client';
    const own = pair[role].members.filter(({ namespace }) => namespace === policy.ref.namespace);
    const still = waiting[role === 'service' ? 'ingress' : 'egress'];
    const left = own.filter((member) => !still.has(workloadId(member)));
    if (left.length === own.length) return [half];
    return left.length === 0 ? [] : [{ ...half, policy: { ...policy, subject: narrowed(policy.subject, role) } }];
  });
}

function narrowed(subject: EndpointMatcher, role: 'service' | 'client'): EndpointMatcher {
  const waits: Selector = { kind: 'in', key: WAITING_LABEL, values: ['both', role].sort(compareText) };
  const parts = subject.match === 'all' ? subject.of : [subject];
  return {
    match: 'all',
    of: parts.map((part): EndpointMatcher => {
      if (part.match !== 'labels') return part;
      return { match: 'labels', selector: { kind: 'and', of: [part.selector, { kind: 'not', of: waits }] } };
    }),
  };
}
