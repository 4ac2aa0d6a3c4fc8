import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { AskedOutput } from '../../src/app/learn/plan.ts';
import { Failure } from '../../src/util/failure.ts';
import { anyEstate } from './any-estate.ts';
import { buildEstate, type Estate } from './estate.ts';
import { type DialectRun, runDialect } from './run-dialect.ts';
import type { Scene } from './run-estate.ts';

const WORKLOADS: Estate['workloads'] = Object.fromEntries([
  ...Array.from({ length: 12 }, (_, i) => [
    `shop/Deployment/web-${i}`,
    { labels: { app: `web-${i}`, ring: `${i % 3}` } },
  ]),
  ['shop/Deployment/cart', { labels: { app: 'cart', ring: '1' } }],
  ['kube-system/Deployment/coredns', { labels: { 'k8s-app': 'kube-dns' } }],
]);
const CALLS = Array.from({ length: 12 }, (_, i) => `shop/Deployment/web-${i} > shop/Deployment/cart TCP/8080`);
const DNS = Array.from({ length: 12 }, (_, i) => `shop/Deployment/web-${i} > kube-system/Deployment/coredns UDP/53`);

function run(traffic: readonly string[], asked: Partial<AskedOutput>, before = ''): DialectRun {
  const found = runDialect(buildEstate({ workloads: WORKLOADS, traffic }), asked, { before });
  expect(found.check.denied).toEqual([]);
  return found;
}

/** Workloads that some policy selects for egress, by what they call. */
function isolated(found: DialectRun): string[] {
  const all = [...found.verdicts()].flatMap(([tuple, { egress }]) =>
    egress.selectedBy.length > 0 ? [/shop\/([a-z]+-?\d*)/.exec(tuple)?.[1] ?? ''] : [],
  );
  return [...new Set(all)].sort();
}

const manifests = ({ files }: DialectRun) => [...files].filter(([path]) => path.includes('/')).sort();

test('a first run isolates the canary only, and more of it later', () => {
  const [few, half] = ['20%', '50%'].map((canary) => isolated(run([...CALLS, ...DNS], { canary })));
  expect(few?.length).toBeGreaterThan(0);
  expect(half?.length).toBeGreaterThan(few?.length ?? 0);
  expect(half).toEqual(expect.arrayContaining(few ?? []));
  expect(isolated(run([...CALLS, ...DNS], { canary: '100' }))).toHaveLength(12);
});

test('never nobody, and who is named by labels or by name', () => {
  expect(isolated(run([...CALLS, ...DNS], { canary: 'ring=0' }))).toEqual(['web-0', 'web-3', 'web-6', 'web-9']);
  expect(isolated(run([...CALLS, ...DNS], { canary: 'shop/web-7' }))).toEqual(['web-7']);
  const one = run([CALLS[0] ?? '', DNS[0] ?? ''], { canary: '1' });
  expect(isolated(one).length + manifests(one).length).toBeGreaterThan(0);
});

test('every form with a canary isolates the same', () => {
  const reference = isolated(run([...CALLS, ...DNS], { canary: 'ring=0' }));
  for (const dialect of ['cluster', 'calico', 'cilium', 'antrea'] as const)
    for (const scope of dialect === 'cluster' ? (['global'] as const) : (['namespace', 'global'] as const))
      expect(isolated(run([...CALLS, ...DNS], { canary: 'ring=0', dialect, scope })), dialect).toEqual(reference);
});

test('the same again changes no byte, and without a canary nothing of it is left', () => {
  const first = run([...CALLS, ...DNS], { canary: '30' });
  const again = run([...CALLS, ...DNS], { canary: '30' }, first.text);
  expect([...again.files]).toEqual([...first.files]);
  const done = run([...CALLS, ...DNS], {}, first.text);
  expect(manifests(done)).toEqual(manifests(run([...CALLS, ...DNS], {})));
  expect(done.text).not.toContain('waiting');
});

test('who is isolated already does not wait', () => {
  const first = run([...CALLS.slice(0, 6), ...DNS.slice(0, 6)], {});
  const second = run([...CALLS, ...DNS], { canary: 'shop/web-11' }, first.text);
  expect(isolated(second)).toEqual(['web-0', 'web-1', 'web-11', 'web-2', 'web-3', 'web-4', 'web-5']);
});

test('what was only staged is not enforced yet', () => {
  const first = run([...CALLS, ...DNS], { dialect: 'calico-staged' });
  expect(isolated(run([...CALLS, ...DNS], { canary: 'shop/web-11' }, first.text))).toEqual(['web-11']);
});

test('a withdrawn grant is gone for the canary first', () => {
  const first = run([...CALLS, ...DNS], {});
  const rest = [...CALLS.filter((line) => !/web-[67] /.test(line)), ...DNS];
  const second = run(rest, {}, first.text);
  const edited = second.text.replaceAll('expired: false', 'expired: false\n    remove: true');
  const third = run(rest, { canary: 'shop/web-6' }, edited);
  const { pairs } = parse(third.text) as { pairs: { function: string; version: string }[] };
  expect(pairs.find((pair) => pair.function === 'cart')?.version).toBe('2.0.0');
  expect(decisions(third)).toEqual({ 'web-0': 'allow', 'web-6': 'deny', 'web-7': 'allow' });
  const fourth = run(rest, { canary: 'shop/web-6' }, third.text);
  expect([...fourth.files]).toEqual([...third.files]);
  expect(decisions(run(rest, {}, fourth.text))).toEqual({ 'web-0': 'allow', 'web-6': 'deny', 'web-7': 'deny' });
});

function decisions(found: DialectRun): Record<string, string> {
  const wanted = [...found.verdicts()].flatMap(([tuple, { decision }]) => {
    const client = /^pod shop\/(web-[067]) .* → pod shop\/cart .* 6\/8080$/.exec(tuple)?.[1];
    return client === undefined ? [] : [[client, decision] as const];
  });
  return Object.fromEntries(wanted.sort());
}

test('whatever the canary is, trusted traffic passes, and the same again changes no byte', () => {
  const canary = fc.constantFrom('1', '30%', '70', 'shop/', 'app=1', undefined);
  const dialect = fc.constantFrom('kubernetes', 'calico', 'cilium', 'antrea', 'cluster' as const);
  fc.assert(
    fc.property(anyEstate, fc.nat(20), canary, dialect, (estate, seen, first, form) => {
      const before = tried(buildEstate({ ...estate, traffic: estate.traffic.slice(0, seen) }), { canary: first });
      const scene = buildEstate(estate);
      const asked = { canary: '50%', dialect: form };
      const found = tried(scene, asked, before?.text.replaceAll('expired: false', 'expired: false\n    remove: true'));
      if (found === undefined) return;
      expect(found.check.denied).toEqual([]);
      expect([...runDialect(scene, asked, { before: found.text }).files]).toEqual([...found.files]);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

const RUNS = 60;

/** Nothing when the canary is nobody. */
function tried(scene: Scene, asked: Partial<AskedOutput>, before = ''): DialectRun | undefined {
  try {
    return runDialect(scene, asked, { before });
  } catch (error) {
    if (error instanceof Failure && error.message.startsWith('no workload')) return undefined;
    throw error;
  }
}

test('what cannot have a canary says so', () => {
  expect(() => run(CALLS, { canary: '0' })).toThrow('names no canary');
  expect(() => run(CALLS, { canary: 'app=nobody' })).toThrow('no workload that is isolated');
  expect(() => run(CALLS, { canary: '10', dialect: 'istio' })).toThrow('Istio cannot select');
  expect(() => run(CALLS, { canary: '10', mode: 'selectors' })).toThrow('told from the rest by labels');
});
