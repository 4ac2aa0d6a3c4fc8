import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { random } from './replay-input.ts';

/** A generated cluster; every run writes the same files. */
export interface ClusterSize {
  readonly namespaces: number;
  readonly workloads: number;
  readonly policies: number;
  /** Share of policies that differ from those of the same size without it. */
  readonly changed?: number;
}

const TIERS = ['web', 'api', 'db', 'job', 'cache'];
const PORTS = [80, 443, 5432, 6379, 8080, 9090];

/** Writes one file of manifests and one of policies per namespace below `folder`. */
export function writeCluster(folder: string, { namespaces, workloads, policies, changed = 0 }: ClusterSize): void {
  const next = random(3);
  const differs = random(11);
  for (const kind of ['policies', 'apps']) mkdirSync(join(folder, kind), { recursive: true });
  for (let n = 0; n < namespaces; n++) {
    const count = (all: number) => Math.floor((all * (n + 1)) / namespaces) - Math.floor((all * n) / namespaces);
    const apps = Array.from({ length: count(workloads) }, (_, index) => `app-${n}-${index}`);
    const manifests = [namespaceOf(n), ...apps.map((app, index) => deployment(n, app, index))];
    const own = Array.from({ length: count(policies) }, (_, index) =>
      policy({ n, index, apps, namespaces, next }, differs() < changed),
    );
    writeFileSync(join(folder, 'apps', `ns-${n}.yaml`), manifests.map((one) => stringify(one)).join('---\n'));
    writeFileSync(join(folder, 'policies', `ns-${n}.yaml`), own.map((one) => stringify(one)).join('---\n'));
  }
}

function namespaceOf(n: number): unknown {
  const labels = { team: `team-${n % 20}`, env: n % 3 === 0 ? 'test' : 'prod' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `ns-${n}`, labels } };
}

function deployment(n: number, app: string, index: number): unknown {
  const labels = { app, tier: TIERS[index % TIERS.length], team: `team-${n % 20}` };
  const port = PORTS[index % PORTS.length];
  const container = { name: 'main', image: 'example/app:1', ports: [{ name: 'http', containerPort: port }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace: `ns-${n}` },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app } },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

interface Place {
  readonly n: number;
  readonly index: number;
  readonly apps: readonly string[];
  readonly namespaces: number;
  readonly next: () => number;
}

/** In half of the namespaces the first policy denies and the second allows DNS; all others open single services. */
function policy(place: Place, changed: boolean): unknown {
  const { n, index } = place;
  const metadata = { name: `policy-${index}`, namespace: `ns-${n}` };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: specOf(place, changed) };
}

function specOf({ n, index, apps, namespaces, next }: Place, changed: boolean): unknown {
  const [from, to, other, kind, usual] = [next(), next(), next(), next(), next()];
  const port = changed ? 9443 : PORTS[Math.floor(usual * PORTS.length)];
  const pick = (share: number) => apps[Math.floor(share * apps.length)];
  if (index === 0 && n % 2 === 0) return { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
  if (index === 1 && n % 2 === 0) {
    const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: changed ? 5353 : 53 }));
    return { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }], ports }] };
  }
  const elsewhere = { 'kubernetes.io/metadata.name': `ns-${Math.floor(other * namespaces)}` };
  const peers = [
    { podSelector: { matchLabels: { app: pick(from) } } },
    kind < 0.3
      ? { namespaceSelector: { matchLabels: { team: `team-${Math.floor(other * 20)}` } } }
      : kind < 0.6
        ? { namespaceSelector: { matchLabels: elsewhere }, podSelector: { matchLabels: { tier: 'web' } } }
        : {
            ipBlock: { cidr: `10.${Math.floor(other * 250)}.0.0/16`, except: [`10.${Math.floor(other * 250)}.7.0/24`] },
          },
  ];
  const podSelector = { matchLabels: { app: pick(to) } };
  const ports = [{ protocol: 'TCP', port: kind < 0.2 ? 'http' : port }];
  return index % 2 === 0
    ? { podSelector, policyTypes: ['Ingress'], ingress: [{ from: peers, ports }] }
    : { podSelector, policyTypes: ['Egress'], egress: [{ to: peers, ports }] };
}
