import type { EndpointMatcher, Policy, PolicyDirection, PolicySet } from '../../model/policy.ts';
import { formatAddress } from '../../util/format-address.ts';
import { isIpv4, parseCidr } from '../../util/ip.ts';
import { cidrMatchers } from '../compile/plan.ts';

const IPV4_FIRST = 1n << 128n;
const IPV4_LAST = IPV4_FIRST + (1n << 32n) - 1n;

/**
 * All addresses as `first-last` texts in ascending order, cut at every edge of a block that one of the policy sets names:
 * no policy tells two addresses of one range apart. IPv4 comes first; IPv6 only when a policy names an IPv6 block.
 */
export function addressRanges(sets: readonly PolicySet[]): string[] {
  const starts = new Set<bigint>([IPV4_FIRST]);
  for (const { cidrs, except } of sets.flatMap(cidrMatchers)) {
    for (const block of [...cidrs, ...except].flatMap((text) => parseCidr(text) ?? [])) {
      if (!isIpv4(block.from)) starts.add(0n);
      starts.add(block.from);
      if (block.to < IPV4_LAST) starts.add(block.to + 1n);
    }
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : 1));
  const ranges = sorted.map((from, index) => ({ from, to: (sorted[index + 1] ?? IPV4_LAST + 1n) - 1n }));
  const inOrder = [...ranges.filter(({ from }) => isIpv4(from)), ...ranges.filter(({ from }) => !isIpv4(from))];
  return inOrder.map(({ from, to }) => `${formatAddress(from)}-${formatAddress(to)}`);
}

/** The same policies with address blocks that never match a pod, whatever profile and dialect say. */
export function withExternalBlocks(set: PolicySet): PolicySet {
  const direction = ({ rules, isolates }: PolicyDirection): PolicyDirection => ({
    isolates,
    rules: rules.map((rule) => ({
      ...rule,
      peer: external(rule.peer),
      ...(rule.self && { self: external(rule.self) }),
    })),
  });
  const policies = set.policies.map(
    (policy): Policy => ({
      ...policy,
      subject: external(policy.subject),
      ...(policy.egress && { egress: direction(policy.egress) }),
      ...(policy.ingress && { ingress: direction(policy.ingress) }),
    }),
  );
  return { ...set, policies, profile: { ...set.profile, ipBlockMatchesPods: false } };
}

function external(matcher: EndpointMatcher): EndpointMatcher {
  switch (matcher.match) {
    case 'all':
    case 'some':
      return { ...matcher, of: matcher.of.map(external) };
    case 'not':
      return { ...matcher, of: external(matcher.of) };
    case 'cidr':
      return { ...matcher, pods: false };
    default:
      return matcher;
  }
}
