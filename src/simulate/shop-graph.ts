import type { GraphInput } from './graph.ts';

type Workload = GraphInput['workloads'][number];
type Call = NonNullable<GraphInput['calls']>[number];

const tcp = (name: string, port: number) => ({ name, port });
const service = (namespace: string, name: string, ports: readonly { port: number; targetPort: number }[]) => ({
  namespace,
  name,
  selector: { app: name },
  ports: [...ports],
});
const same = (...ports: number[]) => ports.map((port) => ({ port, targetPort: port }));

/** Who stands where: an online shop in five namespaces. */
const workloads: Workload[] = [
  {
    namespace: 'edge',
    name: 'gateway',
    labels: { app: 'gateway', tier: 'edge' },
    replicas: 2,
    ports: [tcp('http', 8080)],
    dualStack: true,
  },
  {
    namespace: 'shop',
    name: 'web',
    labels: { app: 'web', tier: 'frontend' },
    replicas: 3,
    ports: [tcp('http', 8080), tcp('metrics', 9102)],
    rollouts: [2.4, 4.6],
    dualStack: true,
  },
  {
    namespace: 'shop',
    name: 'catalog',
    labels: { app: 'catalog', tier: 'backend' },
    replicas: 2,
    ports: [tcp('http', 8080), tcp('metrics', 9102)],
  },
  {
    namespace: 'shop',
    name: 'cart',
    labels: { app: 'cart', tier: 'backend' },
    replicas: 2,
    ports: [tcp('http', 8080), tcp('metrics', 9102)],
    rollouts: [3.5],
  },
  {
    namespace: 'shop',
    name: 'orders',
    labels: { app: 'orders', tier: 'backend' },
    replicas: 2,
    ports: [tcp('http', 8080), tcp('metrics', 9102)],
  },
  {
    namespace: 'shop',
    name: 'reviews',
    labels: { app: 'reviews', tier: 'backend' },
    replicas: 2,
    ports: [tcp('http', 8080)],
  },
  {
    namespace: 'payments',
    name: 'payments',
    labels: { app: 'payments', tier: 'backend', pci: 'true' },
    replicas: 2,
    ports: [tcp('grpc', 9000), tcp('metrics', 9102)],
    serviceAccount: 'payments',
  },
  {
    namespace: 'data',
    name: 'postgres',
    kind: 'StatefulSet',
    labels: { app: 'postgres', tier: 'data' },
    replicas: 2,
    ports: [tcp('postgres', 5432)],
  },
  {
    namespace: 'data',
    name: 'redis',
    kind: 'StatefulSet',
    labels: { app: 'redis', tier: 'data' },
    replicas: 3,
    ports: [tcp('redis', 6379), tcp('bus', 16379)],
    rollouts: [5.2],
  },
  {
    namespace: 'data',
    name: 'kafka',
    kind: 'StatefulSet',
    labels: { app: 'kafka', tier: 'data' },
    replicas: 3,
    ports: [tcp('client', 9092), tcp('internal', 9093)],
    dualStack: true,
  },
  {
    namespace: 'shop',
    name: 'mailer',
    labels: { app: 'mailer', tier: 'backend' },
    replicas: 2,
    ports: [tcp('metrics', 9102)],
  },
  {
    namespace: 'shop',
    name: 'nightly-report',
    kind: 'CronJob',
    labels: { app: 'nightly-report', tier: 'batch' },
    schedule: { every: 'day', hour: 2, minute: 30 },
  },
  {
    namespace: 'observability',
    name: 'logs',
    labels: { app: 'logs', tier: 'platform' },
    replicas: 2,
    ports: [tcp('intake', 24224)],
  },
  {
    namespace: 'observability',
    name: 'prometheus',
    kind: 'StatefulSet',
    labels: { app: 'prometheus', tier: 'platform' },
    replicas: 2,
    ports: [tcp('web', 9090)],
  },
  {
    namespace: 'observability',
    name: 'node-exporter',
    kind: 'DaemonSet',
    labels: { app: 'node-exporter', tier: 'platform' },
    ports: [tcp('metrics', 9100)],
    hostNetwork: true,
  },
];

const call = (from: string, to: string, port: number, rate: number, more: Partial<Call> = {}): Call => ({
  from,
  to,
  port,
  rate,
  ...more,
});

/** Everybody writes logs; the collector never asks for them. */
const logging = [
  'edge/gateway',
  'shop/web',
  'shop/catalog',
  'shop/cart',
  'shop/orders',
  'shop/reviews',
  'payments/payments',
  'shop/mailer',
].map((client) => call(client, 'observability/logs', 24224, 4));
/** One scraper asks everybody. */
const scraping = ['shop/web', 'shop/catalog', 'shop/cart', 'shop/orders', 'payments/payments', 'shop/mailer'].map(
  (server) => call('observability/prometheus', server, 9102, 3),
);

const calls: Call[] = [
  call('external:customers', 'edge/gateway', 8080, 16),
  call('edge/gateway', 'shop/web', 8080, 16),
  call('shop/web', 'shop/catalog', 8080, 11, { l7: 'http' }),
  call('shop/web', 'shop/cart', 8080, 8),
  call('shop/web', 'shop/orders', 8080, 6),
  call('shop/web', 'shop/reviews', 8080, 6),
  call('shop/cart', 'data/redis', 6379, 8),
  call('shop/catalog', 'data/postgres', 5432, 7),
  call('shop/reviews', 'data/postgres', 5432, 5),
  call('shop/orders', 'data/postgres', 5432, 6),
  call('shop/orders', 'payments/payments', 9000, 5),
  call('shop/orders', 'data/kafka', 9092, 6),
  call('payments/payments', 'data/kafka', 9092, 4),
  call('payments/payments', 'external:bank', 443, 5),
  call('shop/mailer', 'data/kafka', 9092, 5),
  call('shop/mailer', 'external:mail-relay', 587, 3),
  call('data/kafka', 'data/kafka', 9093, 5),
  call('data/redis', 'data/redis', 16379, 5),
  call('data/postgres', 'data/postgres', 5432, 2),
  call('observability/prometheus', 'observability/node-exporter', 9100, 4),
  call('observability/prometheus', 'entity:kube-apiserver', 6443, 2),
  call('shop/web', 'data/redis', 6379, 1, { profile: 'few-a-day' }),
  call('shop/orders', 'shop/catalog', 8080, 1, { profile: 'weekly' }),
  { from: 'shop/nightly-report', to: 'data/postgres', port: 5432, connections: 6 },
  { from: 'shop/nightly-report', to: 'shop/orders', port: 8080, connections: 2 },
  ...logging,
  ...scraping,
];

/** The application of `microwall demo`, and an example of every part of the format. */
export const SHOP_GRAPH: GraphInput = {
  version: 1,
  name: 'shop',
  cluster: 'shop',
  days: 7,
  nodes: 3,
  namespaces: [
    { name: 'edge', labels: { team: 'platform' } },
    { name: 'shop', labels: { team: 'shop' } },
    { name: 'payments', labels: { team: 'payments', compliance: 'pci' } },
    { name: 'data', labels: { team: 'data' } },
    { name: 'observability', labels: { team: 'platform' } },
  ],
  workloads,
  services: [
    { ...service('edge', 'gateway', [{ port: 80, targetPort: 8080 }]), type: 'LoadBalancer' },
    service('shop', 'web', [{ port: 80, targetPort: 8080 }]),
    service('shop', 'catalog', [{ port: 80, targetPort: 8080 }]),
    service('shop', 'cart', [{ port: 80, targetPort: 8080 }]),
    service('shop', 'orders', [{ port: 80, targetPort: 8080 }]),
    service('shop', 'reviews', [{ port: 80, targetPort: 8080 }]),
    service('payments', 'payments', same(9000)),
    service('data', 'postgres', same(5432)),
    service('data', 'redis', same(6379)),
    service('data', 'kafka', same(9092)),
    service('observability', 'logs', same(24224)),
  ],
  external: [
    { name: 'customers', addresses: ['198.51.100.0/24', '2001:db8:100::/64'] },
    { name: 'bank', names: ['api.bank.example'], addresses: ['203.0.113.10', '203.0.113.11'] },
    { name: 'mail-relay', names: ['smtp.mail.example'], addresses: ['203.0.113.64/28'] },
  ],
  calls,
  attacks: [{ kind: 'scan', id: 'port-scan', from: 'shop/reviews', day: 4.55, hours: 2, closedPorts: [22] }],
  noise: { probesPerHour: 1 },
};
