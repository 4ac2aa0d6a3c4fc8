import type { EdgeEndpoint } from '../../../model/edge.ts';
import { endpointName } from '../../../model/endpoint.ts';
import type { Policy } from '../../../model/policy.ts';
import { decide } from '../../decide/decide.ts';
import { meant } from '../matching.ts';
import type { LintContext, LintProblem, LintRule } from '../rule.ts';

/** Names of the cluster's resolvers, as all distributions have them. */
const RESOLVER = /^(coredns|kube-dns|rke2-coredns.*|node-local-dns|dns-default)$/;

/** A workload whose egress is isolated and that may not ask for names breaks at its next look-up. */
export const missingDns: LintRule = {
  id: 'missing-dns',
  intent: 'Workloads whose egress is isolated need DNS; without it everything they do by name fails.',
  severity: 'warning',
  needs: 'workloads',
  check: (context) => {
    const broken = new Set(context.ends.filter((end) => !mayResolve(context, end)));
    return context.set.policies.filter(isolatesEgress).flatMap((policy) => {
      const members = meant(context, policy.subject).map(endpointName);
      const names = new Set([...broken].map(endpointName));
      const affected = [...new Set(members.filter((name) => names.has(name)))];
      return affected.length === 0 ? [] : [problem(policy, affected)];
    });
  },
};

function isolatesEgress({ egress, staged }: Policy): boolean {
  return !staged && egress?.isolates === true;
}

/** The egress side alone: who serves names, and what guards it, is another matter. */
function mayResolve({ compiled, ends }: LintContext, client: EdgeEndpoint): boolean {
  const resolvers = ends.filter(({ workload }) => RESOLVER.test(workload));
  const servers = resolvers.length > 0 ? resolvers : [anyResolver(client)];
  if (servers.some((server) => server.workload === client.workload && server.namespace === client.namespace))
    return true;
  return servers.some(
    (server) => decide(compiled, { client, server, protocol: 17, port: 53 }).egress.decision !== 'deny',
  );
}

/** Where no resolver is known: some pod of kube-system, of which nothing else is known. */
function anyResolver(client: EdgeEndpoint): EdgeEndpoint {
  const labels = { id: '0', labels: new Map<string, string>() };
  return { ...client, namespace: 'kube-system', workload: 'kube-dns', workloadKind: 'Deployment', labels };
}

function problem(policy: Policy, affected: readonly string[]): LintProblem {
  const more = affected.length > 3 ? ` and ${affected.length - 3} more` : '';
  return {
    policy,
    message: `it isolates egress of ${affected.slice(0, 3).join(', ')}${more}, and no policy lets them ask for names (UDP 53)`,
    remedy: 'Allow egress to the resolver in kube-system on UDP and TCP 53.',
  };
}
