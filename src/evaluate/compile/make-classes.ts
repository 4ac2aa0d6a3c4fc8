import type { EvaluationProfile } from '../../model/policy.ts';
import type { AddressCells } from '../match/address-cells.ts';
import type { Facts } from '../match/facts.ts';
import { NO, YES } from '../match/truth.ts';
import type { EndpointClass, SideClass } from './endpoint-class.ts';
import { ClassMatcher } from './match-classes.ts';
import type { PeerRows } from './peer-rows.ts';
import type { SidePlan } from './plan.ts';
import type { Programs } from './programs.ts';
import type { QuickSide } from './quick-decision.ts';
import { childNode, groupOf, type SubjectGroup, type SubjectNode } from './subject-group.ts';
import { eachBit, hasBit } from './truth-set.ts';

export interface CompiledSide {
  readonly plan: SidePlan;
  readonly root: SubjectNode;
  readonly programs: Programs;
  readonly rows: PeerRows;
  readonly quick: QuickSide;
}

/** What of a compiled policy set makes classes. */
export interface ClassMakers {
  readonly profile: EvaluationProfile;
  readonly cells: AddressCells;
  readonly egress: CompiledSide;
  readonly ingress: CompiledSide;
}

/** The classes of endpoints, in their order, all at once. */
export function makeClasses(facts: readonly Facts[], makers: ClassMakers): EndpointClass[] {
  if (facts.length === 0) return [];
  const { cells, profile } = makers;
  const { ipBlockMatchesPods, ipBlockMatchesNodes } = profile;
  const matcher = new ClassMatcher(facts, { cells, ipBlockMatchesPods, ipBlockMatchesNodes });
  const egress = makeSide(makers.egress, matcher, facts.length);
  const ingress = makeSide(makers.ingress, matcher, facts.length);
  return facts.map((one, index) => ({
    facts: one,
    namedPorts: one.pod === NO ? [] : one.namedPorts,
    node: one.endpoint.kind === 'host' || one.endpoint.kind === 'health',
    egress: egress[index] as SideClass,
    ingress: ingress[index] as SideClass,
  }));
}

/** Classes with the same policies and the same row share what is known of them on this side. */
function makeSide({ plan, root, programs, rows }: CompiledSide, matcher: ClassMatcher, size: number): SideClass[] {
  const offsets = rows.add(matcher, size);
  const shared = new Map<SubjectGroup, Map<number, SideClass>>();
  return makeSubjects(plan, root, { matcher, size }).map((subject, index) => {
    const group = groupOf(subject, plan);
    const offset = offsets[index] as number;
    const ofGroup = shared.get(group) ?? new Map<number, SideClass>();
    const side = ofGroup.get(offset) ?? { group, start: programs.startOf(group, plan), offset };
    shared.set(group, ofGroup.set(offset, side));
    return side;
  });
}

function makeSubjects(
  plan: SidePlan,
  root: SubjectNode,
  { matcher, size }: { readonly matcher: ClassMatcher; readonly size: number },
): SubjectNode[] {
  const nodes = new Array<SubjectNode>(size).fill(root);
  for (const [number, policy] of plan.policies.entries()) {
    const { sure, possible } = matcher.match(policy.policy.subject);
    const yes = { policy, truth: YES } as const;
    const maybe = { policy, truth: 1 } as const;
    eachBit(possible, size, (index) => {
      nodes[index] = childNode(nodes[index] as SubjectNode, number, hasBit(sure, index) ? yes : maybe);
    });
  }
  return nodes;
}
