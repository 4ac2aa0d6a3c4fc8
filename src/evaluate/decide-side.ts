import type { Side } from '../model/policy.ts';
import type { Decision } from '../model/verdict.ts';
import { CloserLook } from './closer.ts';
import { type Compiled, classOf, type EndpointClass } from './compile.ts';
import { type PortFacts, serverPorts } from './match-port.ts';
import { ALLOW, BOTH, DENY } from './outcome.ts';
import type { Segment, SubjectGroup } from './subject-group.ts';
import type { Traffic } from './traffic.ts';
import { YES } from './truth.ts';
import { newWalk, type Walk, type WalkStart, walkSegments } from './walk.ts';

/** One layer's walk and what it came to. */
export interface LayerOutcome {
  readonly walk: Walk;
  readonly outcomes: number;
  readonly segments: readonly Segment[];
}

/** How one side came out, before it is put into words. */
export interface SideOutcome {
  readonly side: Side;
  readonly subject: EndpointClass;
  readonly ends: Ends;
  readonly special: 'selfTraffic' | 'hostAlwaysAllowed' | undefined;
  readonly layer: LayerOutcome;
  /** Only there when the classes alone could not tell. */
  readonly look: CloserLook | undefined;
}

export function decisionOf({ special, layer }: Pick<SideOutcome, 'special' | 'layer'>): Decision {
  if (special !== undefined || layer.outcomes === ALLOW) return 'allow';
  return layer.outcomes === DENY ? 'deny' : 'uncertain';
}

/** Both ends of some traffic, looked up once for its two sides. */
export interface Ends {
  readonly client: EndpointClass;
  readonly server: EndpointClass;
  readonly ports: PortFacts;
}

export function endsOf(compiled: Compiled, traffic: Traffic): Ends {
  const server = classOf(compiled, traffic.server);
  return { client: classOf(compiled, traffic.client), server, ports: serverPorts(traffic, server.namedPorts) };
}

/**
 * Decides one side from the classes of its ends. Only when these leave both outcomes open is it walked again with a
 * closer look at what this traffic adds: addresses, names, identities and the relation of the two ends.
 */
export function decideSide(
  compiled: Compiled,
  traffic: Traffic,
  side: Side,
  ends = endsOf(compiled, traffic),
): SideOutcome {
  const { plan } = compiled[side];
  const subject = side === 'egress' ? ends.client : ends.server;
  const peer = side === 'egress' ? ends.server : ends.client;
  const { group } = subject[side];
  const { ports } = ends;
  const layer = worstLayer(group, { plan, peer, ports, closer: undefined });
  if (layer.outcomes === ALLOW) return { side, subject, ends, layer, look: undefined, special: undefined };
  if (layer.outcomes === DENY)
    return { side, subject, ends, layer, look: undefined, special: special(compiled, traffic, { side, layer, ends }) };
  const look = new CloserLook(compiled, side, { traffic, ends });
  const closer = worstLayer(group, { plan, peer, ports, closer: look });
  return {
    side,
    subject,
    ends,
    layer: closer,
    look,
    special: special(compiled, traffic, { side, layer: closer, ends }),
  };
}

/** Layers must all allow; of those that agree, one in which a policy spoke is shown. */
function worstLayer({ layers }: SubjectGroup, start: WalkStart): LayerOutcome {
  let worst: LayerOutcome | undefined;
  for (const segments of layers) {
    const walk = newWalk(start);
    const layer = { walk, segments, outcomes: walkSegments(walk, segments, 0) };
    if (worst === undefined || weight(layer) > weight(worst)) worst = layer;
  }
  return worst ?? { walk: newWalk(start), segments: [], outcomes: ALLOW };
}

function weight({ outcomes, walk }: LayerOutcome): number {
  return (outcomes === DENY ? 4 : outcomes === BOTH ? 2 : 0) + (walk.rule === undefined ? 0 : 1);
}

/** Traffic that policies do not govern; told only where they would otherwise object. */
function special(
  { profile }: Compiled,
  traffic: Traffic,
  { side, layer, ends }: { readonly side: Side; readonly layer: LayerOutcome; readonly ends: Ends },
): SideOutcome['special'] {
  if (layer.outcomes === ALLOW) return undefined;
  if (ends.client === ends.server && profile.selfTraffic === 'allowed' && isSelf(traffic)) return 'selfTraffic';
  if (!ends.client.node || side === 'egress' || !profile.nodeToLocalPodAlwaysAllowed) return undefined;
  if (ends.server.facts.pod !== YES || traffic.sameNode === false) return undefined;
  const denied = layer.outcomes === DENY && layer.walk.rule !== undefined;
  return profile.denyBeatsLocalNode && denied ? undefined : 'hostAlwaysAllowed';
}

/** K25: surely one and the same pod. Two pods of one workload are not. */
function isSelf(traffic: Traffic): boolean {
  const { client, server } = traffic;
  if (client.kind !== 'pod' || client.namespace !== server.namespace || client.workload !== server.workload)
    return false;
  return (
    sameSingle(traffic.clientPods, traffic.serverPods) || sameSingle(traffic.clientAddresses, traffic.serverAddresses)
  );
}

function sameSingle(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === 1 && b.length === 1 && a[0] !== '' && a[0] === b[0];
}
