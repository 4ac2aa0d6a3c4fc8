import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Edge, EdgeEndpoint } from '../../src/model/edge.ts';
import { parseEndpointQuery } from '../../src/model/endpoint-query.ts';
import type { Flow } from '../../src/model/flow.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { buildInventory } from '../../src/store/read/build-inventory.ts';
import { readEdges } from '../../src/store/read/edges.ts';
import { type FlowFilter, readFlows } from '../../src/store/read/flows.ts';
import { readInventory } from '../../src/store/read/inventory.ts';
import { TABLES } from '../../src/store/schema/ddl.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { writeSnapshot } from '../../src/store/write/snapshot.ts';
import { batchOf, positioned } from '../store/arbitrary-flows.ts';
import { at, bareFlow, end, labels, pod, service, snapshot } from '../store/small-cluster.ts';
import { BACKENDS, type TestStore } from './store-backends.ts';

const ALWAYS = { from: 0, to: at(24 * 365) };

/** `shop/Deployment/cart{app=cart}` of a pod; `kind peer address` of anything else. */
function endText({ kind, namespace, workload, workloadKind, labels: set, peer, address }: EdgeEndpoint): string {
  const known = set.id === UNKNOWN_LABELS.id ? '?' : [...set.labels].map(([key, value]) => `${key}=${value}`).join(',');
  if (kind === 'pod') return `${namespace}/${workloadKind}/${workload}{${known}}`;
  return [kind, namespace, peer, address].filter((part) => part !== '').join(' ');
}

const edgeText = (edge: Edge): string =>
  `${endText(edge.client)} > ${endText(edge.server)}:${edge.port} ×${edge.passed?.flows ?? 0}`;

const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

/** Snapshots at hours 1 to 5 of pods that come and go and take over each other's addresses. */
const worldArbitrary = fc
  .array(
    fc.record({
      address: fc.constantFrom(...ADDRESSES),
      since: fc.integer({ min: 0, max: 40 }),
      life: fc.integer({ min: 1, max: 25 }),
    }),
    { minLength: 4, maxLength: 8 },
  )
  .map((lives) => {
    const pods = lives.map(({ address, since, life }, n) => ({
      listed: pod(`p-${n}`, address, { workload: `p${n}`, since: at(since / 8 + n / 1000) }),
      end: at((since + life) / 8),
    }));
    return [1, 2, 3, 4, 5].map((hours) =>
      snapshot(hours, {
        pods: pods
          .filter(({ listed, end: ends }) => listed.since <= at(hours) && at(hours) < ends)
          .map(({ listed }) => listed),
      }),
    );
  });

/** Who had an address, in the plainest way: the last to begin, unless a snapshot no longer listed it by then. */
function holderOf(world: readonly Snapshot[], address: string, time: number): string {
  const pods = new Map(world.flatMap(({ pods: listed }) => listed.map((one) => [one.uid, one])));
  const [last] = [...pods.values()]
    .filter((one) => one.addresses[0] === address && one.since <= time)
    .sort((a, b) => b.since - a.since);
  if (last === undefined) return '';
  const seen = world.filter(({ pods: listed }) => listed.some(({ uid }) => uid === last.uid)).map((one) => one.at);
  const gone = world.find((one) => one.at > Math.max(...seen))?.at ?? Number.POSITIVE_INFINITY;
  return time < gone ? last.workload : '';
}

for (const backend of BACKENDS) {
  describe.skipIf(backend.skip !== '')(`inventory join, ${backend.name}${backend.skip && ` (${backend.skip})`}`, () => {
    let opened: TestStore;
    let round = 0;

    beforeAll(async () => {
      opened = await backend.start();
    });
    afterAll(() => opened.end());

    async function empty(): Promise<void> {
      for (const { name } of TABLES) await opened.store.command(`TRUNCATE TABLE ${name}`);
      round += 1;
    }
    let batch = 0;
    async function flows(some: readonly Flow[]): Promise<void> {
      batch += 1;
      await writeBatch(opened.store, batchOf(`${round}-${batch}`, positioned(some, `file:${round}-${batch}`)));
    }
    async function snapshots(...some: readonly Snapshot[]): Promise<void> {
      for (const one of some) await writeSnapshot(opened.store, { ...one, digest: `${one.digest}${round}` });
      await buildInventory(opened.store, 'prod');
    }
    const edges = async (): Promise<string[]> => (await readEdges(opened.store, ALWAYS)).map(edgeText).sort();

    test('without an inventory addresses stay addresses', async () => {
      await empty();
      await flows([bareFlow(at(1), '10.0.0.1', '10.0.0.2')]);
      expect(await edges()).toEqual(['unknown 10.0.0.1 > unknown 10.0.0.2:8080 ×1']);
    });

    test('flows that came before the inventory and flows that came after it get the same ends', async () => {
      await empty();
      await flows([bareFlow(at(1.2), '10.0.0.1', '10.0.0.2')]);
      await snapshots(snapshot(2, { pods: [pod('web-1', '10.0.0.1'), pod('cart-1', '10.0.0.2')] }));
      await flows([
        bareFlow(at(3), '10.0.0.1', '10.0.0.2'),
        bareFlow(at(3), '10.0.0.1', '203.0.113.9', { server: end({ kind: 'external' }) }),
      ]);
      expect(await edges()).toEqual([
        'shop/Deployment/web{app=web} > external 203.0.113.9:8080 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/cart{app=cart}:8080 ×2',
      ]);
    });

    test('an address that changed hands belongs to whoever had it at the time of the flow', async () => {
      await empty();
      await flows([
        bareFlow(at(1.1), '10.0.0.1', '10.0.0.2'),
        bareFlow(at(1.9), '10.0.0.1', '10.0.0.2'),
        bareFlow(at(4.5), '10.0.0.1', '10.0.0.2'),
      ]);
      await snapshots(
        snapshot(1, { pods: [pod('web-1', '10.0.0.1'), pod('cart-1', '10.0.0.2')] }),
        snapshot(2, { pods: [pod('job-1', '10.0.0.1', { since: at(1.5) }), pod('cart-1', '10.0.0.2')] }),
        snapshot(4, { pods: [pod('cart-1', '10.0.0.2')] }),
      );
      const split = [
        'shop/Deployment/job{app=job} > shop/Deployment/cart{app=cart}:8080 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/cart{app=cart}:8080 ×1',
        'unknown 10.0.0.1 > shop/Deployment/cart{app=cart}:8080 ×1',
      ];
      expect(await edges()).toEqual(split);
      // Without the flows themselves an hour in which it changed hands is too long to tell.
      await opened.store.command('TRUNCATE TABLE flows');
      expect(await edges()).toEqual(['unknown 10.0.0.1 > shop/Deployment/cart{app=cart}:8080 ×3']);
      // Flows of the same hour that lie on one side of the change still tell.
      await flows([bareFlow(at(1.6), '10.0.0.1', '10.0.0.2', { serverPort: 9090 })]);
      await opened.store.command('TRUNCATE TABLE flows');
      expect(await edges()).toContain('shop/Deployment/job{app=job} > shop/Deployment/cart{app=cart}:9090 ×1');
    });

    test('the order in which snapshots come and their repetition do not matter', async () => {
      const some = [
        snapshot(1, { pods: [pod('web-1', '10.0.0.1'), pod('cart-1', '10.0.0.2')] }),
        snapshot(2, { pods: [pod('web-1', '10.0.0.1', { labels: labels({ app: 'web', tier: 'new' }) })] }),
        snapshot(3, {
          pods: [pod('job-1', '10.0.0.2', { since: at(2.5) }), pod('web-2', '10.0.0.1', { since: at(2.9) })],
        }),
      ];
      const sent = [0.5, 1.5, 2.25, 2.75, 3.5].flatMap((time, n) => [
        bareFlow(at(time), '10.0.0.1', '10.0.0.2', { serverPort: 8000 + n }),
      ]);
      const results: string[][] = [];
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0, 1, 0, 2],
      ]) {
        await empty();
        await flows(sent.slice(0, 2));
        for (const n of order) await snapshots(some[n] as Snapshot);
        await flows(sent.slice(2));
        results.push(await edges());
      }
      expect(results[0]).toEqual([
        'shop/Deployment/web{app=web,tier=new} > shop/Deployment/job{app=job}:8003 ×1',
        'shop/Deployment/web{app=web,tier=new} > unknown 10.0.0.2:8002 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/cart{app=cart}:8000 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/cart{app=cart}:8001 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/job{app=job}:8004 ×1',
      ]);
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    });

    test('whatever snapshots say and in whichever order they come, a flow gets who had its address', async () => {
      const seed = 7;
      for (const [at0, world] of fc.sample(worldArbitrary, { numRuns: 4, seed }).entries()) {
        const probes = Array.from({ length: 24 }, (_, n) => ({ time: at(n / 4), address: ADDRESSES[n % 3] as string }));
        await empty();
        await flows(
          probes.map(({ time, address }, n) => bareFlow(time, address, '203.0.113.1', { serverPort: 2000 + n })),
        );
        const order = [...world.entries()].sort(([a], [b]) => ((a * 7 + at0) % 5) - ((b * 7 + at0) % 5));
        await snapshots(...order.map(([, listed]) => listed));
        const found = (await readEdges(opened.store, ALWAYS)).map(({ port, client }) => [port, client.workload]);
        const expected = probes.map((probe, n) => [2000 + n, holderOf(world, probe.address, probe.time)]);
        expect(found.sort()).toEqual(expected.sort());
      }
    });

    test('a partial snapshot ends nothing, and a finished pod gives its address back', async () => {
      await empty();
      await flows([0.5, 1.2, 3.5].map((time) => bareFlow(at(time), '10.0.0.1', '203.0.113.9')));
      await snapshots(
        snapshot(1, { pods: [pod('job-1', '10.0.0.1', { ended: at(1) })] }),
        snapshot(3, { covers: [], pods: [pod('web-1', '10.0.0.7')] }),
      );
      expect(await edges()).toEqual([
        'shop/Deployment/job{app=job} > unknown 203.0.113.9:8080 ×1',
        'unknown 10.0.0.1 > unknown 203.0.113.9:8080 ×2',
      ]);
    });

    test('a Service becomes the workload behind it and its pod port, if there is exactly one', async () => {
      await empty();
      const pods = [
        pod('web-1', '10.0.0.1'),
        pod('cart-1', '10.0.0.2'),
        pod('cart-2', '10.0.0.3'),
        pod('db-1', '10.0.0.4', { workload: 'db', allLabels: new Map([['app', 'two']]) }),
        pod('db-2', '10.0.0.5', { workload: 'db-old', allLabels: new Map([['app', 'two']]) }),
      ];
      const services = [
        service('cart', '10.1.0.1'),
        service('two', '10.1.0.2', { ports: [{ name: '', protocol: 6, port: 80, target: '5432' }] }),
        service('none', '10.1.0.3', { selector: new Map() }),
      ];
      await snapshots(snapshot(1, { pods, services }));
      await flows(
        ['10.1.0.1', '10.1.0.2', '10.1.0.3'].map((server) => bareFlow(at(2), '10.0.0.1', server, { serverPort: 80 })),
      );
      expect(await edges()).toEqual([
        'shop/Deployment/web{app=web} > service shop none 10.1.0.3:0 ×1',
        'shop/Deployment/web{app=web} > service shop two 10.1.0.2:0 ×1',
        'shop/Deployment/web{app=web} > shop/Deployment/cart{app=cart}:8080 ×1',
      ]);
    });

    test('nodes are hosts, host-network pods are their node, and names that a source told are believed', async () => {
      await empty();
      const web = end({ kind: 'pod', namespace: 'shop', workload: 'web', workloadKind: 'Deployment', pod: 'web-9' });
      await snapshots(
        snapshot(1, {
          nodes: [{ uid: 'n', name: 'node-1', since: at(0), addresses: ['192.168.0.1'] }],
          pods: [
            pod('agent-1', '192.168.0.1', { hostNetwork: true, workload: 'agent', workloadKind: 'DaemonSet' }),
            pod('web-1', '10.0.0.1'),
            pod('cart-1', '10.0.0.2'),
          ],
        }),
      );
      await flows([
        bareFlow(at(2), '192.168.0.1', '10.0.0.2'),
        // The pod has another address than any the inventory knows; its workload's name tells its labels.
        bareFlow(at(2), '10.0.9.9', '10.0.0.2', { client: web, serverPort: 1 }),
        // The inventory thinks this address is cart's; the source knows better.
        bareFlow(at(2), '10.0.0.2', '10.0.0.2', { client: web, serverPort: 2 }),
        // A source that knows labels but not what kind of workload it is.
        bareFlow(at(2), '10.0.0.1', '10.0.0.2', {
          client: { ...web, workloadKind: '', labels: labels({ app: 'web' }) },
          serverPort: 3,
        }),
      ]);
      const cart = 'shop/Deployment/cart{app=cart}';
      expect(await edges()).toEqual([
        `host node-1 192.168.0.1 > ${cart}:8080 ×1`,
        `shop/Deployment/web{app=web} > ${cart}:1 ×1`,
        `shop/Deployment/web{app=web} > ${cart}:2 ×1`,
        `shop/Deployment/web{app=web} > ${cart}:3 ×1`,
      ]);
    });

    test('single flows have the same ends, and can be asked for by them', async () => {
      await empty();
      await snapshots(
        snapshot(1, {
          pods: [pod('web-1', '10.0.0.1'), pod('cart-1', '10.0.0.2')],
          services: [service('cart', '10.1.0.1'), service('none', '10.1.0.2', { selector: new Map() })],
        }),
      );
      const web = {
        kind: 'pod',
        namespace: 'shop',
        workload: 'web',
        labels: labels({ app: 'web' }),
        pod: 'web-9',
      } as const;
      await flows([
        bareFlow(at(2), '10.0.0.1', '10.0.0.2'),
        bareFlow(at(3), '10.0.0.1', '10.1.0.1', { serverPort: 80 }),
        bareFlow(at(4), '10.0.0.1', '10.1.0.2', { serverPort: 80 }),
        bareFlow(at(5), '10.0.9.9', '10.0.0.2'),
        bareFlow(at(6), '10.0.0.7', '10.0.0.8', { client: end(web), format: 'hubble' }),
      ]);
      const found = async (filter: FlowFilter, limit = 0) => {
        const texts: string[] = [];
        for await (const some of readFlows(opened.store, ALWAYS, filter, limit))
          for (const { client, server } of some)
            texts.push(`${client.pod || client.address} > ${server.pod || endText(server)}:${server.port}`);
        return texts;
      };
      const all = [
        'web-9 > unknown 10.0.0.8:8080',
        '10.0.9.9 > cart-1:8080',
        'web-1 > service shop none 10.1.0.2:80',
        'web-1 > shop/Deployment/cart{app=cart}:8080',
        'web-1 > cart-1:8080',
      ];
      expect(await found({})).toEqual(all);
      expect(await found({}, 2)).toEqual(all.slice(0, 2));
      expect(await found({ server: parseEndpointQuery('shop/cart') })).toEqual([all[1], all[3], all[4]]);
      expect(await found({ server: parseEndpointQuery('shop/cart') }, 1)).toEqual([all[1]]);
      expect(await found({ client: parseEndpointQuery('app=web'), port: 8080 })).toEqual([all[0], all[3], all[4]]);
      expect(await found({ server: parseEndpointQuery('10.1.0.0/16') })).toEqual([all[2], all[3]]);
      expect(await found({ server: { by: 'kind', kinds: ['service'] } })).toEqual([all[2]]);
      expect(await found({ client: { by: 'kind', kinds: ['unknown'] } })).toEqual([all[1]]);
    });

    test('workloads without traffic are known from snapshots, with ports, accounts and wanted pods', async () => {
      await empty();
      const template = {
        namespace: 'shop',
        kind: 'Deployment',
        since: at(0),
        serviceAccount: 'default',
        schedule: '',
        ports: [],
      };
      await snapshots(
        snapshot(1, {
          pods: [
            pod('web-1', '10.0.0.1'),
            pod('gone-1', '10.0.0.9'),
            pod('proxy-1', '192.168.0.1', { hostNetwork: true }),
          ],
          workloads: [
            { ...template, uid: 'web', name: 'web', labels: labels({ app: 'web', of: 'template' }), replicas: 3 },
            { ...template, uid: 'idle', name: 'idle', labels: labels({ app: 'idle' }), replicas: 2 },
          ],
          namespaces: [{ name: 'shop', labels: new Map([['team', 'a']]) }],
        }),
        snapshot(2, { pods: [pod('web-1', '10.0.0.1')] }),
      );
      await flows([bareFlow(at(5), '10.0.0.1', '203.0.113.9')]);
      const { workloads, namespaces } = await readInventory(opened.store, { from: at(4), to: at(6) });
      expect(namespaces.get('prod/shop')).toEqual(new Map([['team', 'a']]));
      const known = {
        namedPorts: [{ name: 'http', protocol: 6, port: 8080 }],
        portsKnown: true,
        serviceAccount: 'default',
      };
      const whole = { cluster: 'prod', namespace: 'shop', kind: 'Deployment' };
      expect(workloads).toEqual([{ ...whole, ...known, name: 'web', labels: labels({ app: 'web' }), replicas: 1 }]);
      const before = await readInventory(opened.store, { from: at(0), to: at(2) });
      expect(before.workloads.map(({ name, replicas }) => [name, replicas])).toEqual([
        ['gone', 1],
        ['idle', 2],
        ['web', 3],
      ]);
    });

    test('a direction that only ports suggest holds where the inventory says that something listens', async () => {
      await empty();
      await flows(
        [8080, 5432, 9999].map((serverPort) =>
          bareFlow(at(2), '10.0.0.1', '10.0.0.2', { serverPort, oriented: 'ports' }),
        ),
      );
      const oriented = async () =>
        (await readEdges(opened.store, ALWAYS)).filter((edge) => edge.oriented).map(({ port }) => port);
      expect(await oriented()).toEqual([]);
      await snapshots(
        snapshot(1, {
          pods: [pod('web-1', '10.0.0.1'), pod('cart-1', '10.0.0.2')],
          services: [service('cart', '10.1.0.1', { ports: [{ name: '', protocol: 6, port: 1, target: '5432' }] })],
        }),
      );
      expect(await oriented()).toEqual([5432, 8080]);
      await flows([bareFlow(at(3), '10.0.0.3', '10.0.0.2', { serverPort: 9999 })]);
      expect((await oriented()).sort()).toEqual([5432, 8080, 9999, 9999]);
    });
  });
}
