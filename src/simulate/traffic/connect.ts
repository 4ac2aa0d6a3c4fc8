import type { Random } from '../../util/random.ts';
import type { Outcome, Protocol } from '../graph.ts';
import type { Actor } from '../world/actor.ts';
import { anyPod, type SimService, type World } from '../world/world.ts';
import type { Connection } from './source.ts';

/** First port and number of ports Linux hands out to clients. */
const FIRST_EPHEMERAL = 32_768;
const EPHEMERALS = 28_232;

export interface ConnectionPlan {
  readonly protocol: Protocol;
  readonly port: number;
  readonly outcome: Outcome;
  readonly service: SimService | undefined;
  /** Share of IPv6 where both ends have it. */
  readonly ipv6: number;
}

/** Joins two actors; undefined when they share no address family. */
export function join(
  plan: ConnectionPlan,
  ends: { readonly time: number; readonly client: Actor; readonly server: Actor },
  random: Random,
): Connection | undefined {
  const { client, server, time } = ends;
  const both6 = client.ip6 !== '' && server.ip6 !== '';
  const both4 = client.ip4 !== '' && server.ip4 !== '';
  if (!both6 && !both4) return undefined;
  const v6 = both6 && (!both4 || random.chance(plan.ipv6));
  return {
    time,
    client,
    server,
    clientAddress: v6 ? client.ip6 : client.ip4,
    serverAddress: v6 ? server.ip6 : server.ip4,
    protocol: plan.protocol,
    clientPort: FIRST_EPHEMERAL + random.below(EPHEMERALS),
    serverPort: plan.port,
    outcome: plan.outcome,
    service: plan.service,
  };
}

export interface Wish {
  readonly time: number;
  readonly random: Random;
  /** Only the first so many replicas. */
  readonly limit?: number;
  /** The other end, when it is already chosen. */
  readonly other?: Actor;
}

/** Somebody of this name who exists at that time. */
export function resolve(world: World, reference: string, { time, random, limit, other }: Wish): Actor | undefined {
  if (reference.startsWith('external:')) return resolveExternal(world, reference.slice(9), { time, random });
  switch (reference) {
    case 'entity:kube-apiserver':
      return world.apiServer;
    case 'entity:world':
      return pick(world.externals.get('world') ?? [], random);
    case 'entity:host':
      return other?.node ? world.hosts[other.node.index] : pick(world.hosts, random);
    case 'entity:remote-node':
      return otherHost(world, other, random);
    default:
      return anyPod(world, reference, {
        time,
        random,
        ...(limit === undefined ? {} : { limit }),
        ...(other ? { not: other } : {}),
      });
  }
}

/** Behind a balancer the cluster sees a node instead of the peer itself. */
function resolveExternal(world: World, name: string, { random }: Wish): Actor | undefined {
  const peer = world.graph.external.find((external) => external.name === name);
  if (peer?.loadBalancer && random.chance(0.5)) return pick(world.hosts, random);
  return pick(world.externals.get(name) ?? [], random);
}

function otherHost(world: World, other: Actor | undefined, random: Random): Actor | undefined {
  const first = random.below(world.hosts.length);
  const host = world.hosts[first];
  return host?.node === other?.node ? world.hosts[(first + 1) % world.hosts.length] : host;
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[random.below(items.length)];
}
