import type { EndpointMatcher, Policy, PolicyDirection, PolicyRule, Side } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';

/** Both sides of a policy, as far as it has an opinion. */
export function sidesOf(policy: Policy): { readonly side: Side; readonly direction: PolicyDirection }[] {
  return (['ingress', 'egress'] as const).flatMap((side) => {
    const direction = policy[side];
    return direction === undefined ? [] : [{ side, direction }];
  });
}

/** Every rule with its side. */
export function rulesOf(policy: Policy): { readonly side: Side; readonly rule: PolicyRule }[] {
  return sidesOf(policy).flatMap(({ side, direction }) => direction.rules.map((rule) => ({ side, rule })));
}

/** `ingress rule 2`. */
export function ruleText(side: Side, rule: PolicyRule): string {
  return `${side} rule ${rule.index + 1}`;
}

/** The alternatives of a peer. */
export function alternatives(matcher: EndpointMatcher): readonly EndpointMatcher[] {
  return matcher.match === 'some' ? matcher.of : [matcher];
}

/** A key that a selector asks to be there; `value` when it asks for one. */
export interface AskedLabel {
  readonly of: 'pod' | 'namespace';
  readonly key: string;
  readonly value?: string;
}

/** Labels that must be there for the matcher to mean anything; negations ask for nothing. */
export function askedLabels(matcher: EndpointMatcher): AskedLabel[] {
  switch (matcher.match) {
    case 'all':
    case 'some':
      return matcher.of.flatMap(askedLabels);
    case 'labels':
      return askedOf('pod', matcher.selector);
    case 'namespaceLabels':
      return askedOf('namespace', matcher.selector);
    default:
      return [];
  }
}

function askedOf(of: AskedLabel['of'], selector: Selector): AskedLabel[] {
  switch (selector.kind) {
    case 'and':
    case 'or':
      return selector.of.flatMap((part) => askedOf(of, part));
    case 'in':
      return selector.values.map((value) => ({ of, key: selector.key, value }));
    case 'has':
      return [{ of, key: selector.key }];
    default:
      return [];
  }
}
