import { hash32, Random } from '../../util/random.ts';
import { DAY, HOUR } from '../clock.ts';
import type { GraphAttack } from '../graph.ts';
import type { GroundTruth } from '../ground-truth.ts';
import { anyPod, podAt, serviceFor, type World } from '../world/world.ts';
import { shuffle, type Target, targetsOf } from './attack-targets.ts';
import { join } from './connect.ts';
import type { Source } from './source.ts';
import { atDay, hourOf, spreadOverHour } from './starts.ts';

/** One source per attack and target. */
export function attackSources(world: World, truth: GroundTruth): Source[] {
  return world.graph.attacks.flatMap((attack, index) => {
    const attacker = attackerOf(world, attack);
    const random = new Random(world.graph.seed, hash32(`attack ${attack.kind} ${attacker}`), index);
    const targets = targetsOf(world, attack, { attacker, random });
    const times = timesOf(world, attack, { targets, random });
    const id = attack.id ?? `${attack.kind}-${index}`;
    return times.map((timed) => attackSource(world, { ...timed, id, attacker, attack }, truth));
  });
}

function attackerOf(world: World, attack: GraphAttack): string {
  if (attack.kind !== 'poisoned-service') return attack.from;
  const namespace = attack.namespace ?? world.workloads.get(attack.copies)?.namespace ?? '';
  return `${namespace}/${attack.name}`;
}

/** One target with its fixed times, or with a rate that lasts from a day on. */
interface TimedTarget {
  readonly target: Target;
  readonly times: readonly number[];
  readonly rate?: number;
}

function timesOf(
  world: World,
  attack: GraphAttack,
  { targets, random }: { targets: readonly Target[]; random: Random },
): TimedTarget[] {
  const begin = atDay(world, attack.day);
  switch (attack.kind) {
    case 'scan': {
      const closed = targets
        .filter((target, at) => targets.findIndex((other) => other.server === target.server) === at)
        .flatMap((target) => attack.closedPorts.map((port) => ({ ...target, port, open: false })));
      return shuffle([...targets, ...closed], random).map((target) => ({
        target,
        times: [begin + Math.floor(random.next() * attack.hours * HOUR)],
      }));
    }
    case 'slow-scan':
      return shuffle(targets, random).map((target, at) => ({
        target,
        times: [begin + at * HOUR + Math.floor(random.next() * HOUR * 0.9)],
      }));
    case 'lateral':
      return targets.map((target) => ({ target, times: lateralTimes(attack, begin, random) }));
    case 'poisoned-service':
      return targets.map((target) => ({ target, times: [], rate: attack.rate }));
  }
}

/** On each day one hour in which all connections to the target fall. */
function lateralTimes(attack: Extract<GraphAttack, { kind: 'lateral' }>, begin: number, random: Random): number[] {
  return Array.from({ length: attack.days }, (_, day) => {
    const hour = begin + day * DAY + random.below(4) * HOUR;
    return Array.from({ length: attack.connections }, () => hour + Math.floor(random.next() * HOUR * 0.9));
  }).flat();
}

interface AttackPlan extends TimedTarget {
  readonly id: string;
  readonly attacker: string;
  readonly attack: GraphAttack;
}

function attackSource(
  world: World,
  { target, times, rate, id, attacker, attack }: AttackPlan,
  truth: GroundTruth,
): Source {
  const { server, port, protocol } = target;
  const outcome = target.open ? 'forwarded' : 'refused';
  const service = serviceFor(world, server, port, protocol);
  const plan = { protocol, port, outcome, service, ipv6: 0.2 } as const;
  const begin = atDay(world, attack.day);
  let turn = 0;
  return {
    key: hash32(`attack ${id} ${server} ${protocol}/${port}`),
    tuple: truth.tuple({ kind: 'attack', client: attacker, server, protocol, port, cause: id, outcome }),
    rate: 0,
    lookups: 0,
    host: '',
    starts: (hour, random) => {
      const { start } = hourOf(world, hour);
      if (rate === undefined) return times.filter((time) => time >= start && time < start + HOUR);
      return spreadOverHour(hourOf(world, hour), random, { mean: rate, least: 0 }).filter((time) => time >= begin);
    },
    connect: (time, random) => {
      // The compromised replicas take turns, so that each of them is seen with every target.
      const client = podAt(world.pods.get(attacker)?.[turn++ % attack.replicas], time);
      const victim = anyPod(world, server, { time, random });
      return client && victim ? join(plan, { time, client, server: victim }, random) : undefined;
    },
  };
}
