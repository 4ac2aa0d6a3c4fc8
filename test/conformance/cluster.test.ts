import { expect, test } from 'vitest';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import { labelSet } from '../../src/model/labels.ts';
import { describeCorpus, Tally } from './corpus.ts';
import { type Pod, PROTOCOLS, podEndpoint } from './pods.ts';

interface Houses {
  readonly pods: readonly (Pod & {
    readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  })[];
  readonly tests: readonly {
    readonly test: string;
    readonly steps: readonly {
      readonly subtest: string;
      readonly policies: string;
      readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly probes: readonly {
        readonly src: string;
        readonly dst: string;
        readonly protocol: string;
        readonly port: number;
        readonly allowed: boolean;
      }[];
    }[];
  }[];
}

function inventory(pods: Houses['pods'], namespaces: Houses['tests'][number]['steps'][number]['namespaceLabels']) {
  return {
    workloads: pods.map(({ namespace, name, labels, ports }) => ({
      cluster: '',
      namespace,
      kind: 'Pod',
      name,
      labels: labelSet(new Map(Object.entries(labels))),
      namedPorts: ports.map((port) => ({ ...port, protocol: PROTOCOLS[port.protocol] ?? 0 })),
      portsKnown: true,
      serviceAccount: '',
      replicas: 1,
    })),
    namespaces: new Map(
      Object.entries(namespaces).map(([name, labels]) => [`/${name}`, new Map(Object.entries(labels))]),
    ),
  };
}

describeCorpus(
  'ClusterNetworkPolicy conformance suite',
  'kubernetes-sigs__network-policy-api/derived-conformance-v1alpha2',
  (corpus) => {
    test('every probe agrees', () => {
      const tally = new Tally();
      const { pods, tests } = corpus.json<Houses>('cases.json');
      const ends = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, { pod, endpoint: podEndpoint(pod) }]));
      for (const { test: name, steps } of tests) {
        for (const { subtest, policies, namespaceLabels, probes } of steps) {
          const compiled = compile(corpus.policies(policies), inventory(pods, namespaceLabels));
          for (const { src, dst, protocol, port, allowed } of probes) {
            const [client, server] = [ends.get(src), ends.get(dst)];
            if (client === undefined || server === undefined) throw new Error(`no pod ${src} or ${dst}`);
            const { decision } = decide(compiled, {
              client: client.endpoint,
              server: server.endpoint,
              protocol: PROTOCOLS[protocol] ?? 0,
              port,
              clientAddresses: [client.pod.ip],
              serverAddresses: [server.pod.ip],
            });
            tally.count(
              `${name}: ${subtest}, ${src} → ${dst} ${protocol}/${port}`,
              decision,
              allowed ? 'allow' : 'deny',
            );
          }
        }
      }
      tally.print('ClusterNetworkPolicy');
      expect(tally.differences).toEqual([]);
      expect(tally.total).toBe(284);
    });
  },
);
