import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Flow } from '../../../src/model/flow.ts';
import { decodeAll } from '../../helpers/decode-scenario.ts';
import { describeOutside } from '../../helpers/outside-data.ts';

const at = (flows: readonly Flow[], index: number): Flow => flows[index] as Flow;
const labelsOf = (flow: Flow) => [flow.client, flow.server].map((end) => Object.fromEntries(end.labels.labels));

describeOutside('outside samples', 'flows', (samples) => {
  const read = (name: string): Buffer => readFileSync(join(samples, name));
  const flowsOf = (name: string, options: Readonly<Record<string, string>> = {}): readonly Flow[] =>
    decodeAll(read(name), { options }).flows;

  it('Calico Enterprise: sorted chain, staged deny pending, reporter `dst, fwd`, unprotected workload', () => {
    const [first, second, third] = flowsOf('calico-enterprise/tigera-docs.jsonl') as [Flow, Flow, Flow];
    expect(first).toMatchObject({ verdict: 'allow', reason: 'would_deny', vantage: 'dst', serverPort: 80 });
    expect(first.allowedBy).toEqual(['np:ns1/tier1.policy1#3', 'np:policy-demo/access-nginx#2']);
    expect(first.pending).toContain('snp:ns2/tier1.policy1#1=deny');
    expect(labelsOf(first)).toEqual([{ app: 'access' }, { app: 'nginx' }]);
    expect(first).toMatchObject({ bytesForward: 388, bytesReverse: 1113 });
    expect(second).toMatchObject({ vantage: 'dst', allowedBy: [], attribution: 'full' });
    expect(third).toMatchObject({ vantage: 'fwd', allowedBy: ['gnp:default/allow-external-http#0'] });
  });

  it('Goldmane: the emitter spelling', () => {
    const [flow] = flowsOf('goldmane/emitter.DERIVED.ndjson') as [Flow];
    expect(flow).toMatchObject({ vantage: 'src', serverPort: 8503, connections: 1, bytesForward: 1226 });
    expect(flow.allowedBy).toEqual(['np:longhorn-system/allow-same-namespace#0']);
  });

  it('Antrea: both CSV forms give the denied edge, out-of-range enums count as not told', () => {
    for (const flow of flowsOf('antrea/flowlogger.csv')) {
      expect(flow).toMatchObject({ verdict: 'deny', serverPort: 5201, allowedBy: [] });
      expect(flow.deniedBy).toHaveLength(1);
    }
    const [first, second] = flowsOf('antrea/s3-records.csv') as [Flow, Flow];
    expect(first).toMatchObject({
      verdict: 'deny',
      bytesForward: 8982624938,
      bytesReverse: 7083284,
      servicePort: 5202,
    });
    expect(labelsOf(first)[0]).toEqual({ 'antrea-e2e': 'perftest-a', app: 'iperf' });
    expect(second.clientAddress).toBe('2001:0:3238:dfe1:63::fefb');
  });

  it('NetObserv: drops are faults of the data path, what leaves the cluster is kept, frames without IP are skipped', () => {
    const dropped = decodeAll(read('netobserv/web-console-flow_records_has_dropped.jsonl'));
    const first = at(dropped.flows, 0);
    expect(first).toMatchObject({ format: 'netobserv', vantage: 'src', verdict: 'error', reason: 'other_drop' });
    expect(dropped.flows).toHaveLength(50);
    expect(dropped.flows.every((flow) => flow.reason === 'other_drop' && flow.verdict !== 'deny')).toBe(true);
    const sent = decodeAll(read('netobserv/web-console-flow_records_sent.jsonl'));
    expect(sent.events.filter((event) => event.skip === 'not-ip')).toHaveLength(4);
    expect(sent.events.filter((event) => 'reject' in event)).toEqual([]);
    expect(flowsOf('netobserv/flp-benchmark-log-lines.head12.jsonl')).toHaveLength(12);
  });

  it('Inspektor Gadget: connects are not turned, offsets of times count', () => {
    const [first, second] = flowsOf('inspektor-gadget/trace_tcp.jsonl') as [Flow, Flow];
    expect(first).toMatchObject({ swapped: false, serverPort: 80, serverAddress: '1.1.1.1', vantage: 'src' });
    expect(first.client).toMatchObject({ pod: 'mypod2', namespace: 'default' });
    expect(new Date(second.time).toISOString()).toBe('2024-07-31T18:39:16.455Z');
    expect(second.client.pod).toBe('');
  });

  it('goflow2: nanoseconds, sampling and base64 sampler', () => {
    const [flow] = flowsOf('goflow2/readme-sflow.jsonl') as [Flow];
    expect(flow).toMatchObject({ sampling: 100, swapped: true, serverPort: 443, bytesReverse: 1500 });
    expect(new Date(flow.time).toISOString()).toBe('2023-04-15T18:28:15.157Z');
    expect(flowsOf('goflow2/flp-ipfix-capture.jsonl')[0]).toMatchObject({ bytesForward: 589, serverPort: 3306 });
  });

  it('AWS: headers name the columns; a custom format has to be configured', () => {
    const [accepted, rejected] = flowsOf('aws-vpc/otel-v2-multi.log') as [Flow, Flow];
    expect(accepted).toMatchObject({ verdict: 'allow', serverPort: 22, clientPort: 20641 });
    expect(rejected).toMatchObject({ verdict: 'deny', serverPort: 3389 });
    expect(flowsOf('aws-vpc/otel-v7-ecs.log')[0]).toMatchObject({ verdict: 'allow', serverPort: 22 });
    const custom = decodeAll(read('aws-vpc/otel-cloudwatch-subscription.json'));
    expect(custom.events.map((event) => Object.keys(event)[0])).toEqual(['reject', 'reject']);
  });

  it('GCP: two records of one connection agree after turning one round', () => {
    const flows = flowsOf('gcp-vpc/otel-vpcflow.jsonl');
    expect(flows).toHaveLength(8);
    const edge = (flow: Flow) => [
      flow.clientAddress,
      flow.clientPort,
      flow.serverAddress,
      flow.serverPort,
      flow.vantage,
    ];
    expect(edge(at(flows, 2))).toEqual(['10.10.0.2', 55502, '173.194.193.95', 443, 'src']);
    expect(edge(at(flows, 3))).toEqual(edge(at(flows, 2)));
    expect([at(flows, 2).swapped, at(flows, 3).swapped]).toEqual([false, true]);
    expect(at(flows, 7)).toMatchObject({ protocol: 1, clientPort: 0, serverPort: 0 });
  });

  it('ztunnel: the port behind the tunnel and the Service that was asked for', () => {
    const [flow] = flowsOf('istio/ztunnel-access.log') as [Flow];
    expect(flow).toMatchObject({ serverPort: 80, serviceName: 'echo', serviceNamespace: 'default', vantage: 'src' });
    expect(flow.client.principal).toBe('spiffe://cluster.local/ns/default/sa/default');
  });

  it('Kubescape: objects of both examples give their edges', () => {
    const flows = flowsOf('kubescape/networkneighborhood-operator.json');
    const named = flows.find((flow) => flow.serverNames.includes('version-check.ks-services.co'));
    expect(named).toMatchObject({ serverPort: 443, connections: 0, vantage: 'src', serverAddress: '35.186.253.219' });
    const edges = flowsOf('kubescape/networkneighborhood-example.yaml');
    expect(edges.map((flow) => [flow.vantage, flow.serverPort])).toEqual([
      ['dst', 6379],
      ['src', 5978],
    ]);
  });
});
