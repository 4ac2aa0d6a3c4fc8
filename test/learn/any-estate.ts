import fc from 'fast-check';
import { anyCopies } from './any-copies.ts';
import type { Estate, EstateWorkload } from './estate.ts';

const NAMESPACES = ['shop', 'pay', 'kube-system'];
const KINDS = ['Deployment', 'StatefulSet', 'Pod', 'Rollout'];
const PORTS = ['TCP/80', 'TCP/8080', 'UDP/53', 'TCP/9187', 'SCTP/3868', 'ICMP/0'];

const workload: fc.Arbitrary<[string, EstateWorkload]> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    kind: fc.constantFrom(...KINDS),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    labels: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.dictionary(fc.constantFrom('app', 'tier', 'version', 'x'), fc.constantFrom('1', 'a', 'b')),
      },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    replicas: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ namespace, kind, name, labels, replicas }) => [`${namespace}/${kind}/${name}`, { labels, replicas }]);

const OUTSIDE = [
  'external:203.0.113.7',
  'external:2001:db8::7',
  'host:10.0.0.4',
  'private:192.168.7.20',
  'apiserver:10.0.0.1',
  'external:',
];

/** Workloads, some with equal or unknown labels, and traffic among them and with what is outside. */
const plainEstate: fc.Arbitrary<Estate> = fc
  .uniqueArray(workload, { minLength: 2, maxLength: 9, selector: ([id]) => id })
  .chain((workloads) => {
    const ends = fc.constantFrom(...workloads.map(([id]) => id), ...OUTSIDE);
    const line = fc
      .record({
        client: ends,
        server: ends,
        port: fc.constantFrom(...PORTS),
        days: fc.integer({ min: 1, max: 3 }),
        clients: fc.integer({ min: 1, max: 3 }),
        from: fc.integer({ min: 0, max: 4 }),
        flag: fc.constantFrom('', '', '', '', 'denied', 'unoriented'),
      })
      .filter(({ client, server }) => client.split('/').length === 3 || server.split('/').length === 3)
      .map((l) => `${l.client} > ${l.server} ${l.port} days=${l.days} clients=${l.clients} from=${l.from} ${l.flag}`);
    const traffic = fc.uniqueArray(line, { maxLength: 25, selector: (text) => text.split(' days')[0] });
    return traffic.map((lines) => ({ workloads: Object.fromEntries(workloads), traffic: lines }));
  });

/** The same, or copies of one application that differ here and there. */
export const anyEstate: fc.Arbitrary<Estate> = fc.oneof(
  { weight: 2, arbitrary: plainEstate },
  { weight: 1, arbitrary: anyCopies.map(({ uneven }) => uneven) },
);
