import { describe, expect, it } from 'vitest';
import { graphOf, type Line, podsOf, QUIET, runGraph } from './build.ts';

const ends = (lines: readonly Line[], end: 'source' | 'destination') =>
  new Set(lines.flatMap((line) => (line.flow?.is_reply ? [] : (line.flow?.[end].labels ?? []))));

describe('what real clusters show', () => {
  it('renames the pods of a Deployment at a rollout and gives them another template hash', () => {
    const workloads = [
      { namespace: 'shop', name: 'web', labels: { app: 'web' }, replicas: 2, rollouts: [1] },
      { namespace: 'shop', name: 'cart', labels: { app: 'cart' }, ports: [{ port: 8080 }] },
    ];
    const { lines } = runGraph(graphOf({ workloads }));
    const openings = lines.filter((line) => line.flow?.event_type.type === 5);
    expect(podsOf(openings, 'source').size).toBe(4);
    const hashes = [...ends(lines, 'source')].filter((label) => label.startsWith('k8s:pod-template-hash='));
    expect(hashes.length).toBe(2);
  });

  it('keeps the name of a StatefulSet pod over a rollout and changes its address', () => {
    const workloads = [
      { namespace: 'shop', name: 'web', kind: 'StatefulSet' as const, labels: {}, rollouts: [1] },
      { namespace: 'shop', name: 'cart', labels: { app: 'cart' }, ports: [{ port: 8080 }] },
    ];
    const openings = runGraph(graphOf({ workloads })).lines.filter((line) => line.flow?.event_type.type === 5);
    expect(podsOf(openings, 'source')).toEqual(new Set(['web-0']));
    expect(new Set(openings.map((line) => line.flow?.IP.source)).size).toBe(2);
    expect(ends(openings, 'source')).toContain('k8s:statefulset.kubernetes.io/pod-name=web-0');
  });

  it('starts a new pod for every run of a CronJob', () => {
    const workloads = [
      {
        namespace: 'shop',
        name: 'job',
        kind: 'CronJob' as const,
        labels: {},
        schedule: { every: 'day' as const, hour: 4 },
      },
      { namespace: 'shop', name: 'cart', labels: { app: 'cart' }, ports: [{ port: 8080 }] },
    ];
    const { lines, tuples } = runGraph(
      graphOf({ workloads, calls: [{ from: 'shop/job', to: 'shop/cart', port: 8080 }] }),
    );
    const openings = lines.filter((line) => line.flow?.event_type.type === 5);
    expect([...podsOf(openings, 'source')].every((pod) => /^job-\d{8}-[a-z0-9]{5}$/.test(pod))).toBe(true);
    expect(tuples[0]).toMatchObject({ cause: 'scheduled', connections: 6, days: 2, clients: 2 });
    expect(openings.every((line) => line.time.slice(11, 13) === '04')).toBe(true);
  });

  it('shows hostNetwork pods as the node they run on', () => {
    const workloads = [
      { namespace: 'shop', name: 'web', labels: {}, replicas: 3 },
      { namespace: 'shop', name: 'cart', labels: {}, ports: [{ port: 8080 }], hostNetwork: true },
    ];
    const labels = ends(runGraph(graphOf({ workloads })).lines, 'destination');
    expect([...labels].every((label) => label === 'reserved:host' || label === 'reserved:remote-node')).toBe(true);
  });

  it('looks names up at the cluster DNS it adds, over both protocols', () => {
    const { lines, tuples } = runGraph(graphOf({ days: 7, noise: { ...QUIET, dns: 1, dnsTcp: 0.1 } }));
    const dns = tuples.filter((tuple) => tuple.kind === 'dns');
    expect(dns.map((tuple) => tuple.protocol)).toEqual(['TCP', 'UDP']);
    expect(ends(lines, 'destination')).toContain('k8s:k8s-app=kube-dns');
    expect(lines.some((line) => line.flow?.event_type.type === 129)).toBe(true);
  });

  it('probes every pod from its own node', () => {
    const { lines } = runGraph(graphOf({ noise: { ...QUIET, probesPerHour: 3 } }));
    const probes = lines.filter((line) => line.flow?.source.labels?.includes('reserved:host') && !line.flow.is_reply);
    expect(podsOf(probes, 'destination').size).toBe(5);
    expect(probes.every((line) => line.flow?.traffic_direction === 'INGRESS')).toBe(true);
  });

  it('speaks IPv6 beside IPv4 between dual-stack pods and to the world', () => {
    const workloads = [
      { namespace: 'shop', name: 'web', labels: {}, dualStack: true },
      { namespace: 'shop', name: 'cart', labels: {}, dualStack: true, ports: [{ port: 8080 }] },
    ];
    const external = [{ name: 'bank', names: ['bank.example'], addresses: ['203.0.113.0/30', '2001:db8:5::/64'] }];
    const calls = [
      { from: 'shop/web', to: 'shop/cart', port: 8080 },
      { from: 'shop/web', to: 'external:bank', port: 443 },
    ];
    const { lines } = runGraph(graphOf({ workloads, external, calls }));
    for (const port of [8080, 443]) {
      const of = lines.filter((line) => line.flow?.l4.TCP?.destination_port === port);
      expect(new Set(of.map((line) => line.flow?.IP.ipVersion))).toEqual(new Set(['IPv4', 'IPv6']));
    }
    const outside = lines.filter((line) => line.flow?.destination_names?.includes('bank.example'));
    expect(outside.every((line) => /^(203\.0\.113\.|2001:db8:5:)/.test(line.flow?.IP.destination ?? ''))).toBe(true);
  });

  it('reports lost events and repeats some records', () => {
    const { lines, records } = runGraph(
      graphOf({ days: 7, noise: { ...QUIET, lostEventsPerDay: 20, duplicates: 0.01 } }),
    );
    expect(lines.filter((line) => line.lost_events).length).toBeGreaterThan(50);
    expect(new Set(lines.map((line) => line.flow?.uuid)).size).toBeLessThan(records);
  });
});
