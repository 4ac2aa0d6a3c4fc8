import { describe, expect, it } from 'vitest';
import { SnapshotCollector } from '../../src/dialects/inventory/collect.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

const AT = Date.UTC(2026, 10, 3);
const CREATED = '2026-11-01T00:00:00Z';

type Json = Record<string, unknown>;

function collect(...objects: Json[]): Omit<Snapshot, 'cluster' | 'at' | 'digest' | 'covers'> {
  const collector = new SnapshotCollector(AT);
  for (const object of objects) expect(collector.add(object, '')).toBeUndefined();
  return collector.collected();
}

function object(kind: string, name: string, more: { metadata?: Json; spec?: Json; status?: Json } = {}): Json {
  return {
    kind,
    ...more,
    metadata: { name, namespace: 'shop', uid: `${kind}-${name}`, creationTimestamp: CREATED, ...more.metadata },
  };
}

const ownedBy = (kind: string, name: string): Json => ({ ownerReferences: [{ kind, name, controller: true }] });

describe('owners of pods', () => {
  const pod = (metadata: Json) => object('Pod', 'p', { metadata });
  const steps = [
    object('ReplicaSet', 'web-abc', { metadata: ownedBy('Deployment', 'web') }),
    object('ReplicaSet', 'canary-abc', { metadata: ownedBy('Rollout', 'canary') }),
    object('Job', 'backup-now', { metadata: ownedBy('CronJob', 'backup') }),
    object('Job', 'once'),
  ];
  it.each([
    ['a listed ReplicaSet', ownedBy('ReplicaSet', 'web-abc'), 'Deployment/web'],
    ['a ReplicaSet of something else', ownedBy('ReplicaSet', 'canary-abc'), 'Rollout/canary'],
    [
      'a ReplicaSet known by the hash',
      { ...ownedBy('ReplicaSet', 'old-77f'), labels: { 'pod-template-hash': '77f' } },
      'Deployment/old',
    ],
    ['a ReplicaSet of nobody', ownedBy('ReplicaSet', 'alone'), 'ReplicaSet/alone'],
    ['a listed Job of a CronJob', ownedBy('Job', 'backup-now'), 'CronJob/backup'],
    ['a Job known by its minute', ownedBy('Job', 'report-29631240'), 'CronJob/report'],
    ['a Job of nobody', ownedBy('Job', 'once'), 'Job/once'],
    ['a StatefulSet', ownedBy('StatefulSet', 'db'), 'StatefulSet/db'],
    ['its node', ownedBy('Node', 'node-1'), 'Pod/p'],
    ['nobody', {}, 'Pod/p'],
  ])('%s', (_, metadata, expected) => {
    // Lists of kubectl name pods first.
    const [read] = collect(pod(metadata), ...steps).pods;
    expect(`${read?.workloadKind}/${read?.workload}`).toBe(expected);
  });

  it('owners that are steps are no workloads of their own', () => {
    expect(collect(...steps).workloads.map(({ kind, name }) => `${kind}/${name}`)).toEqual(['Job/once']);
  });
});

describe('pods', () => {
  it('have stable labels to be told by and all labels to be selected by', () => {
    const labels = { app: 'web', 'pod-template-hash': 'abc', 'statefulset.kubernetes.io/pod-name': 'p' };
    const [pod] = collect(object('Pod', 'p', { metadata: { labels } })).pods;
    expect([...(pod?.labels.labels ?? [])]).toEqual([['app', 'web']]);
    expect(pod?.allLabels.size).toBe(3);
  });

  it('have their addresses from when the kubelet saw them, and give them back when they are done', () => {
    const running = {
      phase: 'Running',
      startTime: '2026-11-01T00:00:05Z',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
    };
    const terminated = (finishedAt: string) => ({ state: { terminated: { finishedAt } } });
    const done = {
      phase: 'Succeeded',
      containerStatuses: [terminated('2026-11-01T01:00:00Z'), terminated('2026-11-01T02:00:00Z')],
    };
    const [first, second, third] = collect(
      object('Pod', 'a', { status: running }),
      object('Pod', 'b', { status: done }),
      object('Pod', 'c', { status: { phase: 'Failed' } }),
    ).pods;
    expect(first).toMatchObject({
      since: Date.UTC(2026, 10, 1, 0, 0, 5),
      ended: 0,
      addresses: ['10.0.0.1', 'fd00::1'],
    });
    expect(second).toMatchObject({ since: Date.parse(CREATED), ended: Date.UTC(2026, 10, 1, 2) });
    expect(third?.ended).toBe(AT);
  });

  it('tell account, node, network and ports', () => {
    const containers = [
      {
        ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 53, protocol: 'UDP' }, { containerPort: 'x' }],
      },
    ];
    const initContainers = [
      { ports: [{ containerPort: 1 }] },
      { restartPolicy: 'Always', ports: [{ containerPort: 9 }] },
    ];
    const [pod] = collect(
      object('Pod', 'p', { spec: { containers, initContainers, nodeName: 'n', hostNetwork: true } }),
    ).pods;
    expect(pod).toMatchObject({
      ...{ serviceAccount: 'default', node: 'n', hostNetwork: true },
      ports: [
        { name: 'http', protocol: 6, port: 8080 },
        { name: '', protocol: 17, port: 53 },
        { name: '', protocol: 6, port: 9 },
      ],
    });
  });
});

describe('other objects', () => {
  it('Services have cluster, external and balancer addresses, none when headless', () => {
    const ports = [
      { port: 80, targetPort: 'http', name: 'web' },
      { port: 53, protocol: 'UDP' },
    ];
    const { services } = collect(
      object('Service', 'a', {
        spec: {
          clusterIP: '10.1.0.1',
          clusterIPs: ['10.1.0.1', 'fd01::1'],
          externalIPs: ['192.0.2.1'],
          selector: { app: 'a' },
          ports,
        },
        status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }, { hostname: 'x' }] } },
      }),
      object('Service', 'b', { spec: { clusterIP: 'None', clusterIPs: ['None'] } }),
      object('Service', 'c', { spec: { type: 'ExternalName', externalName: 'example.org' } }),
    );
    expect(services.map(({ addresses }) => addresses)).toEqual([
      ['10.1.0.1', 'fd01::1', '192.0.2.1', '203.0.113.1'],
      [],
      [],
    ]);
    expect(services[0]?.ports).toEqual([
      { name: 'web', protocol: 6, port: 80, target: 'http' },
      { name: '', protocol: 17, port: 53, target: '53' },
    ]);
  });

  it('nodes, namespaces and workloads tell what is needed of them', () => {
    const template = { metadata: { labels: { app: 'w' } }, spec: { serviceAccountName: 'sa', containers: [] } };
    const found = collect(
      object('Node', 'n', {
        status: {
          addresses: [
            { type: 'Hostname', address: 'n' },
            { type: 'InternalIP', address: '192.168.0.1' },
          ],
        },
      }),
      object('Namespace', 'shop', { metadata: { labels: { team: 'a' } } }),
      object('Deployment', 'd', { spec: { replicas: 3, template } }),
      object('CronJob', 'c', { spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } } }),
      object('DaemonSet', 'agent', { spec: { template }, status: { desiredNumberScheduled: 5 } }),
      object('DaemonSet', 'proxy', { spec: { template: { ...template, spec: { hostNetwork: true } } } }),
    );
    expect(found.nodes).toMatchObject([{ name: 'n', addresses: ['192.168.0.1'] }]);
    expect([...(found.namespaces[0]?.labels ?? [])]).toEqual([
      ['team', 'a'],
      ['kubernetes.io/metadata.name', 'shop'],
    ]);
    expect(
      found.workloads.map(({ kind, replicas, schedule, serviceAccount, labels }) => [
        kind,
        replicas,
        schedule,
        serviceAccount,
        labels.labels.get('app'),
      ]),
    ).toEqual([
      ['Deployment', 3, '', 'sa', 'w'],
      ['CronJob', 0, '0 3 * * *', 'sa', 'w'],
      ['DaemonSet', 5, '', 'sa', 'w'],
    ]);
  });
});

describe('what is not taken', () => {
  it.each([
    ['another kind', { kind: 'ConfigMap', metadata: { name: 'c' } }, '', { ignored: 'ConfigMap' }],
    ['no kind', { metadata: { name: 'p' } }, '', { wrong: expect.stringContaining('without kind') }],
    ['no name', { kind: 'Pod', metadata: {} }, '', { wrong: expect.stringContaining('metadata.name') }],
    [
      'no namespace',
      { kind: 'Pod', metadata: { name: 'p' } },
      '',
      { wrong: expect.stringContaining('metadata.namespace') },
    ],
    ['a kind like a method', { kind: 'toString', metadata: { name: 'p' } }, '', { ignored: 'toString' }],
  ])('%s', (_, value, list, expected) => {
    expect(new SnapshotCollector(AT).add(value, list)).toEqual(expected);
  });

  it('elements of a PodList need not repeat their kind', () => {
    const collector = new SnapshotCollector(AT);
    expect(collector.add({ metadata: { name: 'p', namespace: 'shop' } }, 'PodList')).toBeUndefined();
    expect(collector.kinds).toEqual(['Pod']);
  });
});
