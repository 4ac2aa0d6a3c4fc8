import type { Side } from '../../model/policy.ts';
import type { Decision } from '../../model/verdict.ts';
import type { Compiled } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import { ALLOW, BOTH, DENY } from '../compile/outcome.ts';
import type { Segment, SubjectGroup } from '../compile/subject-group.ts';
import { isWithinWorkload, type Traffic } from '../match/traffic.ts';
import { YES } from '../match/truth.ts';
import { CloserLook } from './closer.ts';
import type { Ends } from './ends.ts';
import { newWalk, type Walk, type WalkStart, walkSegments } from './walk.ts';

/** One layer's walk and what it came to. */
export interface LayerOutcome {
  readonly walk: Walk;
  readonly outcomes: number;
  readonly segments: readonly Segment[];
  /** Some rule or isolation on the way may or may not have applied: another one may have decided. */
  readonly doubtful: boolean;
}

/** How one side came out, before it is put into words. */
export interface SideOutcome {
  readonly side: Side;
  readonly subject: EndpointClass;
  readonly ends: Ends;
  readonly special: 'selfTraffic' | 'hostAlwaysAllowed' | undefined;
  readonly layer: LayerOutcome;
  /** Only there when the classes alone could not tell all. */
  readonly look: CloserLook | undefined;
}

export function decisionOf({ special, layer }: Pick<SideOutcome, 'special' | 'layer'>): Decision {
  if (special !== undefined || layer.outcomes === ALLOW) return 'allow';
  return layer.outcomes === DENY ? 'deny' : 'uncertain';
}

/**
 * Decides one side from the classes of its ends. Only when these leave open how it comes out, or who decides, is it
 * walked again with a closer look at what this traffic adds: addresses, names, identities and the relation of the ends.
 */
export function decideSide(compiled: Compiled, side: Side, ends: Ends): SideOutcome {
  const { plan, rows } = compiled[side];
  const subject = side === 'egress' ? ends.client : ends.server;
  const peer = side === 'egress' ? ends.server : ends.client;
  const { group } = subject[side];
  const { ports } = ends;
  const first = worstLayer(group, { plan, rows, peer, ports, closer: undefined });
  const look = first.doubtful ? new CloserLook(compiled, side, ends) : undefined;
  const layer = look === undefined ? first : worstLayer(group, { plan, rows, peer, ports, closer: look });
  return { side, subject, ends, layer, look, special: special(compiled, { side, layer, ends }) };
}

/** Layers must all allow; of those that agree, one in which a policy spoke is shown. */
function worstLayer({ layers }: SubjectGroup, start: WalkStart): LayerOutcome {
  let worst: LayerOutcome | undefined;
  let doubtful = false;
  for (const all of layers) {
    const segments = start.plan.partial ? governing(all, start) : all;
    const walk = newWalk(start);
    const open = start.plan.partial && start.ports.protocol === 0 && segments.some((one) => protocolsOf(one, start));
    const outcomes = walkSegments(walk, segments, 0) | (open ? ALLOW : 0);
    doubtful ||= outcomes === BOTH || walk.doubt !== undefined || walk.doubtSegment !== undefined;
    const layer = { walk, segments, outcomes, doubtful };
    if (worst === undefined || weight(layer) > weight(worst)) worst = layer;
  }
  return worst ? { ...worst, doubtful } : { walk: newWalk(start), segments: [], outcomes: ALLOW, doubtful };
}

/** Stages that govern this protocol, or may: traffic of a protocol that is not known may pass by. */
function governing(segments: readonly Segment[], start: WalkStart): readonly Segment[] {
  const { protocol } = start.ports;
  return segments.filter((one) => protocol === 0 || (protocolsOf(one, start)?.includes(protocol) ?? true));
}

function protocolsOf({ stageIndex }: Segment, { plan }: WalkStart): readonly number[] | undefined {
  return plan.stages[stageIndex]?.stage.protocols;
}

function weight({ outcomes, walk }: LayerOutcome): number {
  return (outcomes === DENY ? 4 : outcomes === BOTH ? 2 : 0) + (walk.rule === undefined ? 0 : 1);
}

/** Traffic that policies do not govern; told only where they would otherwise object. */
function special(
  { profile }: Compiled,
  { side, layer, ends }: { readonly side: Side; readonly layer: LayerOutcome; readonly ends: Ends },
): SideOutcome['special'] {
  if (layer.outcomes === ALLOW) return undefined;
  const { traffic } = ends;
  if (profile.selfTraffic === 'allowed' && isSelf(traffic)) return 'selfTraffic';
  if (!ends.client.node || side === 'egress' || !profile.nodeToLocalPodAlwaysAllowed) return undefined;
  if (ends.server.facts.pod !== YES || traffic.sameNode === false) return undefined;
  const rule = layer.walk.rule ?? layer.walk.doubt;
  return profile.denyBeatsLocalNode && rule?.rule.action === 'deny' ? undefined : 'hostAlwaysAllowed';
}

/** K25: surely one and the same pod. Two pods of one workload are not. */
function isSelf(traffic: Traffic): boolean {
  if (!isWithinWorkload(traffic)) return false;
  return (
    sameSingle(traffic.clientPods, traffic.serverPods) || sameSingle(traffic.clientAddresses, traffic.serverAddresses)
  );
}

function sameSingle(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === 1 && b.length === 1 && a[0] !== '' && a[0] === b[0];
}
