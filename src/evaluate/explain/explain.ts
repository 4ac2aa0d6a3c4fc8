import { endpointName } from '../../model/endpoint.ts';
import { policyName } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { SideVerdict, Verdict } from '../../model/verdict.ts';
import type { Traffic } from '../match/traffic.ts';

/** One sentence for each side, egress first. */
export function explain(verdict: Verdict, traffic: Traffic): readonly [egress: string, ingress: string] {
  return [explainSide(verdict.egress, traffic), explainSide(verdict.ingress, traffic)];
}

/** `ingress denied by default: shop/cart selects shop/cart, no peer matches`. */
export function explainSide(side: SideVerdict, traffic: Traffic): string {
  const subject = endpointName(side.side === 'egress' ? traffic.client : traffic.server);
  const peer = endpointName(side.side === 'egress' ? traffic.server : traffic.client);
  return `${side.side} ${REASONS[side.because](side, { subject, peer, service: serviceName(traffic) })}${passedBy(side)}`;
}

interface Names {
  readonly subject: string;
  readonly peer: string;
  /** `TCP 8080`. */
  readonly service: string;
}

type Reason = (side: SideVerdict, names: Names) => string;

const REASONS: Readonly<Record<SideVerdict['because'], Reason>> = {
  ruleMatched: (side) => `${side.action === 'deny' ? 'denied' : 'allowed'} by ${ruleName(side)}`,
  noPolicySelects: (_, { subject }) => `allowed: no policy selects ${subject}`,
  notASubject: (_, { subject }) => `allowed: ${subject} is no pod, policies do not select it`,
  selectedNoRules: (side, names) => byDefault(side, names, 'without any rule'),
  noPeerMatch: (side, names) => byDefault(side, names, `no peer matches ${names.peer}`),
  portMismatch: (side, names) =>
    byDefault(side, names, `${nearMiss(side)} matches ${names.peer} but not ${names.service}`),
  tierDefaultAction: (side, { subject }) =>
    `denied at the end of tier ${side.stage}: ${selectors(side)} ${subject}, no rule matches`,
  profile: (_, { subject }) => `allowed: no tier decided, the profile of ${subject} allows`,
  defaultDenyMode: (side, names) => byDefault(side, names, 'no rule matches'),
  hostAlwaysAllowed: (_, { subject }) => `allowed: a node always reaches its own pods, here ${subject}`,
  selfTraffic: (_, { subject }) => `allowed: ${subject} talks to itself`,
  conditional: (side) =>
    `uncertain${side.policy ? ` because of ${ruleName(side)}` : ''}: not known: ${side.missing.join(', ')}`,
};

function byDefault(side: SideVerdict, { subject }: Names, why: string): string {
  const outcome = side.decision === 'deny' ? 'denied by default' : 'allowed, nothing objects';
  return `${outcome}: ${selectors(side)} ${subject}, ${why}`;
}

/** `shop/cart selects`, `shop/cart and 2 more select`. */
function selectors(side: SideVerdict): string {
  const [first, ...more] = side.selectedBy;
  if (first === undefined) return 'a policy selects';
  return more.length === 0 ? `${policyName(first)} selects` : `${policyName(first)} and ${more.length} more select`;
}

function ruleName({ policy, ruleIndex, ruleName }: SideVerdict): string {
  const rule = ruleIndex === undefined ? '' : ` rule ${ruleName ?? ruleIndex + 1}`;
  return `${policy ? policyName(policy) : 'a policy'}${rule}`;
}

function nearMiss({ nearMiss }: SideVerdict): string {
  return nearMiss ? `${policyName(nearMiss.policy)} rule ${nearMiss.ruleIndex + 1}` : 'a rule';
}

function passedBy({ passedBy }: SideVerdict): string {
  return passedBy.length === 0 ? '' : `, after a pass by ${passedBy.map(policyName).join(', ')}`;
}

function serviceName({ protocol, port }: Traffic): string {
  return port === 0 ? protocolName(protocol) : `${protocolName(protocol)} ${port}`;
}
