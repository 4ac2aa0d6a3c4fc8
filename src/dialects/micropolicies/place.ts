import {
  ANYTHING,
  type EndpointMatcher,
  type Policy,
  type PolicyDirection,
  type PolicySet,
} from '../../model/policy.ts';
import { NETWORK_POLICY_ORDER } from '../calico/tiers.ts';
import { arrange, type ProfileName } from '../profiles.ts';
import type { Half } from './files.ts';
import type { OutputForm } from './form.ts';

/** The product that decides as the policies of a form are meant. */
export function profileOf({ dialect, staged }: Pick<OutputForm, 'dialect' | 'staged'>): ProfileName {
  if (dialect === 'kubernetes') return staged ? 'calico' : 'kubernetes';
  return dialect === 'cluster' ? 'kubernetes' : dialect;
}

/** The halves as policies of the product that the form is for, at their place among its tiers. */
export function placePolicies(halves: readonly Half[], form: OutputForm): PolicySet {
  const { dialect, stage } = form;
  const policies = halves.map(({ policy }) => {
    const placed: Policy = { ...policy, ref: { ...policy.ref, dialect }, stage: stage.name };
    if (dialect === 'calico') return { ...placed, order: NETWORK_POLICY_ORDER };
    return dialect === 'cluster' || dialect === 'antrea' ? ranked(placed, dialect) : placed;
  });
  const own = dialect === 'calico' || dialect === 'antrea' || dialect === 'istio' ? [stage] : [];
  return arrange(profileOf(form), policies, own);
}

/** Priorities: what is granted, then what is denied, with room for what people put before, between and behind. */
const PRIORITIES = { cluster: { grants: 100, denials: 900 }, antrea: { grants: 100, denials: 1000 } } as const;

/**
 * In these dialects a policy does not isolate what it selects. Every member of a half is among those that are denied by
 * default, so the default denies do it for all, behind all grants.
 */
function ranked(policy: Policy, dialect: 'cluster' | 'antrea'): Policy {
  const denies = !grants(policy);
  const direction = (own: PolicyDirection | undefined): PolicyDirection | undefined =>
    own && { isolates: false, rules: denies ? [DENY_REST] : own.rules };
  const [egress, ingress] = [direction(policy.egress), direction(policy.ingress)];
  return {
    ...policy,
    order: PRIORITIES[dialect][denies ? 'denials' : 'grants'],
    ...(egress && { egress }),
    ...(ingress && { ingress }),
  };
}

const DENY_REST = { index: 0, name: 'default-deny', action: 'deny', peer: ANYTHING } as const;

function grants({ egress, ingress }: Policy): boolean {
  return [egress, ingress].some((direction) => direction !== undefined && direction.rules.length > 0);
}

/** What is left of a half where ingress can name pods only; absent when nothing is. */
export function podsOnly<T extends Half>(half: T): T | undefined {
  const { policy } = half;
  if (policy.ingress === undefined || !grants(policy)) return half;
  const rules = policy.ingress.rules.flatMap((rule) => {
    const peer = withoutAddresses(rule.peer);
    return peer ? [{ ...rule, peer }] : [];
  });
  if (rules.length === 0) return undefined;
  return { ...half, policy: { ...policy, ingress: { ...policy.ingress, rules } } };
}

function withoutAddresses(peer: EndpointMatcher): EndpointMatcher | undefined {
  if (peer.match === 'cidr') return undefined;
  if (peer.match !== 'some') return peer;
  const of = peer.of.flatMap((part) => withoutAddresses(part) ?? []);
  return of.length === 0 ? undefined : { match: 'some', of };
}
