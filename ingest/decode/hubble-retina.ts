import type { JsonObject } from './decoder.ts';
import { count, object, part } from './fields.ts';
import type { HubbleMessage } from './hubble-record.ts';

/** Counters that Retina adds to a flow (microsoft/retina pkg/utils). */
export interface RetinaCounters {
  readonly bytes: number;
  readonly packets: number;
}

/** What other agents count. */
export const NO_COUNTERS: RetinaCounters = { bytes: 0, packets: 0 };

/** Its extension, as a Struct (members under `value`) or as its own message (members beside `@type`). */
function extension(flow: HubbleMessage): JsonObject | undefined {
  const found = object(flow.extensions);
  return found === undefined ? undefined : (object(found.value) ?? found);
}

const MEMBERS = ['bytes', 'dns_type', 'tcp_id', 'previously_observed_packets', 'previously_observed_bytes'];

/** Whether a flow shows that Retina wrote it: its extension, or a verdict that only it has. */
export function isRetina(flow: HubbleMessage): boolean {
  const verdict = flow.verdict;
  if (verdict === 15 || verdict === 16) return true;
  const found = extension(flow);
  if (found === undefined) return part(flow.emitter).name === 'retina';
  const type = part(flow.extensions)['@type'];
  return (typeof type === 'string' && type.includes('etina')) || MEMBERS.some((member) => found[member] !== undefined);
}

/** The packet itself and those it reports for having been seen before it. */
export function retinaCounters(flow: HubbleMessage): RetinaCounters {
  const found = extension(flow);
  if (found === undefined) return NO_COUNTERS;
  const earlier = count(found.previously_observed_packets);
  const bytes = count(found.bytes) + count(found.previously_observed_bytes);
  return { bytes, packets: bytes > 0 || earlier > 0 ? earlier + 1 : 0 };
}
