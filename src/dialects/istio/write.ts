import type { EndpointMatcher, Policy, PolicyRule, PolicySet, PortMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { Inexpressible, type Refusal, type WrittenDocuments } from '../writing/documents.ts';
import { DRY_RUN, ISTIO_STAGE, ROOT_NAMESPACE } from './stage.ts';
import { writeSources } from './write-sources.ts';

export interface IstioOptions {
  /** Labels and annotations of the written policy. */
  readonly metadata?: (policy: Policy) => WrittenMetadata;
}

/** Istio names ports one by one; longer ranges would be no policy that a person could read. */
const MOST_PORTS = 100;

/**
 * Writes the policies of Istio's stage as AuthorizationPolicy. Policies of network plugins are refused: Istio knows
 * peers by identity, governs TCP at the server alone, and stands beside the plugin instead of in its place. Mutual TLS
 * becomes the DENY it amounts to.
 */
export function writeIstio({ policies }: Pick<PolicySet, 'policies'>, options: IstioOptions = {}): WrittenDocuments {
  const documents: PlainObject[] = [];
  const refusals: Refusal[] = [];
  const names = new Set<string>();
  for (const policy of policies) {
    try {
      const written = document(policy, options.metadata?.(policy) ?? {});
      const { name, namespace } = policy.ref;
      if (names.has(`${namespace}/${name}`)) throw new Inexpressible(`two policies would both be ${namespace}/${name}`);
      names.add(`${namespace}/${name}`);
      documents.push(written);
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      refusals.push({ policy: policy.ref, reason: error.message });
    }
  }
  return { documents, refusals };
}

function document(policy: Policy, metadata: WrittenMetadata): PlainObject {
  if (policy.stage !== ISTIO_STAGE.name)
    throw new Inexpressible('Istio stands beside the network plugin, not in its place');
  if (policy.egress) throw new Inexpressible('Istio decides at the server alone');
  const { name, namespace } = policy.ref;
  const annotations = { ...metadata.annotations, ...(policy.staged && { [DRY_RUN]: 'true' }) };
  const rules = policy.ingress?.rules ?? [];
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace, ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...selector(policy),
      action: actionOf(policy),
      rules: rules.flatMap((rule) => writeRule(rule)),
    },
  };
}

function actionOf({ ingress }: Policy): string {
  const { rules, isolates } = ingress ?? { rules: [], isolates: false };
  const actions = new Set(rules.map(({ action }) => action));
  const [only = isolates ? 'allow' : 'deny'] = actions;
  if (actions.size > 1) throw new Inexpressible('an AuthorizationPolicy has one action');
  if (isolates !== (only === 'allow')) throw new Inexpressible('ALLOW policies isolate, and no others do');
  if (only === 'pass') throw new Inexpressible('Istio has no pass');
  return only === 'log' ? 'AUDIT' : only.toUpperCase();
}

/** I1. */
function selector({ subject, ref: { namespace } }: Policy): PlainObject {
  const parts = subject.match === 'all' ? subject.of : [subject];
  const scoped = parts.some(({ match }) => match === 'namespaceName');
  if (scoped === (namespace === ROOT_NAMESPACE)) {
    throw new Inexpressible('a policy is for its own namespace, and one of the root namespace for the mesh');
  }
  const labels = parts.flatMap((part) => labelsOf(part, namespace));
  return labels.length > 0 ? { selector: { matchLabels: Object.fromEntries(labels) } } : {};
}

function labelsOf(part: EndpointMatcher, namespace: string): [string, string][] {
  if (part.match === 'pod') return [];
  if (part.match === 'namespaceName' && part.names.length === 1 && part.names[0] === namespace) return [];
  if (part.match === 'labels') return equalities(part.selector);
  throw new Inexpressible(`Istio cannot select workloads by "${part.match}" here`);
}

function equalities(given: Selector): [string, string][] {
  if (given.kind === 'and') return given.of.flatMap(equalities);
  const [value, ...more] = given.kind === 'in' ? given.values : [];
  if (given.kind !== 'in' || value === undefined || more.length > 0) {
    throw new Inexpressible('Istio selects workloads by equality of labels alone');
  }
  return [[given.key, value]];
}

function writeRule(rule: PolicyRule): PlainObject[] {
  if (rule.conditions?.length)
    throw new Inexpressible(`what a proxy decides is not written: ${rule.conditions.join(', ')}`);
  if (rule.sourcePorts || rule.notSourcePorts) throw new Inexpressible('Istio knows no source ports');
  const from = writeSources(rule.peer);
  if (from?.length === 0 || rule.ports?.length === 0) return [];
  const ports = rule.ports?.flatMap(numbers);
  const notPorts = rule.notPorts?.flatMap(numbers);
  const operation = { ...(ports && { ports }), ...(notPorts && { notPorts }) };
  return [
    {
      ...(from && { from: from.map((source) => ({ source })) }),
      ...(Object.keys(operation).length > 0 && { to: [{ operation }] }),
      ...(rule.self && { when: destinations(rule.self) }),
    },
  ];
}

/** I8. */
function numbers(matcher: PortMatcher): string[] {
  const ranges = matcher.protocol === 6 && 'ports' in matcher ? matcher.ports : undefined;
  if (ranges === undefined) throw new Inexpressible('Istio knows TCP ports by number alone');
  const count = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count > MOST_PORTS) throw new Inexpressible(`Istio has no port ranges, and ${count} ports are too many to list`);
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index)));
}

function destinations(self: EndpointMatcher): PlainObject[] {
  const parts = self.match === 'all' ? self.of : [self];
  return parts.map((part) => {
    const inner = part.match === 'not' ? part.of : part;
    if (inner.match !== 'cidr' || inner.pods !== true || inner.except.length > 0)
      throw new Inexpressible(`Istio cannot ask "${inner.match}" of the workload itself`);
    return { key: 'destination.ip', [part.match === 'not' ? 'notValues' : 'values']: inner.cidrs };
  });
}
