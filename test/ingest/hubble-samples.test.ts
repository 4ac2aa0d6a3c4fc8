import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Flow } from '../../src/model/flow.ts';
import { decodeAll } from '../helpers/decode-scenario.ts';
import { describeOutside } from '../helpers/outside-data.ts';

const labelsOf = (flow: Flow) => [flow.client, flow.server].map((end) => Object.fromEntries(end.labels.labels));

describeOutside('outside Hubble samples', 'flows/hubble', (samples) => {
  const decode = (name: string) => decodeAll(readFileSync(join(samples, name)));
  const flowsOf = (name: string): readonly Flow[] => decode(name).flows;

  it('replies and the request of one connection give one edge at the source', () => {
    const flows = flowsOf('docker-provider-acns.jsonl');
    expect(flows.map(({ swapped }) => swapped)).toEqual([true, true, false]);
    for (const flow of flows) {
      expect(flow).toMatchObject({ vantage: 'src', verdict: 'allow', serverPort: 8080, connections: 0 });
      expect(flow).toMatchObject({ oriented: 'reported', cluster: 'longtestnetworkflowcni' });
      expect([flow.client.workload, flow.server.workload]).toEqual(['kapinger-bad', 'kapinger-good']);
      expect(labelsOf(flow)).toEqual([
        { app: 'kapinger', server: 'bad' },
        { app: 'kapinger', server: 'good' },
      ]);
    }
  });

  it('a drop of the data path is no denial, a masked policy drop is one', () => {
    const [fault, denial] = flowsOf('cilium-docs-exporter.jsonl') as [Flow, Flow];
    expect(fault).toMatchObject({ verdict: 'error', reason: 'other_drop', icmpType: 133 });
    expect([fault.client.kind, fault.server.kind]).toEqual(['unknown', 'unknown']);
    expect(denial).toMatchObject({ verdict: 'deny', reason: 'default_deny', oriented: 'flags', serverPort: 80 });
    expect([denial.client.workload, denial.server.workload]).toEqual(['xwing', 'deathstar']);
    expect(denial.server.labels.id).toBe('0');
  });

  it('events that are no flows give no row, and a time of 1970 is refused', () => {
    const { flows, events } = decode('cilium-test-lines.jsonl');
    expect(flows).toEqual([]);
    expect(events.map((event) => Object.keys(event)[0])).toEqual(['reject', 'skip', 'lost', 'skip']);
  });

  it('a malformed line costs that line only', () => {
    const { flows, events } = decode('cpg-malformed.jsonl');
    expect(flows.map(({ serverPort }) => serverPort)).toEqual([8080, 8443]);
    expect(events.filter((event) => 'reject' in event)).toHaveLength(1);
  });

  it('L7 drops are L7 denials without what a URL may hide', () => {
    for (const flow of [...flowsOf('cpg-l7_http.jsonl'), ...flowsOf('cpg-l7_dns.jsonl')])
      expect(flow).toMatchObject({ verdict: 'deny', reason: 'l7_deny', oriented: 'reported' });
    expect(flowsOf('cpg-l7_http.jsonl').map(({ l7Detail }) => l7Detail)).toEqual([
      'GET /api/v1/users',
      'POST /api/v1/users',
      'GET /healthz',
      'GET /api/v1/orders',
    ]);
    expect(flowsOf('cpg-l7_dns.jsonl')[0]).toMatchObject({ l7: 'dns', l7Detail: 'A api.example.com' });
  });

  it('ICMP has a type and no ports; what is outside is external', () => {
    const flows = flowsOf('cpg-mixed_tcp_icmp.jsonl');
    expect(flows.map(({ protocol, serverPort, icmpType }) => [protocol, serverPort, icmpType])).toEqual([
      [6, 80, 255],
      [6, 443, 255],
      [1, 0, 8],
      [1, 0, 8],
    ]);
    expect(flows[3]?.server.kind).toBe('external');
  });

  it('drops and what was forwarded stay apart', () => {
    const verdicts = flowsOf('cpg-with_non_dropped.jsonl').map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['deny', 'allow', 'deny', 'allow', 'deny']);
    expect(flowsOf('cpg-small.jsonl').map(({ vantage }) => vantage)).toEqual(['dst', 'dst', 'src']);
  });
});
