import { expect, test } from 'vitest';
import { learn } from '../../src/learn/learn.ts';
import { boundHolds } from '../../src/learn/selectors/over-grant.ts';
import { buildEstate, type Estate } from './estate.ts';
import { checkEstate, filesOf, OPTIONS } from './run-estate.ts';

/** `size` apps of one tier, of which all but the last `silent` call the log service; each calls the shared cache. */
function logEstate(size: number, silent: number, port = 'TCP/24224', team = (_: number) => 'a'): Estate {
  const apps = Array.from({ length: size }, (_, i) => `shop/Deployment/app-${String(i).padStart(3, '0')}`);
  return {
    workloads: {
      'shop/Deployment/log': { labels: { app: 'log', tier: 'platform' } },
      'shop/Deployment/cache': { labels: { app: 'cache', tier: 'platform' } },
      ...Object.fromEntries(apps.map((id, i) => [id, { labels: { app: `app-${i}`, tier: 'apps', team: team(i) } }])),
    },
    traffic: [
      ...apps.map((id) => `${id} > shop/Deployment/cache TCP/6379`),
      ...apps.slice(0, size - silent).map((id) => `${id} > shop/Deployment/log ${port}`),
    ],
  };
}

function logPair(estate: Estate, maxOverGrant = OPTIONS.maxOverGrant) {
  const { edges, inventory } = buildEstate(estate);
  const options = { ...OPTIONS, mode: 'selectors' as const, maxOverGrant };
  expect(checkEstate({ edges, inventory }, options).denied).toEqual([]);
  const { pairs } = learn(edges, inventory, options).learned;
  return pairs.find(({ service }) => service.members.some(({ name }) => name === 'log'));
}

test('as many as the bound takes: 59 of 59, and 93 where one is missing', () => {
  expect([58, 59].map((members) => boundHolds(members, 0, 0.05))).toEqual([false, true]);
  expect([92, 93].map((members) => boundHolds(members, 1, 0.05))).toEqual([false, true]);
  expect([13, 14].map((members) => boundHolds(members, 0, 0.2))).toEqual([false, true]);
  expect(boundHolds(100, 6, 0.05)).toBe(false);
});

test('what nearly all clients share stands for them, within the bound, and it is said for whom else', () => {
  const pair = logPair(logEstate(100, 1));
  expect(pair?.client.members).toHaveLength(100);
  expect(pair?.client.selections.flatMap(({ selectors }) => selectors)).toHaveLength(1);
  expect(pair?.overGrant).toBe(0.01);
  expect(pair?.reviews).toEqual([
    'shop/app-099 may call as well: they carry what all clients carry, and were not seen calling',
  ]);
});

test('too few clients, too many strangers, a bound of 0 and a sensitive port keep selectors exact', () => {
  expect(logPair(logEstate(80, 1))?.client.members).toHaveLength(79);
  expect(logPair(logEstate(100, 6))?.client.members).toHaveLength(94);
  expect(logPair(logEstate(100, 1), 0)?.client.members).toHaveLength(99);
  expect(logPair(logEstate(100, 1, 'TCP/22'))?.client.members).toHaveLength(99);
});

test('a team that stands apart does not hide behind a good average', () => {
  const team = (i: number) => (i >= 290 ? 'b' : 'a');
  expect(logPair(logEstate(300, 3))?.client.members).toHaveLength(300);
  expect(logPair(logEstate(300, 3, 'TCP/24224', team))?.client.members).toHaveLength(297);
});

test('who tried and is held back is not let in by the labels of others', () => {
  const estate = logEstate(100, 1);
  const traffic = [
    ...estate.traffic,
    'shop/Deployment/app-099 > shop/Deployment/log TCP/24224 days=1 clients=1 hours=1',
  ];
  expect(logPair({ ...estate, traffic })?.client.members).toHaveLength(99);
});

test('the next run comes to the same, and no longer when the evidence is gone', () => {
  const options = { mode: 'selectors' as const };
  const first = filesOf(buildEstate(logEstate(100, 1)), options);
  const text = first.get('micropolicies.yaml') ?? '';
  expect(Object.fromEntries(filesOf(buildEstate(logEstate(100, 1)), options, text))).toEqual(Object.fromEntries(first));
  const grown = filesOf(buildEstate(logEstate(110, 11)), options, text).get('micropolicies.yaml') ?? '';
  expect(grown).not.toContain('beyond:');
});
