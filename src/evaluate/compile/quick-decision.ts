import type { Side } from '../../model/policy.ts';
import { isWithinWorkload, type Traffic } from '../match/traffic.ts';
import type { BlockRows } from './block-rows.ts';
import type { ClassTable } from './class-table.ts';
import { BOTH, DENY } from './outcome.ts';
import { type QuickParts, type QuickPeer, quickWalk } from './quick-walk.ts';
import { certain, emptyBits } from './truth-set.ts';

export interface QuickSideParts extends QuickParts {
  readonly classes: ClassTable;
  readonly blocks: BlockRows;
}

/** Settles one side of nearly all traffic by the numbers of the classes of its ends. */
export class QuickSide {
  readonly #parts: QuickSideParts;
  readonly #side: Side;
  /** What is being asked; filled anew each time, since an object for each of millions of questions costs as much again. */
  readonly #peer: QuickPeer = { offset: 0, protocol: 0, ports: certain(emptyBits(0)), blocks: undefined };

  constructor(side: Side, parts: QuickSideParts) {
    this.#side = side;
    this.#parts = parts;
  }

  /** ALLOW or DENY where classes, service and the far end's address settle the side, which is nearly always; else BOTH. */
  outcome(client: number, server: number, traffic: Traffic): number {
    const { classes } = this.#parts;
    const egress = this.#side === 'egress';
    const [subject, far] = egress ? [client, server] : [server, client];
    const start = classes.startOf(subject, egress);
    const outcomes = this.#walk(start, far, traffic);
    // A pod that talks to itself and a node are spared some denials, which is looked at in full.
    return outcomes === DENY && (classes.isNode(client) || isWithinWorkload(traffic)) ? BOTH : outcomes;
  }

  #walk(start: number, far: number, { protocol, port, clientAddresses, serverAddresses }: Traffic): number {
    const { classes, plan, blocks } = this.#parts;
    const egress = this.#side === 'egress';
    const peer = this.#peer;
    peer.offset = classes.offsetOf(far, egress);
    peer.protocol = protocol;
    peer.ports = plan.portRows.rowOf(protocol, port);
    peer.blocks = undefined;
    const outcomes = quickWalk(this.#parts, start, peer);
    if (outcomes !== BOTH || !classes.hasManyAddresses(far)) return outcomes;
    peer.blocks = blocks.rowOf((egress ? serverAddresses : clientAddresses) ?? []);
    return peer.blocks === undefined ? BOTH : quickWalk(this.#parts, start, peer);
  }
}
