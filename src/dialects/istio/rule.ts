import { ANYTHING, type EndpointMatcher, type PolicyRule, type PortMatcher } from '../../model/policy.ts';
import { converted, type Field, list, object, type Read, required, wrong } from '../document/fields.ts';
import { anyOf } from '../document/peers.ts';
import {
  addresses,
  both,
  type Criteria,
  httpWords,
  isEmpty,
  matchers,
  NO_CRITERIA,
  namespaces,
  principals,
} from './criteria.ts';
import { ipBlocks, patterns, ports, serviceAccounts, trustDomains } from './values.ts';
import { type CriteriaOf, condition } from './when.ts';

/** A rule as alternatives of sources and of operations, and conditions; absent lists ask nothing (I4). */
export interface AuthorizationRule {
  readonly from: readonly CriteriaOf[] | undefined;
  readonly to: readonly CriteriaOf[] | undefined;
  readonly when: readonly CriteriaOf[];
}

const sourceFields = object({
  principals: patterns,
  notPrincipals: patterns,
  requestPrincipals: patterns,
  notRequestPrincipals: patterns,
  namespaces: patterns,
  notNamespaces: patterns,
  serviceAccounts,
  notServiceAccounts: serviceAccounts,
  ipBlocks,
  notIpBlocks: ipBlocks,
  remoteIpBlocks: ipBlocks,
  notRemoteIpBlocks: ipBlocks,
  trustDomains,
  notTrustDomains: trustDomains,
});

const source: Read<CriteriaOf> = converted(sourceFields, (read, field) => {
  const accounts = read.serviceAccounts !== undefined || read.notServiceAccounts !== undefined;
  const others = [read.principals, read.notPrincipals, read.namespaces, read.notNamespaces];
  if (accounts && others.some((other) => other !== undefined)) {
    const message = 'serviceAccounts cannot stand beside principals or namespaces';
    return wrong(field, 'bad-source', message, 'Make them sources of their own, or write principals only.');
  }
  const http = httpWords({
    'request principal': read.requestPrincipals,
    'not request principal': read.notRequestPrincipals,
    'original address': read.remoteIpBlocks,
    'not original address': read.notRemoteIpBlocks,
  });
  return notEmpty(field, (namespace) => ({
    ...NO_CRITERIA,
    peer: [
      ...matchers(read.principals, read.notPrincipals, principals),
      ...matchers(read.namespaces, read.notNamespaces, namespaces),
      ...matchers(read.serviceAccounts?.(namespace), read.notServiceAccounts?.(namespace), principals),
      ...matchers(read.ipBlocks, read.notIpBlocks, addresses),
      ...matchers(read.trustDomains, read.notTrustDomains, principals),
    ],
    http,
  }));
});

const operationFields = object({
  hosts: patterns,
  notHosts: patterns,
  ports,
  notPorts: ports,
  methods: patterns,
  notMethods: patterns,
  paths: patterns,
  notPaths: patterns,
});

const operation: Read<CriteriaOf> = converted(operationFields, (read, field) => {
  const http = httpWords({
    host: read.hosts,
    'not host': read.notHosts,
    method: read.methods,
    'not method': read.notMethods,
    path: read.paths,
    'not path': read.notPaths,
  });
  const asked = read.ports?.length ? [read.ports] : [];
  return notEmpty(field, () => ({ ...NO_CRITERIA, ports: asked, notPorts: read.notPorts ?? [], http }));
});

function notEmpty(field: Field, criteria: CriteriaOf): CriteriaOf | undefined {
  const sample = criteria('');
  if (!isEmpty(sample) || sample.http.length > 0) return criteria;
  return wrong(
    field,
    'empty-criteria',
    'it asks nothing',
    'Name something, or remove the whole list to mean anything.',
  );
}

/** A list that Istio refuses when it is there and empty. */
function alternatives(item: Read<CriteriaOf>): Read<readonly CriteriaOf[]> {
  return converted(list(item), (all, field) =>
    all.length > 0 ? all : wrong(field, 'too-few-items', 'it is empty', 'Remove it to mean anything.'),
  );
}

const fields = object({
  from: alternatives(converted(object({ source: required(source) }), (read) => read.source)),
  to: alternatives(converted(object({ operation: required(operation) }), (read) => read.operation)),
  when: list(condition),
});

export const authorizationRule: Read<AuthorizationRule> = converted(fields, ({ from, to, when = [] }) => ({
  from,
  to,
  when,
}));

export type RuleKind = Pick<PolicyRule, 'index' | 'action'> & {
  /** The policy's own condition, besides those of its rules. */
  readonly conditions: readonly string[];
  /** A data plane that knows connections alone (I10). */
  readonly l4Only: boolean;
};

/** The rule as neutral ones: one for each operation, and for each source that asks something of requests. */
export function neutralRules(rule: AuthorizationRule, namespace: string, kind: RuleKind): PolicyRule[] {
  const of = (all: readonly CriteriaOf[]): readonly Criteria[] => all.map((one) => one(namespace));
  const when = of(rule.when);
  let [from, to] = [rule.from && of(rule.from), rule.to && of(rule.to)];
  if (kind.l4Only) {
    const asked = [...(from ?? []), ...(to ?? []), ...when];
    if (kind.action === 'allow' && asked.some(({ http }) => http.length > 0)) return [];
    if (when.some(isEmpty)) return [];
    [from, to] = [from && remaining(from), to && remaining(to)];
  }
  const conditions = both(...when);
  return (from === undefined ? [NO_CRITERIA] : merged(from)).flatMap((source) =>
    (to ?? [NO_CRITERIA]).flatMap((operated) => neutralRule(both(source, operated, conditions), kind)),
  );
}

/** I10: what is left of them below HTTP; an item of which nothing is left matches nothing. */
function remaining(all: readonly Criteria[]): Criteria[] {
  return all.filter((one) => !isEmpty(one)).map((one) => ({ ...one, http: [] }));
}

/** Sources that ask nothing of requests, as one. */
function merged(from: readonly Criteria[]): Criteria[] {
  const plain = from.filter(({ http }) => http.length === 0);
  const peer = anyOf(plain.map((one) => conjunction(one.peer)));
  return [
    ...(plain.length > 0 ? [{ ...NO_CRITERIA, peer: [peer] }] : []),
    ...from.filter(({ http }) => http.length > 0),
  ];
}

function conjunction(parts: readonly EndpointMatcher[]): EndpointMatcher {
  const [only] = parts;
  if (only === undefined) return ANYTHING;
  return parts.length === 1 ? only : { match: 'all', of: parts };
}

/** I9: what HTTP decides leaves the verdict open, whether the port turns out to speak HTTP or not. */
function neutralRule(
  { peer, self, ports: lists, notPorts, http }: Criteria,
  { l4Only: _, ...kind }: RuleKind,
): PolicyRule[] {
  const [first, ...rest] = lists;
  const asked = first?.filter((port) => rest.every((other) => other.includes(port)));
  if (asked?.length === 0) return [];
  const conditions = [...kind.conditions, ...(http.length > 0 ? [`HTTP request with ${http.join(', ')}`] : [])];
  return [
    {
      index: kind.index,
      name: '',
      action: kind.action,
      peer: conjunction(peer),
      ...(self.length > 0 && { self: conjunction(self) }),
      ...(asked && { ports: [tcp(asked)] }),
      ...(notPorts.length > 0 && { notPorts: [tcp(notPorts)] }),
      ...(conditions.length > 0 && { conditions }),
    },
  ];
}

/** I8. */
export function tcp(all: readonly number[]): PortMatcher {
  return { protocol: 6, ports: all.map((port) => ({ from: port, to: port })) };
}
