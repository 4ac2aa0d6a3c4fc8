import type { Side } from '../model/policy.ts';
import type { Compiled } from './compile.ts';
import type { EndpointClass } from './endpoint-class.ts';
import { BOTH, DENY } from './outcome.ts';
import { quickWalk } from './quick-walk.ts';
import type { Traffic } from './traffic.ts';
import { YES } from './truth.ts';

/** Both ends of some traffic, looked up. */
export interface Pair {
  readonly client: EndpointClass;
  readonly server: EndpointClass;
}

/** ALLOW or DENY where classes, service and the far end's address settle a side, which is nearly always; else BOTH. */
export function quickSide(compiled: Compiled, side: Side, about: Pair & { readonly traffic: Traffic }): number {
  const { client, server, traffic } = about;
  const [subject, peer] = side === 'egress' ? [client, server] : [server, client];
  const own = subject[side];
  const of = compiled[side];
  const row = peer[side];
  const { protocol } = traffic;
  const ports = of.plan.portRows.rowOf(protocol, traffic.port);
  const outcomes = quickWalk(of, own, { row, protocol, ports, blocks: undefined });
  if (outcomes !== BOTH) return unlessSpecial(outcomes, about);
  const { facts } = peer;
  if (facts.pod !== YES || facts.range !== undefined) return BOTH;
  const blocks = of.blocks.rowOf((side === 'egress' ? traffic.serverAddresses : traffic.clientAddresses) ?? []);
  return blocks === undefined ? BOTH : unlessSpecial(quickWalk(of, own, { row, protocol, ports, blocks }), about);
}

/** A pod that talks to itself and a node are spared some denials, which is looked at in full. */
function unlessSpecial(outcomes: number, { client, server }: Pair): number {
  return outcomes === DENY && (client === server || client.node) ? BOTH : outcomes;
}
