import type { JsonObject } from './decoder.ts';
import { count, object } from './fields.ts';
import type { HubbleMessage } from './hubble-record.ts';

/** What kind of event a flow reports, read once because everything else depends on it. */
export interface HubbleEvent {
  /** `event_type.type`; 0 when masked away. */
  readonly type: number;
  readonly subType: number;
  readonly l7: JsonObject | undefined;
  readonly isL7: boolean;
}

/** The event types of `event_type.type` that the decoder tells apart (cilium/cilium pkg/monitor/api). */
export const EVENT = { drop: 1, debug: 2, capture: 3, trace: 4, policy: 5, socket: 7, l7: 129, agent: 130 } as const;

/** Reads what kind of event `flow` is. */
export function readEvent(flow: HubbleMessage): HubbleEvent {
  const found = object(flow.event_type);
  const type = found === undefined ? 0 : count(found.type);
  const subType = found === undefined ? 0 : count(found.sub_type);
  const family = flow.Type;
  const l7 = family === 'L3_L4' ? undefined : object(flow.l7);
  return { type, subType, l7, isL7: l7 !== undefined || family === 'L7' || type === EVENT.l7 };
}
