import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { addressRanges, withExternalBlocks } from '../../src/evaluate/connectivity/addresses.ts';
import { Connectivity, type ConnectivityEnd } from '../../src/evaluate/connectivity/connectivity.ts';
import { PortSpace } from '../../src/evaluate/connectivity/ports.ts';
import { ServiceSets } from '../../src/evaluate/connectivity/service-sets.ts';
import { decision } from '../../src/evaluate/decide/decide.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { NAMESPACES, tieredSet } from './arbitrary.ts';
import { type Given, inventory, networkPolicy, outside, pod, policySet, workload } from './harness.ts';

const LABELS = ['', 'a=1', 'a=2', 'b=1', 'a=1,b=2', 'a=2,b=2', '?'];

function end(member: EdgeEndpoint): ConnectivityEnd {
  const { namespace, workload: name, workloadKind: kind } = member;
  return { shown: member.kind === 'pod' ? { namespace, name, kind } : { cidr: member.address }, members: [member] };
}

function ask(set: PolicySet, ends: readonly ConnectivityEnd[], given: Given) {
  const space = new PortSpace([set]);
  const sets = new ServiceSets(space.all);
  const compiled = compile(set, inventory(given));
  const found = new Connectivity({ compiled, ends, space, sets });
  const outcomes = ends.map((_, from) => found.outcomesFrom(from));
  return {
    compiled,
    space,
    found,
    truth: (from: number, to: number) => sets.get(outcomes[from]?.[to] as number),
    allowed: (from: number, to: number) => space.toJson(sets.get(outcomes[from]?.[to] as number).sure),
    possible: (from: number, to: number) => space.toJson(sets.get(outcomes[from]?.[to] as number).possible),
  };
}

/** `shop/web` → TCP … between pods of one policy text. */
function between(yaml: string, pods: readonly EdgeEndpoint[], given: Given = {}) {
  const set = policySet(yaml, given);
  return ask(set, pods.map(end), given);
}

describe('connectivity', () => {
  test('agrees with decide on every port of generated tiers', { timeout: 240_000 }, () => {
    const pods = ['one', 'two'].flatMap((ns) => LABELS.map((text) => pod(`${ns}/w${text}`, text)));
    fc.assert(
      fc.property(tieredSet, (set) => {
        const ranges = addressRanges([set]).map((range) => outside('external', range));
        const members = [...pods, ...ranges];
        const { compiled, space, truth } = ask(set, members.map(end), { namespaces: NAMESPACES });
        for (const [from, client] of members.entries()) {
          for (const [to, server] of members.entries()) {
            if (from === to || (client.kind === 'external' && server.kind === 'external')) continue;
            const { sure, possible } = truth(from, to);
            for (const port of [80, 81, 82, 83]) {
              const expected = decision(compiled, { client, server, protocol: 6, port });
              const [surely, perhaps] = [sure, possible].map((services) => space.contains(services, 6, port));
              expect(surely ? 'allow' : perhaps ? 'uncertain' : 'deny').toBe(expected);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is the intersection of what both sides allow', () => {
    const yaml = [
      networkPolicy(
        '{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 80, endPort: 90}]}]}',
        'web',
      ),
      networkPolicy(
        '{podSelector: {matchLabels: {app: cart}}, ingress: [{ports: [{port: 85, endPort: 99}, {protocol: UDP, port: 53}]}]}',
        'cart',
      ),
    ].join('---\n');
    const { allowed } = between(yaml, [pod('shop/web'), pod('shop/cart'), pod('shop/other')]);
    expect(allowed(0, 1)).toEqual({ TCP: '85-90' });
    expect(allowed(2, 1)).toEqual({ TCP: '85-99', UDP: '53' });
    expect(allowed(1, 0)).toBe('all');
  });

  test('resolves named ports at each destination', () => {
    const yaml = networkPolicy('{podSelector: {}, ingress: [{ports: [{port: http}]}]}');
    const [a, b, c, d] = [pod('shop/a'), pod('shop/b'), pod('shop/c'), pod('shop/d')];
    const workloads = [workload(a, 'http=TCP/8080'), workload(b, 'http=TCP/9090'), workload(c, 'http=UDP/80')];
    const { allowed, possible } = between(yaml, [a, b, c, d], { workloads });
    expect(allowed(1, 0)).toEqual({ TCP: '8080' });
    expect(allowed(0, 1)).toEqual({ TCP: '9090' });
    expect(allowed(0, 2)).toEqual({});
    expect(allowed(0, 3)).toEqual({});
    expect(possible(0, 3)).toEqual({ TCP: '1-65535' });
  });

  test('takes denied ports out of what is otherwise allowed', () => {
    const yaml = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: no-ssh}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress:
    - {name: no-ssh, action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 22}}]}
`;
    const { allowed } = between(yaml, [pod('shop/web'), pod('shop/cart')]);
    expect(allowed(0, 1)).toEqual({ TCP: '1-21,23-65535', UDP: '1-65535', SCTP: '1-65535' });
  });

  test('continues after a pass only with what was passed', () => {
    const yaml = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: gate}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress:
    - {action: Pass, from: [{namespaces: {}}], ports: [{portRange: {protocol: TCP, start: 80, end: 90}}]}
    - {action: Deny, from: [{namespaces: {}}]}
---
${networkPolicy('{podSelector: {}, ingress: [{ports: [{port: 85, endPort: 200}]}]}')}`;
    const { allowed } = between(yaml, [pod('shop/web'), pod('shop/cart')]);
    expect(allowed(0, 1)).toEqual({ TCP: '85-90' });
  });

  test('decides once what no policy tells apart', () => {
    const yaml = networkPolicy('{podSelector: {matchLabels: {app: cart}}, ingress: []}');
    const many = Array.from({ length: 50 }, (_, index) => pod(`shop/w${index}`));
    const { found } = between(yaml, [pod('shop/cart'), ...many]);
    expect(found.distinct).toBe(2);
  });
});

describe('address ranges', () => {
  test('are cut exactly where a block or an exception begins or ends', () => {
    const peers = '{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}';
    const set = policySet(networkPolicy(`{podSelector: {}, ingress: [{from: [${peers}]}]}`));
    expect(addressRanges([set])).toEqual([
      '0.0.0.0-9.255.255.255',
      '10.0.0.0-10.0.255.255',
      '10.1.0.0-10.1.255.255',
      '10.2.0.0-10.255.255.255',
      '11.0.0.0-255.255.255.255',
    ]);
  });

  test('are one when no policy names a block, and hold IPv6 only when a policy does', () => {
    expect(addressRanges([policySet(networkPolicy('{podSelector: {}}'))])).toEqual(['0.0.0.0-255.255.255.255']);
    const peer = '{ipBlock: {cidr: "2001:db8::/32"}}';
    const set = policySet(networkPolicy(`{podSelector: {}, ingress: [{from: [${peer}]}]}`));
    expect(addressRanges([set])).toEqual([
      '0.0.0.0-255.255.255.255',
      '::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
  });

  test('external blocks match no pod, whatever its address; else a block of all addresses matches every pod', () => {
    const set = policySet(networkPolicy('{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}'));
    const somewhere = { ...pod('shop/web'), address: '0.0.0.0-255.255.255.255' };
    const ends = [end(somewhere), end(pod('shop/cart')), end(outside('external', '0.0.0.0-255.255.255.255'))];
    const usual = ask(set, ends, {});
    expect([usual.allowed(0, 1), usual.allowed(2, 1)]).toEqual(['all', 'all']);
    const external = ask(withExternalBlocks(set), ends, {});
    expect([external.allowed(0, 1), external.allowed(2, 1)]).toEqual([{}, 'all']);
  });
});
