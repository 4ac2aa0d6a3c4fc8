import type { ProposedChange } from '../../evaluate/explain/smallest-change.ts';
import type { Traffic } from '../../evaluate/match/traffic.ts';
import type { Edge } from '../../model/edge.ts';
import { endpointJson } from '../../model/endpoint-json.ts';
import { formatLocation } from '../../model/finding.ts';
import { type PolicyRef, type PolicySet, policyName } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { SideVerdict, Verdict } from '../../model/verdict.ts';
import { visible } from '../../util/table.ts';
import { edgeText, explainSide } from './sentences.ts';

/** One verdict, ready to be written. */
export interface Explanation {
  readonly traffic: Traffic;
  readonly verdict: Verdict;
  readonly changes: readonly ProposedChange[];
  readonly policySet: PolicySet;
}

/** The stable JSON of `explain` (`docs/explain-json.md`): both sides in one vocabulary for all dialects. */
export function explainJson({ traffic, verdict, changes, policySet }: Explanation): string {
  const { client, server, protocol, port } = traffic;
  const value = {
    client: endpointJson(client),
    server: endpointJson(server),
    protocol: protocolName(protocol),
    port,
    decision: verdict.decision,
    egress: sideJson(verdict.egress, traffic, policySet),
    ingress: sideJson(verdict.ingress, traffic, policySet),
    changes,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function sideJson(side: SideVerdict, traffic: Traffic, set: PolicySet): Record<string, unknown> {
  const { policy, ruleIndex, ruleName, action, nearMiss } = side;
  return {
    side: side.side,
    decision: side.decision,
    stage: side.stage,
    policy: policy === undefined ? null : policyJson(policy, set),
    ruleIndex: ruleIndex ?? null,
    ruleName: ruleName ?? null,
    action: action ?? null,
    passedBy: side.passedBy.map((ref) => policyJson(ref, set)),
    because: side.because,
    selectedBy: side.selectedBy.map((ref) => policyJson(ref, set)),
    nearMiss: nearMiss === undefined ? null : { policy: policyName(nearMiss.policy), ruleIndex: nearMiss.ruleIndex },
    missing: side.missing,
    text: explainSide(side, edgeOf(traffic)),
  };
}

function policyJson(ref: PolicyRef, { policies }: PolicySet): Record<string, unknown> {
  const policy = policies.find((one) => one.ref === ref);
  return {
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    tier: policy?.stage ?? '',
    priority: policy === undefined || !Number.isFinite(policy.order) ? null : policy.order,
    location: formatLocation(ref.location),
  };
}

/** The sentences of `check` are about edges. */
function edgeOf({ client, server, protocol, port }: Traffic): Edge {
  return { client, server, protocol, port, serverNames: [], oriented: true };
}

/** The verdict, a line per side with its policies, and what would turn it. */
export function explainTable({ traffic, verdict, changes }: Explanation): string {
  const edge = edgeOf(traffic);
  const lines = [`${WORDS[verdict.decision]}  ${edgeText(edge)}`, ''];
  for (const side of [verdict.egress, verdict.ingress]) {
    lines.push(`  ${side.side.padEnd(8)}${side.decision}: ${explainSide(side, edge)}`);
    const { policy } = side;
    if (policy !== undefined)
      lines.push(`          ${policy.kind} ${policyName(policy)} at ${formatLocation(policy.location)}`);
    if (side.passedBy.length > 0) lines.push(`          after a pass by ${side.passedBy.map(policyName).join(', ')}`);
    const others = side.selectedBy.filter((ref) => ref !== policy);
    if (others.length > 0) lines.push(`          also selected by ${others.map(policyName).join(', ')}`);
  }
  if (changes.length > 0) {
    lines.push('', `To turn it${verdict.decision === 'deny' ? ' (every side that denies has to change)' : ''}:`);
    for (const { side, text } of changes) lines.push(`  ${side.padEnd(8)}${text}`);
  }
  return `${lines.map(visible).join('\n')}\n`;
}

const WORDS = { allow: 'ALLOWED', deny: 'DENIED', uncertain: 'UNCERTAIN' } as const;
