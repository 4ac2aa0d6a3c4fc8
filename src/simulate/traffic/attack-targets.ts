import type { Random } from '../../util/random.ts';
import type { GraphAttack, Protocol } from '../graph.ts';
import type { World } from '../world/world.ts';

/** A door to knock at. */
export interface Target {
  readonly server: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly open: boolean;
}

/** Every open port of the cluster that `attacker` could be tempted by, in the order of the graph. */
export function doors(world: World, attacker: string): Target[] {
  return [...world.workloads].flatMap(([server, workload]) =>
    server === attacker || workload.kind === 'Job' || workload.kind === 'CronJob'
      ? []
      : workload.ports
          .filter((port) => port.protocol === 'TCP')
          .map((port) => ({ server, port: port.port, protocol: port.protocol, open: true })),
  );
}

/** The doors of one attack: those it names; else so many that its own workload has no call to. */
export function targetsOf(
  world: World,
  attack: GraphAttack,
  { attacker, random }: { attacker: string; random: Random },
): Target[] {
  const { targets } = attack;
  if (Array.isArray(targets)) return targets.map((text) => parseTarget(world, text));
  const all = doors(world, attacker);
  if (targets === undefined) return all;
  const used = new Set(
    world.graph.calls.filter((call) => call.from === attacker).map((call) => `${call.to}:${call.port}`),
  );
  const strange = all.filter((target) => !used.has(`${target.server}:${target.port}`));
  return shuffle(strange, random).slice(0, targets);
}

function parseTarget(world: World, text: string): Target {
  const at = text.lastIndexOf(':');
  const server = text.slice(0, at);
  const port = Number(text.slice(at + 1));
  const open = world.workloads.get(server)?.ports.some((declared) => declared.port === port) ?? false;
  return { server, port, protocol: 'TCP', open };
}

/** A new order of `items`, drawn from `random` (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
