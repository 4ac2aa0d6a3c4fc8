import type { EdgeEndpoint } from '../../model/edge.ts';
import type { PolicyRef, Side } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import type { Intervals } from '../../util/intervals.ts';
import { type Compiled, classOf } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import { type ConnectivityEnd, isOutside } from '../connectivity/connectivity.ts';
import { SideMemo } from '../connectivity/memo.ts';
import type { PortSpace } from '../connectivity/ports.ts';
import { NOTHING, type ServiceSets } from '../connectivity/service-sets.ts';
import { NO } from '../match/truth.ts';

/** What one direction of a workload lets through, resolved to ends and services. */
export interface EffectiveSide {
  readonly side: Side;
  /** Some policy denies what is not listed. */
  readonly isolated: boolean;
  /** Policies with a say, each once, in walking order. */
  readonly policies: readonly PolicyRef[];
  readonly rules: readonly EffectiveRule[];
}

export interface EffectiveRule {
  readonly services: Intervals;
  /** Numbers of ends, ascending. */
  readonly peers: readonly number[];
}

export interface EffectiveParts {
  readonly compiled: Compiled;
  readonly ends: readonly ConnectivityEnd[];
  readonly space: PortSpace;
  readonly sets: ServiceSets;
}

/** Gives the effective rules of workloads: their own side alone, whatever the other end's policies say. */
export function effectiveRules(parts: EffectiveParts): (own: number, side: Side) => EffectiveSide {
  const { compiled, ends, space, sets } = parts;
  const memos = {
    egress: new SideMemo({ compiled, side: 'egress', space, sets }),
    ingress: new SideMemo({ compiled, side: 'ingress', space, sets }),
  };
  const classes = ends.map(({ members }) => [...new Set(members.map((member) => classOf(compiled, member)))]);
  const decide = (side: Side, own: EndpointClass, peer: EndpointClass): number =>
    memos[side].outcome(side === 'egress' ? { client: own, server: peer } : { client: peer, server: own });
  return (own, side) => {
    const groups = new Map<number, number[]>();
    for (const [peer, others] of classes.entries()) {
      if (peer === own) continue;
      let outcome = NOTHING;
      for (const one of classes[own] ?? []) {
        for (const other of others) outcome = sets.either(outcome, decide(side, one, other));
      }
      if (sets.get(outcome).sure.length > 0) appendTo(groups, outcome, peer);
    }
    const { members } = ends[own] as ConnectivityEnd;
    const rules = [...groups].map(([outcome, peers]) => ({ services: sets.get(outcome).sure, peers }));
    return { side, ...selection(compiled, side, members), rules: inOrder(rules, ends) };
  };
}

function selection(compiled: Compiled, side: Side, members: readonly EdgeEndpoint[]) {
  const segments = members.flatMap((member) => classOf(compiled, member)[side].group.layers.flat());
  const refs = segments.flatMap(({ selecting }) => selecting.map(({ policy }) => policy.policy.ref));
  return { isolated: segments.some(({ isolates }) => isolates !== NO), policies: [...new Set(refs)] };
}

/** Narrow services first; of equal ones those with a workload before those of addresses alone. */
function inOrder(rules: readonly EffectiveRule[], ends: readonly ConnectivityEnd[]): EffectiveRule[] {
  const outside = ({ peers }: EffectiveRule) =>
    peers.every((peer) => isOutside(ends[peer] as ConnectivityEnd)) ? 1 : 0;
  return [...rules].sort(
    (a, b) =>
      sizeOf(a.services) - sizeOf(b.services) ||
      outside(a) - outside(b) ||
      (a.services[0] ?? 0) - (b.services[0] ?? 0) ||
      (a.peers[0] ?? 0) - (b.peers[0] ?? 0),
  );
}

function sizeOf(services: Intervals): number {
  let size = 0;
  for (let at = 0; at < services.length; at += 2) size += (services[at + 1] as number) - (services[at] as number) + 1;
  return size;
}
