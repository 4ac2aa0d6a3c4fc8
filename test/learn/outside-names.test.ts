import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildEstate, type Estate } from './estate.ts';
import { runDialect } from './run-dialect.ts';

const WORKLOADS: Estate['workloads'] = {
  'shop/Deployment/pay': { labels: { app: 'pay' } },
  'shop/Deployment/mail': { labels: { app: 'mail' } },
  'kube-system/Deployment/coredns': { labels: { 'k8s-app': 'kube-dns' } },
};
const DNS = 'shop/Deployment/pay > kube-system/Deployment/coredns UDP/53,TCP/53';
const BANK = 'shop/Deployment/pay > external:198.51.100.9 TCP/443 names=api.bank.example';

function rendered(traffic: readonly string[], dialect: 'cilium' | 'antrea' | 'calico', outside?: 'addresses'): string {
  const scene = buildEstate({ workloads: WORKLOADS, traffic: [DNS, ...traffic] });
  const run = runDialect(scene, { dialect, ...(outside && { outside }) });
  expect(run.check).toMatchObject({ denied: [], uncertain: 0 });
  return [...run.files].flatMap(([path, text]) => (path.startsWith(`${dialect}/`) ? [text] : [])).join('---\n');
}

test('a server outside is called by its name where the dialect knows names', () => {
  expect(rendered([BANK], 'cilium')).toMatch(/toFQDNs:\n +- matchName: api\.bank\.example\n/);
  expect(rendered([BANK], 'antrea')).toContain('fqdn: api.bank.example');
  expect(rendered([BANK], 'calico')).toContain('198.51.100.9/32');
  expect(rendered([BANK], 'cilium', 'addresses')).toContain('cidr: 198.51.100.9/32');
});

test('with names, Cilium has to see the lookups, and every name may be looked up', () => {
  expect(rendered([BANK], 'cilium')).toMatch(/port: "53"\n +protocol: UDP\n +rules:\n +dns:\n +- matchPattern: "\*"/);
  expect(rendered([], 'cilium')).not.toContain('rules:');
});

test('every name counts under which an address was called', () => {
  const other = BANK.replace('names=api.bank.example', 'names=API.bank-2.example.').replace('pay', 'mail');
  const text = rendered([BANK, other], 'cilium');
  expect(text).toContain('matchName: api.bank.example');
  expect(text).toContain('matchName: api.bank-2.example');
});

test('one call without a name, and the addresses are granted', () => {
  const bare = 'shop/Deployment/mail > external:198.51.100.9 TCP/443';
  for (const dialect of ['cilium', 'antrea'] as const) {
    expect(rendered([BANK, bare], dialect)).toContain('198.51.100.9/32');
    expect(rendered([BANK, bare], dialect)).not.toContain('bank.example\n');
  }
});

test('names of sets and services are no names of hosts', () => {
  const set = 'shop/Deployment/pay > external:amazon=198.51.100.9 TCP/443';
  expect(rendered([set], 'cilium')).toContain('cidr: 198.51.100.9/32');
});

test('callers from outside have addresses only, and nodes are an entity of Cilium', () => {
  const callers = [
    'external:203.0.113.7 > shop/Deployment/pay TCP/443 names=some.example',
    'host:10.0.0.4 > shop/Deployment/pay TCP/80',
  ];
  const text = rendered([...callers, 'shop/Deployment/pay > host:10.0.0.4 TCP/9100'], 'cilium');
  expect(text).toContain('fromCIDRSet');
  expect(text).toMatch(/toEntities:\n +- host\n +- remote-node/);
});

test('whatever has a name, what was trusted is allowed', () => {
  const address = fc.constantFrom('198.51.100.9', '198.51.100.10', '203.0.113.1', '2001:db8::9');
  const names = fc.subarray(['a.example', 'b.example', '*.c.example', 'Not a name', 'd.example.']);
  const line = fc
    .record({ client: fc.constantFrom('pay', 'mail'), address, names, port: fc.constantFrom(443, 80) })
    .map((l) => {
      const known = l.names.length > 0 ? ` names=${l.names.join(',').replaceAll(' ', '')}` : '';
      return `shop/Deployment/${l.client} > external:${l.address} TCP/${l.port}${known}`;
    });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('cilium', 'antrea'), (traffic, dialect) => {
      rendered(traffic, dialect as 'cilium');
    }),
    { numRuns: RUNS },
  );
}, 60_000);

const RUNS = 100;
