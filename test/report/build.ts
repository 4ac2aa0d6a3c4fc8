import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { LabelInterner, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import type { PolicyRef, Side } from '../../src/model/policy.ts';
import { combineDecisions, type SideVerdict, type Verdict } from '../../src/model/verdict.ts';

const interner = new LabelInterner();

/** 2026-05-04T00:00:00Z, a Monday. */
export const MONDAY = Date.UTC(2026, 4, 4);

/** `shop/cart` as a Deployment with `app=cart` and further labels. */
export function pod(name: string, labels: Readonly<Record<string, string>> = {}): EdgeEndpoint {
  const [namespace = '', workload = ''] = name.split('/');
  return {
    cluster: 'default',
    kind: 'pod',
    namespace,
    workload,
    workloadKind: 'Deployment',
    labels: interner.intern(new Map(Object.entries({ app: workload, ...labels }))),
    peer: '',
    address: '',
  };
}

export function outside(address: string): EdgeEndpoint {
  return { ...pod('/'), kind: 'external', workload: '', workloadKind: '', labels: UNKNOWN_LABELS, address };
}

export function seen(flows: number, also: Partial<Observation> = {}): Observation {
  return {
    flows,
    connections: flows,
    firstSeen: MONDAY,
    lastSeen: MONDAY + 3_600_000,
    activity: [],
    clientPods: [],
    serverPods: [],
    clientAddresses: [],
    serverAddresses: [],
    reasons: [],
    sourcePolicies: [],
    ...also,
  };
}

/** An edge on TCP 8080 that passed five times, unless `also` says otherwise. */
export function edge(client: EdgeEndpoint, server: EdgeEndpoint, also: Partial<Edge> = {}): Edge {
  const outcome = 'denied' in also || 'unclear' in also ? {} : { passed: seen(5) };
  return { client, server, protocol: 6, port: 8080, serverNames: [], oriented: true, ...outcome, ...also };
}

export function networkPolicy(name: string): PolicyRef {
  const [namespace = '', own = ''] = name.split('/');
  const location = { file: 'policies.yaml', document: 1, line: 1 };
  return { dialect: 'kubernetes', kind: 'NetworkPolicy', namespace, name: own, location };
}

export function side(of: Side, also: Partial<SideVerdict> = {}): SideVerdict {
  const open = { decision: 'allow', because: 'noPolicySelects', stage: '' } as const;
  return { side: of, ...open, passedBy: [], selectedBy: [], missing: [], ...also };
}

export function verdict(egress: Partial<SideVerdict> = {}, ingress: Partial<SideVerdict> = {}): Verdict {
  const [out, into] = [side('egress', egress), side('ingress', ingress)];
  return { decision: combineDecisions(out.decision, into.decision), egress: out, ingress: into };
}

/** An ingress default deny by `shop/cart`. */
export const DENIED: Verdict = verdict(
  {},
  {
    decision: 'deny',
    because: 'noPeerMatch',
    stage: 'networkpolicy',
    policy: networkPolicy('shop/cart'),
    selectedBy: [networkPolicy('shop/cart')],
  },
);
