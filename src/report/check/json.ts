import { endpointJson } from '../../model/endpoint-json.ts';
import { policyName } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { SideVerdict } from '../../model/verdict.ts';
import { explainSide } from '../explain/sentences.ts';
import { isoTime } from '../times.ts';
import type { ClassifiedEdge } from './classify.ts';
import { type CheckResult, shownEntries } from './result.ts';

/** The stable JSON of `check`; fields are only ever added (see `docs/check-json.md`). */
export function checkJson(result: CheckResult, all: boolean): string {
  const { window, summary, unclear, policies, staged } = result;
  const value = {
    summary: { ...summary, unclear },
    window: window === undefined ? null : { from: isoTime(window.from), to: isoTime(window.to) },
    policies,
    ...(staged && { staged }),
    edges: shownEntries(result, all).map(entryJson),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** One entry of `edges`; also used by `report`. */
export function entryJson(entry: ClassifiedEdge): Record<string, unknown> {
  const { edge, observation, verdict } = entry;
  return {
    client: endpointJson(edge.client),
    server: endpointJson(edge.server),
    protocol: protocolName(edge.protocol),
    port: edge.port,
    class: entry.class,
    flows: observation.flows,
    connections: observation.connections,
    firstSeen: isoTime(observation.firstSeen),
    lastSeen: isoTime(observation.lastSeen),
    egress: sideJson(verdict.egress, entry),
    ingress: sideJson(verdict.ingress, entry),
    note: entry.note,
  };
}

function sideJson(side: SideVerdict, entry: ClassifiedEdge): Record<string, unknown> {
  const { policy, ruleIndex } = side;
  return {
    verdict: side.decision,
    policy: policy === undefined ? null : policyName(policy),
    rule: ruleIndex === undefined || ruleIndex < 0 ? null : ruleIndex,
    reason: side.because,
    text: explainSide(side, entry.edge),
    selectedBy: side.selectedBy.map(policyName),
    missing: side.missing,
  };
}
