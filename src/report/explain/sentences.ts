import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { endpointName } from '../../model/endpoint.ts';
import { type PolicyRef, policyName } from '../../model/policy.ts';
import { hasPorts, protocolName } from '../../model/ports.ts';
import type { SideVerdict } from '../../model/verdict.ts';

/** `TCP 8080`; the protocol alone when it has no ports. */
export function portText(edge: Pick<Edge, 'protocol' | 'port'>): string {
  const name = protocolName(edge.protocol);
  return hasPorts(edge.protocol) ? `${name} ${edge.port}` : name;
}

/** How a person calls the endpoint: its workload, its address or name, else what kind of thing it is. */
export function endpointText(endpoint: EdgeEndpoint): string {
  if (endpoint.workload === '' && endpoint.peer === '' && endpoint.address !== '') return endpoint.address;
  return endpointName(endpoint);
}

/** `shop/frontend → shop/cart TCP 8080`. */
export function edgeText(edge: Edge): string {
  return `${endpointText(edge.client)} → ${endpointText(edge.server)} ${portText(edge)}`;
}

/** `NetworkPolicy shop/cart`; with several, the first and how many more. */
function policiesText(refs: readonly PolicyRef[]): string {
  const [first] = refs;
  if (first === undefined) return 'a policy';
  const more = refs.length > 1 ? ` (and ${refs.length - 1} more)` : '';
  return `${first.kind} ${policyName(first)}${more}`;
}

/** `rule 2 of NetworkPolicy shop/cart`; rules count from 1 for people. */
function ruleText(side: SideVerdict): string {
  const policy = side.policy === undefined ? 'a policy' : policiesText([side.policy]);
  if (side.ruleIndex === undefined || side.ruleIndex < 0) return policy;
  const name = side.ruleName === undefined || side.ruleName === '' ? '' : ` (${side.ruleName})`;
  return `rule ${side.ruleIndex + 1}${name} of ${policy}`;
}

/** One sentence in plain language: why this end allows, denies or cannot tell. */
export function explainSide(side: SideVerdict, edge: Edge): string {
  const [own, far, word] =
    side.side === 'egress' ? [edge.client, edge.server, 'to'] : [edge.server, edge.client, 'from'];
  const self = endpointText(own);
  const peer = `${word} ${endpointText(far)}`;
  if (side.decision === 'uncertain') return uncertainText(side);
  const selected = `${policiesText(side.selectedBy.length > 0 ? side.selectedBy : refsOf(side))} selects ${self}`;
  switch (side.because) {
    case 'ruleMatched':
      return `${ruleText(side)} ${side.decision === 'allow' ? 'allows' : 'denies'} it`;
    case 'noPolicySelects':
      return `no policy selects ${self} for ${side.side}, so everything is allowed`;
    case 'selectedNoRules':
      return `${selected} and has no ${side.side} rule, so nothing is allowed`;
    case 'noPeerMatch':
      return `${selected}, but no ${side.side} rule allows traffic ${peer}`;
    case 'portMismatch':
      return `${selected} and ${nearMissText(side)} traffic ${peer}, but not on ${portText(edge)}`;
    case 'tierDefaultAction':
      return `${selected}, no rule of tier ${side.stage} matches, and the tier ${verb(side)} what is left`;
    case 'profile':
      return `no tier decides, and the profile of ${self} ${verb(side)} it`;
    case 'defaultDenyMode':
      return `${selected}, no rule allows traffic ${peer}, and default deny is on`;
    default:
      return exemptText(side, self);
  }
}

/** `allows`, or `rule 2 of it allows` when it is known which came closest. */
function nearMissText({ nearMiss, selectedBy }: SideVerdict): string {
  if (nearMiss === undefined) return 'allows';
  const whose = selectedBy.length > 1 ? `of ${policyName(nearMiss.policy)}` : 'of it';
  return `rule ${nearMiss.ruleIndex + 1} ${whose} allows`;
}

/** Sides on which policies have no say. */
function exemptText(side: SideVerdict, self: string): string {
  switch (side.because) {
    case 'hostAlwaysAllowed':
      return `a node always reaches the pods it runs`;
    case 'selfTraffic':
      return `${self} talks to itself`;
    case 'notASubject':
      return `${self} is not a pod, so policies do not apply to this end`;
    default:
      return `${ruleText(side)} ${verb(side)} it under conditions that flows do not show`;
  }
}

function uncertainText(side: SideVerdict): string {
  const missing = side.missing.length > 0 ? side.missing.join('; ') : 'a fact that flows do not show';
  return `cannot be told: ${missing}`;
}

function verb(side: SideVerdict): string {
  return side.decision === 'deny' ? 'denies' : 'allows';
}

function refsOf(side: SideVerdict): readonly PolicyRef[] {
  return side.policy === undefined ? [] : [side.policy];
}

/** The ends that deny (or cannot be told), egress first; what a person has to change. */
export function decidingSides(verdict: { readonly egress: SideVerdict; readonly ingress: SideVerdict }): SideVerdict[] {
  const sides = [verdict.egress, verdict.ingress];
  const denying = sides.filter(({ decision }) => decision === 'deny');
  return denying.length > 0 ? denying : sides.filter(({ decision }) => decision === 'uncertain');
}
