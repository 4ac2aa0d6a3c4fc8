import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { AskedOutput } from '../../src/app/learn/plan.ts';
import type { LearnOptions } from '../../src/learn/options.ts';
import { Failure } from '../../src/util/failure.ts';
import { anyEstate } from './any-estate.ts';
import { buildEstate, type Estate } from './estate.ts';
import { type DialectRun, runDialect } from './run-dialect.ts';

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

type Asked = Partial<AskedOutput> & Partial<Pick<LearnOptions, 'mode'>>;

function run(traffic: readonly string[], { mode = 'labels', ...asked }: Asked, before = ''): DialectRun {
  const found = runDialect(buildEstate({ workloads: WORKLOADS, traffic }), asked, { before, options: { mode } });
  expect(found.check.denied).toEqual([]);
  return found;
}

/** Workloads that some policy selects in a direction. */
function isolated(found: DialectRun, side: 'egress' | 'ingress' = 'egress'): string[] {
  const own = side === 'egress' ? /shop\/([a-z]+-?\d*)/ : /→.*shop\/([a-z]+-?\d*)/;
  const all = [...found.verdicts()].flatMap(([tuple, verdict]) =>
    verdict[side].selectedBy.length > 0 ? [own.exec(tuple)?.[1] ?? ''] : [],
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

test('existing labels name the canary where there are no function labels', () => {
  const mode = 'selectors';
  const all = [...CALLS, ...DNS];
  for (const dialect of ['kubernetes', 'cluster', 'calico', 'cilium', 'antrea'] as const)
    expect(isolated(run(all, { mode, dialect, canary: 'ring=0' })), dialect).toEqual([
      'web-0',
      'web-3',
      'web-6',
      'web-9',
    ]);
  const [few, half] = ['20%', '50%'].map((canary) => isolated(run(all, { mode, canary })));
  expect(few).toEqual(isolated(run(all, { canary: '20%' })));
  expect(half).toEqual(isolated(run(all, { canary: '50%' })));
  const first = run(all, { mode, canary: 'shop/web-7' });
  expect([...run(all, { mode, canary: 'shop/web-7' }, first.text).files]).toEqual([...first.files]);
  expect(isolated(run(all, { mode, canary: 'shop/web-8' }, first.text))).toEqual(['web-7', 'web-8']);
  const done = run(all, { mode }, first.text);
  expect(manifests(done)).toEqual(manifests(run(all, { mode })));
});

const TWINS: Estate['workloads'] = {
  ...WORKLOADS,
  'shop/Deployment/web-0': { labels: { app: 'web' } },
  'shop/Deployment/web-1': { labels: { app: 'web' } },
};

test('without function labels those who look alike take part together, or the canary is refused', () => {
  const of = (canary: string, before = '') =>
    runDialect(
      buildEstate({ workloads: TWINS, traffic: [...CALLS, ...DNS] }),
      { canary },
      { before, options: { mode: 'selectors' } },
    );
  for (let percent = 5; percent < 100; percent += 15) {
    const part = isolated(of(`${percent}%`));
    expect(part.includes('web-0')).toBe(part.includes('web-1'));
  }
  expect(() => of('shop/web-0')).toThrow('cannot tell shop/Deployment/web-0 from shop/Deployment/web-1');
  expect(isolated(of('app=web'))).toEqual(['web-0', 'web-1']);
  expect(isolated(of('shop/web-3', of('app=web').text))).toEqual(['web-0', 'web-1', 'web-3']);
});

test('in a mesh the canary is isolated at the servers, by labels that can be equal only', () => {
  const calls = Array.from({ length: 6 }, (_, i) => `shop/Deployment/web-${i + 6} > shop/Deployment/web-${i} TCP/8080`);
  for (const mode of ['labels', 'selectors'] as const) {
    const first = run(calls, { mode, dialect: 'istio', canary: 'ring=0' });
    expect(isolated(first, 'ingress')).toEqual(['web-0', 'web-3', 'web-6', 'web-9']);
    expect([...run(calls, { mode, dialect: 'istio', canary: 'ring=0' }, first.text).files]).toEqual([...first.files]);
    const second = run(calls, { mode, dialect: 'istio', canary: 'shop/web-1' }, first.text);
    expect(isolated(second, 'ingress')).toEqual(['web-0', 'web-1', 'web-3', 'web-6', 'web-9']);
    expect(manifests(run(calls, { mode, dialect: 'istio' }, second.text))).toEqual(
      manifests(run(calls, { mode, dialect: 'istio' })),
    );
  }
});

test('what a mesh isolated is not isolated in egress yet', () => {
  const first = run([...CALLS, ...DNS], { dialect: 'istio' });
  expect(isolated(run([...CALLS, ...DNS], { canary: 'shop/web-11', dialect: 'kubernetes' }, first.text))).toEqual([
    'web-11',
  ]);
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

test.each(['labels', 'selectors'] as const)('a withdrawn grant is gone for the canary first: %s', (mode) => {
  const first = run([...CALLS, ...DNS], { mode });
  const rest = [...CALLS.filter((line) => !/web-[67] /.test(line)), ...DNS];
  const second = run(rest, { mode }, first.text);
  const edited = second.text.replaceAll('expired: false', 'expired: false\n    remove: true');
  const third = run(rest, { mode, canary: 'shop/web-6' }, edited);
  const { pairs } = parse(third.text) as { pairs: { function: string; version: string }[] };
  expect(pairs.find((pair) => pair.function === 'cart')?.version).toBe('2.0.0');
  expect(decisions(third)).toEqual({ 'web-0': 'allow', 'web-6': 'deny', 'web-7': 'allow' });
  const fourth = run(rest, { mode, canary: 'shop/web-6' }, third.text);
  expect([...fourth.files]).toEqual([...third.files]);
  expect(decisions(run(rest, { mode }, fourth.text))).toEqual({ 'web-0': 'allow', 'web-6': 'deny', 'web-7': 'deny' });
});

test('an earlier version is not kept where the canary has all of its servers', () => {
  const first = run([...CALLS, ...DNS], {});
  const rest = [...CALLS.filter((line) => !/web-7 /.test(line)), ...DNS];
  const edited = run(rest, {}, first.text).text.replaceAll('expired: false', 'expired: false\n    remove: true');
  const third = run(rest, { canary: 'shop/cart' }, edited);
  expect([...third.files.keys()].filter((path) => path.includes('1.0.0'))).toEqual([]);
  expect(decisions(third)).toEqual({ 'web-0': 'allow', 'web-6': 'allow', 'web-7': 'deny' });
});

function decisions(found: DialectRun): Record<string, string> {
  const wanted = [...found.verdicts()].flatMap(([tuple, { decision }]) => {
    const client = /^pod shop\/(web-[067]) .* → pod shop\/cart .* 6\/8080$/.exec(tuple)?.[1];
    return client === undefined ? [] : [[client, decision] as const];
  });
  return Object.fromEntries(wanted.sort());
}

const RUNS = Number(process.env.CANARY_RUNS ?? 60);

test(
  'whatever the canary is, trusted traffic passes, and the same again changes no byte',
  () => {
    const canary = fc.constantFrom('1', '30%', '70', 'shop/', 'app=1', undefined);
    const dialect = fc.constantFrom('kubernetes', 'calico', 'cilium', 'antrea', 'cluster', 'istio' as const);
    const mode = fc.constantFrom('labels', 'selectors' as const);
    fc.assert(
      fc.property(anyEstate, fc.nat(20), canary, fc.tuple(dialect, mode), (estate, seen, first, [form, by]) => {
        const options = { mode: by };
        const few = buildEstate({ ...estate, traffic: estate.traffic.slice(0, seen) });
        const before = tried(few, { canary: first }, { options })?.text;
        const scene = buildEstate(estate);
        const asked = { canary: '50%', dialect: form };
        const edited = before?.replaceAll('expired: false', 'expired: false\n    remove: true');
        const found = tried(scene, asked, { options, before: edited ?? '' });
        if (found === undefined) return;
        expect(found.check.denied).toEqual([]);
        // What an earlier run granted and cannot be written any more is held back from the next run on.
        const again = runDialect(scene, asked, { options, before: found.text });
        expect(manifests(again)).toEqual(manifests(found));
        expect([...runDialect(scene, asked, { options, before: again.text }).files]).toEqual([...again.files]);
      }),
      { numRuns: RUNS },
    );
  },
  Math.max(120_000, 2_000 * RUNS),
);

/** Nothing when the canary is nobody, cannot be told from others, or a dialect has no such selectors. */
function tried(...args: Parameters<typeof runDialect>): DialectRun | undefined {
  try {
    return runDialect(...args);
  } catch (error) {
    if (error instanceof Failure && REFUSED.test(error.message)) return undefined;
    throw error;
  }
}

const REFUSED = /^no workload|existing labels cannot tell|can be said in dialect istio/;

test('what names no canary says so', () => {
  expect(() => run(CALLS, { canary: '0' })).toThrow('names no canary');
  expect(() => run(CALLS, { canary: 'app=nobody' })).toThrow('no workload that is isolated');
});
