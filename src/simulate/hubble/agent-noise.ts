import { hash32, Random } from '../../util/random.ts';
import { HOUR } from '../clock.ts';
import type { World } from '../world/world.ts';

/** A record that is about no connection; the parts around its time, which occurs twice. */
export interface LooseRecord {
  readonly time: number;
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** What agents write besides flows of connections: lost events, and router solicitations that went nowhere. */
export function looseRecords(world: World, hour: number): LooseRecord[] {
  const { noise, seed } = world.graph;
  const random = new Random(seed, hash32('agent noise'), hour);
  const begin = world.span.start + hour * HOUR;
  const records: LooseRecord[] = [];
  for (const node of world.nodes) {
    const moment = () => begin + Math.floor(random.next() * HOUR);
    if (random.chance(noise.lostEventsPerDay / 24 / world.nodes.length)) {
      const lost = `{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"${1 + random.below(40)}"},"node_name":"${node.name}","time":"`;
      records.push({ time: moment(), before: lost, between: '', after: '"}\n' });
    }
    if (noise.nodesPerHour > 0 && random.chance(0.05)) {
      records.push({ time: moment(), before: '{"flow":{"time":"', between: solicitation(node.name), after: '"}\n' });
    }
  }
  return records;
}

function solicitation(node: string): string {
  return `","verdict":"DROPPED","drop_reason":132,"IP":{"source":"fe80::64d8:8aff:fe72:fc14","destination":"ff02::2","ipVersion":"IPv6"},"l4":{"ICMPv6":{"type":133}},"source":{},"destination":{},"Type":"L3_L4","node_name":"${node}","event_type":{"type":1,"sub_type":132},"traffic_direction":"EGRESS","drop_reason_desc":"INVALID_SOURCE_IP","Summary":"ICMPv6 RouterSolicitation"},"node_name":"${node}","time":"`;
}
