import { type Graph, type GraphAttack, workloadReferenceOf } from '../../../src/simulate/graph.ts';
import type { Random } from '../../../src/util/random.ts';
import { shuffled } from './shuffled.ts';

/** The attacks, in the order in which small graphs get them; a seed begins at another one each time. */
export const ATTACK_KINDS = [
  'scan',
  'lateral',
  'burst-two',
  'slow-scan',
  'lateral-busy',
  'scan-single',
  'lateral-single',
  'lateral-two',
  'poisoned-service',
] as const;
export type AttackKind = (typeof ATTACK_KINDS)[number];

/** What each attack does, for people. */
export const ATTACK_SENTENCES: Readonly<Record<AttackKind, string>> = {
  scan: 'one of several replicas calls every open port within 6 hours',
  'slow-scan': 'one of several replicas calls one new target an hour',
  lateral: 'one of several replicas calls 5 new targets on each of 3 days',
  'lateral-busy': 'the same with 300 connections to each within an hour, each day',
  'scan-single': 'the only replica of a workload calls every open port within 6 hours',
  'lateral-single': 'the only replica of a workload calls 5 new targets on each of 3 days',
  'lateral-two': 'two replicas call the same 5 new targets on each of 3 days',
  'burst-two': 'two replicas call the same 5 new targets, 200 times within an hour of one day',
  'poisoned-service': 'a new workload with copied labels calls 5 targets that its model never calls, for days',
};

/**
 * Attacks that a learner cannot tell from an application: whoever holds two replicas for days has as much evidence as
 * the application itself. They are measured and gate nothing.
 */
export const BEYOND_EVIDENCE: ReadonlySet<AttackKind> = new Set(['lateral-two']);

const SINGLE: ReadonlySet<AttackKind> = new Set(['scan-single', 'lateral-single']);

export interface PlannedAttacks {
  readonly graph: Graph;
  readonly attacks: ReadonlyMap<string, AttackKind>;
  /** Compromised workloads, and those whose labels are copied. */
  readonly attackers: ReadonlySet<string>;
}

/** Gives every attack a workload of its own, so that each tuple has one attack to answer for. */
export function planAttacks(
  graph: Graph,
  { order, half, turn }: { order: readonly string[]; half: number; turn: number },
): PlannedAttacks {
  const room = Math.max(1, order.length - 1);
  const kinds = ATTACK_KINDS.map((_, at) => ATTACK_KINDS[(at + turn) % ATTACK_KINDS.length] as AttackKind);
  const roles = new Map(kinds.slice(0, room).map((kind, at) => [order[at] as string, kind]));
  const workloads = graph.workloads.map((workload) => {
    const kind = roles.get(workloadReferenceOf(workload));
    if (kind === undefined) return workload;
    return { ...workload, replicas: SINGLE.has(kind) ? 1 : Math.max(2, workload.replicas) };
  });
  const attacks = [...roles].map(([from, kind]) => attackOf(kind, from, half));
  return {
    graph: { ...graph, workloads, attacks },
    attacks: new Map([...roles.values()].map((kind) => [kind, kind])),
    attackers: new Set(roles.keys()),
  };
}

/** All within the half that is learned from, none on its first day. */
function attackOf(kind: AttackKind, from: string, half: number): GraphAttack {
  const base = { id: kind, from, replicas: 1, day: 0 };
  const lateral = { ...base, kind: 'lateral' as const, days: 3, targets: 5, connections: 1, day: half - 3.6 };
  switch (kind) {
    case 'scan':
    case 'scan-single':
      return { ...base, kind: 'scan', hours: 6, closedPorts: [], day: half - 3.7 };
    case 'slow-scan':
      return { ...base, kind: 'slow-scan', targets: Math.floor((half - 1.5) * 24), day: 1.2 };
    case 'lateral':
    case 'lateral-single':
      return lateral;
    case 'lateral-busy':
      return { ...lateral, connections: 300 };
    case 'lateral-two':
      return { ...lateral, replicas: 2, connections: 4 };
    case 'burst-two':
      return { ...lateral, replicas: 2, days: 1, connections: 200 };
    case 'poisoned-service':
      return { kind, id: kind, name: 'poisoned', copies: from, replicas: 1, day: 1.5, targets: 5, rate: 2 };
  }
}

/** Names the targets of attacks that only say how many: open ports that exist already and that the attacker never calls. */
export function nameTargets(graph: Graph, { late, random }: { late: ReadonlySet<string>; random: Random }): Graph {
  const doors = graph.workloads.flatMap((workload) => {
    const to = workloadReferenceOf(workload);
    const open = late.has(to) ? [] : workload.ports.filter(({ protocol }) => protocol === 'TCP');
    return open.map(({ port }) => ({ to, door: `${to}:${port}` }));
  });
  const attacks = graph.attacks.map((attack) => {
    if (attack.kind === 'scan' || typeof attack.targets !== 'number') return attack;
    const from = attack.kind === 'poisoned-service' ? attack.copies : attack.from;
    const used = new Set(graph.calls.filter((call) => call.from === from).map(({ to, port }) => `${to}:${port}`));
    const strange = doors.filter(({ to, door }) => to !== from && !used.has(door)).map(({ door }) => door);
    return { ...attack, targets: shuffled(strange, random).slice(0, attack.targets) };
  });
  return { ...graph, attacks };
}
