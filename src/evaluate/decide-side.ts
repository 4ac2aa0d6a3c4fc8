import type { Side } from '../model/policy.ts';
import type { Decision } from '../model/verdict.ts';
import { type CloserLook, closerLook } from './closer.ts';
import { type Compiled, classOf, type EndpointClass } from './compile.ts';
import { serverPorts } from './match-port.ts';
import { groupOf, type Segment, type SubjectGroup } from './subject-group.ts';
import type { Traffic } from './traffic.ts';
import { ALLOW, BOTH, DENY, newWalk, type Walk, walkSegments } from './walk.ts';

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
  readonly special: 'selfTraffic' | 'hostAlwaysAllowed' | undefined;
  readonly layer: LayerOutcome;
  /** Only there when the classes alone could not tell. */
  readonly look: CloserLook | undefined;
}

export function decisionOf({ special, layer }: Pick<SideOutcome, 'special' | 'layer'>): Decision {
  if (special !== undefined || layer.outcomes === ALLOW) return 'allow';
  return layer.outcomes === DENY ? 'deny' : 'uncertain';
}

export function decideSide(compiled: Compiled, traffic: Traffic, side: Side): SideOutcome {
  const client = classOf(compiled, traffic.client);
  const server = classOf(compiled, traffic.server);
  const [subject, peer] = side === 'egress' ? [client, server] : [server, client];
  const { plan } = compiled[side];
  const group = groupOf(subject[side].subject, plan);
  const ports = serverPorts(traffic, server.facts);
  let look: CloserLook | undefined;
  let layer = worstLayer(group, () => newWalk(plan, peer, { ports, closer: undefined }));
  if (layer.outcomes === BOTH) {
    look = closerLook(compiled, side, { traffic, ports });
    layer = worstLayer(group, () => newWalk(plan, peer, { ports, closer: look }));
  }
  return { side, subject, layer, look, special: special(compiled, traffic, { side, layer }) };
}

/** Layers must all allow; of those that agree, one in which a policy spoke is shown. */
function worstLayer(group: SubjectGroup, start: () => Walk): LayerOutcome {
  let worst: LayerOutcome | undefined;
  for (const segments of group.layers) {
    const walk = start();
    const layer = { walk, segments, outcomes: walkSegments(walk, segments, 0) };
    if (worst === undefined || weight(layer) > weight(worst)) worst = layer;
  }
  return worst ?? { walk: start(), segments: [], outcomes: ALLOW };
}

function weight({ outcomes, walk }: LayerOutcome): number {
  return (outcomes === DENY ? 4 : outcomes === BOTH ? 2 : 0) + (walk.rule === undefined ? 0 : 1);
}

/** Traffic that policies do not govern; told only where they would otherwise object. */
function special(
  { profile }: Compiled,
  traffic: Traffic,
  { side, layer }: { readonly side: Side; readonly layer: LayerOutcome },
): SideOutcome['special'] {
  if (layer.outcomes === ALLOW) return undefined;
  if (profile.selfTraffic === 'allowed' && isSelf(traffic)) return 'selfTraffic';
  if (side === 'egress' || !profile.nodeToLocalPodAlwaysAllowed || !fromLocalNode(traffic)) return undefined;
  const denied = layer.outcomes === DENY && layer.walk.rule !== undefined;
  return profile.denyBeatsLocalNode && denied ? undefined : 'hostAlwaysAllowed';
}

/** K25: surely one and the same pod. Two pods of one workload are not. */
function isSelf({ client, server, ...traffic }: Traffic): boolean {
  if (client.kind !== 'pod' || server.kind !== 'pod' || client.namespace !== server.namespace) return false;
  if (client.workload !== server.workload) return false;
  return (
    sameSingle(traffic.clientPods, traffic.serverPods) || sameSingle(traffic.clientAddresses, traffic.serverAddresses)
  );
}

function sameSingle(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === 1 && b.length === 1 && a[0] !== '' && a[0] === b[0];
}

/** K24: flows from a node count as flows to its own pods unless it is told that they are not. */
function fromLocalNode({ client, server, sameNode }: Traffic): boolean {
  return (client.kind === 'host' || client.kind === 'health') && server.kind === 'pod' && sameNode !== false;
}
