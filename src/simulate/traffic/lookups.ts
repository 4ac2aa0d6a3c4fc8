import type { Random } from '../../util/random.ts';
import type { Protocol } from '../graph.ts';
import type { GroundTruth, Tuple } from '../ground-truth.ts';
import type { Actor } from '../world/actor.ts';
import { serviceFor, type World } from '../world/world.ts';
import { join, resolve } from './connect.ts';
import type { Connection } from './source.ts';

export interface Lookup {
  readonly tuple: Tuple;
  readonly connection: Connection;
}

/** Who asks for what. */
export interface Question {
  readonly time: number;
  readonly client: Actor;
  readonly host: string;
  /** The address that will be answered. */
  readonly address: string;
}

/** Makes DNS lookups of pods; undefined when the graph has no DNS or none of its pods lives. */
export function createLookups(
  world: World,
  truth: GroundTruth,
): (question: Question, random: Random) => Lookup | undefined {
  const { dns } = world;
  if (!dns) return () => undefined;
  const { noise } = world.graph;
  const plan = (protocol: Protocol) => ({
    protocol,
    port: 53,
    outcome: 'forwarded' as const,
    service: serviceFor(world, dns, 53, protocol),
    ipv6: 0.3,
  });
  const plans = { UDP: plan('UDP'), TCP: plan('TCP') };
  return ({ time, client, host, address }, random) => {
    const protocol = random.chance(noise.dnsTcp) ? 'TCP' : 'UDP';
    const server = resolve(world, dns, { time, random });
    const connection = server && join(plans[protocol], { time, client, server }, random);
    if (!connection) return undefined;
    const tuple = truth.tuple({
      kind: 'dns',
      client: client.reference,
      server: dns,
      protocol,
      port: 53,
      cause: '',
      outcome: 'forwarded',
    });
    return {
      tuple,
      connection: random.chance(noise.dnsL7) ? withAnswer(connection, { host, address }, random) : connection,
    };
  };
}

/** Adds the application records of the DNS proxy, which always stand at the client. */
function withAnswer(
  connection: Connection,
  { host, address }: { host: string; address: string },
  random: Random,
): Connection {
  const type = address.includes(':') ? 'AAAA' : 'A';
  const question = { query: host, observation_source: 'proxy', qtypes: [type] };
  return {
    ...connection,
    l7: {
      side: 'egress',
      request: JSON.stringify({ type: 'REQUEST', dns: question }),
      response: JSON.stringify({
        type: 'RESPONSE',
        latency_ns: String(90_000 + random.below(900_000)),
        dns: { ...question, ips: [address], ttl: 30, rrtypes: [type] },
      }),
    },
  };
}
