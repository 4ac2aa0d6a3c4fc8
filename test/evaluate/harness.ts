import { expect } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { type Compiled, compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { EndpointKind } from '../../src/model/enums.ts';
import type { Inventory, Workload } from '../../src/model/inventory.ts';
import { labelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import type { EvaluationProfile, PolicySet } from '../../src/model/policy.ts';
import { PROTOCOL_NUMBERS } from '../../src/model/ports.ts';
import type { SideVerdict, Verdict } from '../../src/model/verdict.ts';

/** `app=web,tier=front` as labels; `?` = not known. */
export function labels(text: string) {
  if (text === '?') return UNKNOWN_LABELS;
  const pairs = text.split(',').filter((pair) => pair !== '');
  return labelSet(new Map(pairs.map((pair) => pair.split('=') as [string, string])));
}

/** A pod from `shop/cart` and its labels (by default `app=<name>`). */
export function pod(name: string, text = `app=${name.split('/')[1]}`): EdgeEndpoint {
  const [namespace = '', workload = ''] = name.split('/');
  return { ...nobody('pod'), namespace, workload, workloadKind: 'Deployment', labels: labels(text) };
}

/** Something that is no pod. */
export function outside(kind: EndpointKind, address = '', peer = ''): EdgeEndpoint {
  return { ...nobody(kind), address, peer };
}

function nobody(kind: EndpointKind): EdgeEndpoint {
  const owner = { namespace: '', workload: '', workloadKind: '', labels: UNKNOWN_LABELS };
  return { cluster: 'test', kind, ...owner, peer: '', address: '' };
}

export interface Given {
  /** Labels of namespaces, `shop: 'team=a'`. */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly workloads?: readonly Workload[];
  readonly profile?: Partial<EvaluationProfile>;
}

export function inventory({ namespaces = {}, workloads = [] }: Given): Inventory {
  const entries = Object.entries(namespaces).map(([name, text]) => [`test/${name}`, labels(text).labels] as const);
  return { workloads, namespaces: new Map(entries) };
}

/** Reads policies that must be without fault. */
export function policySet(yaml: string, given: Given = {}): PolicySet {
  const { policySet: set, findings } = readPolicies([{ name: 'policies.yaml', text: yaml }]);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { ...set, profile: { ...set.profile, ...given.profile } };
}

/** A NetworkPolicy called `shop/policy` with this `spec`, written in YAML flow style. */
export function networkPolicy(spec: string, name = 'policy'): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
}

/** A workload with container ports, `http=TCP/8080`. */
export function workload(endpoint: EdgeEndpoint, ports: string): Workload {
  const { cluster, namespace, workloadKind: kind, workload: name, labels: own } = endpoint;
  const namedPorts = ports
    .split(',')
    .filter(Boolean)
    .map((text) => {
      const [portName = '', protocol = '', port = ''] = text.split(/[=/]/);
      return { name: portName, protocol: PROTOCOL_NUMBERS[protocol] ?? 0, port: Number(port) };
    });
  return { cluster, namespace, kind, name, labels: own, namedPorts, portsKnown: true, serviceAccount: '', replicas: 1 };
}

export type Service = `${'TCP' | 'UDP' | 'SCTP' | 'ICMP'}/${number}`;

export function traffic(
  client: EdgeEndpoint,
  server: EdgeEndpoint,
  service: Service,
  more: Partial<Traffic> = {},
): Traffic {
  const [protocol = '', port = ''] = service.split('/');
  return { client, server, protocol: PROTOCOL_NUMBERS[protocol] ?? 0, port: Number(port), ...more };
}

/** Asks a policy set about one packet after another. */
export function judge(yaml: string, given: Given = {}) {
  const compiled: Compiled = compile(policySet(yaml, given), inventory(given));
  return (
    client: EdgeEndpoint,
    server: EdgeEndpoint,
    service: Service = 'TCP/80',
    more: Partial<Traffic> = {},
  ): Verdict => decide(compiled, traffic(client, server, service, more));
}

/** The trail without places and empty parts, short enough to state in a test. */
export function trail({
  side,
  decision,
  because,
  policy,
  ruleIndex,
  stage,
  selectedBy,
  passedBy,
  missing,
  nearMiss,
}: SideVerdict) {
  const name = (ref: { namespace: string; name: string }) => `${ref.namespace}/${ref.name}`;
  return {
    side,
    decision,
    because,
    ...(stage !== '' && { stage }),
    ...(policy && { policy: name(policy) }),
    ...(ruleIndex !== undefined && { ruleIndex }),
    ...(selectedBy.length > 0 && { selectedBy: selectedBy.map(name) }),
    ...(passedBy.length > 0 && { passedBy: passedBy.map(name) }),
    ...(missing.length > 0 && { missing }),
    ...(nearMiss && { nearMiss: `${name(nearMiss.policy)} rule ${nearMiss.ruleIndex}` }),
  };
}
