import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../src/dialects/document/document.ts';
import { readWorkloads } from '../../src/dialects/workloads.ts';

function read(text: string) {
  const { workloads, namespaces } = readWorkloads(readDocuments({ name: 'apps.yaml', text }).documents);
  return {
    names: workloads.map(({ namespace, name, kind }) => `${namespace}/${name}[${kind}]`),
    workloads,
    namespaces,
  };
}

const pod = (name: string, owner: string, more = '') => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: web}${owner}}
spec: {containers: []}
${more}`;

describe('readWorkloads', () => {
  it('counts the pods of one owner as one, and a bare pod as itself', () => {
    const owner = ', ownerReferences: [{kind: StatefulSet, name: db, controller: true}]';
    expect(read([pod('db-0', owner), pod('db-1', owner), pod('bare', '')].join('---')).names).toEqual([
      'shop/bare[Pod]',
      'shop/db[StatefulSet]',
    ]);
  });

  it('follows owners as far as manifests tell', () => {
    const replicaSet = `
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-7f, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}
spec: {replicas: 2, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}`;
    const owner = ', ownerReferences: [{kind: ReplicaSet, name: web-7f, controller: true}]';
    expect(read([replicaSet, pod('web-7f-a', owner)].join('\n---')).names).toEqual(['shop/web[Deployment]']);
    expect(read(pod('web-7f-a', owner)).names).toEqual(['shop/web-7f[ReplicaSet]']);
    expect(read(replicaSet.replace('replicas: 2', 'replicas: 0')).names).toEqual([]);
  });

  it('keeps addresses, named ports and the account of running pods', () => {
    const text = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  serviceAccountName: front
  hostNetwork: true
  containers: [{ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}, {containerPort: 9}]}]
  initContainers: [{restartPolicy: Always, ports: [{name: proxy, containerPort: 15090}]}, {ports: [{name: setup, containerPort: 1}]}]
status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}`;
    const [web] = read(text).workloads;
    expect(web).toMatchObject({
      namespace: 'default',
      serviceAccount: 'front',
      hostNetwork: true,
      addresses: ['10.0.0.1', 'fd00::1'],
      namedPorts: [
        { name: 'http', protocol: 6, port: 80 },
        { name: 'dns', protocol: 17, port: 53 },
        { name: 'proxy', protocol: 6, port: 15090 },
      ],
    });
  });

  it('reads the template of a CronJob and the labels of namespaces', () => {
    const text = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: data}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: nightly}}, spec: {}}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: data, labels: {team: data}}`;
    const { names, workloads, namespaces } = read(text);
    expect(names).toEqual(['data/nightly[CronJob]']);
    expect(workloads[0]?.labels.labels.get('app')).toBe('nightly');
    expect(namespaces.get('data')).toEqual(
      new Map([
        ['team', 'data'],
        ['kubernetes.io/metadata.name', 'data'],
      ]),
    );
  });

  it('passes over what is malformed or of another API', () => {
    const text = `
apiVersion: example.com/v1
kind: Deployment
metadata: {name: other}
---
apiVersion: apps/v1
kind: Deployment
metadata: [oops]
---
apiVersion: v1
kind: Pod
metadata: {name: odd, labels: 7}
spec: {containers: {}}`;
    expect(read(text).names).toEqual(['default/odd[Pod]']);
  });
});
