import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { learnTable } from '../../src/app/learn/table.ts';
import { learn } from '../../src/learn/learn.ts';
import { anyCopies } from './any-copies.ts';
import { beyondTrusted } from './beyond-trusted.ts';
import { buildEstate, type Estate } from './estate.ts';
import { runDialect } from './run-dialect.ts';
import { checkEstate, filesOf, OPTIONS } from './run-estate.ts';

const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('copies of an application are as many functions as the application alone, with the same names', () => {
  fc.assert(
    fc.property(anyCopies, mode, ({ alone, copied }, chosen) => {
      const [one, three] = [alone, copied].map((estate) => {
        const { edges, inventory } = buildEstate(estate);
        const { pairs } = learn(edges, inventory, { ...OPTIONS, mode: chosen }).learned;
        // Where nothing else tells names apart, they end in a hash over the servers.
        return pairs.map((pair) => pair.function.replace(/-[0-9a-f]{6}$/, ''));
      });
      expect(three).toEqual(one);
    }),
    { numRuns: 200 },
  );
}, 60_000);

test('above an earlier run of a part of the traffic, nothing is granted but what is trusted, and it stays at that', () => {
  fc.assert(
    fc.property(anyCopies, mode, fc.nat(), ({ uneven }, chosen, seed) => {
      const asked = { mode: chosen };
      const part = { ...uneven, traffic: uneven.traffic.filter((_, i) => ((seed >> (i % 16)) & 1) === 0) };
      const first = filesOf(buildEstate(part), asked).get('micropolicies.yaml') ?? '';
      const scene = buildEstate(uneven);
      expect(beyondTrusted(scene, asked, first)).toEqual([]);
      const second = filesOf(scene, asked, first);
      const again = filesOf(scene, asked, second.get('micropolicies.yaml'));
      expect(Object.fromEntries(again)).toEqual(Object.fromEntries(second));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('nothing is granted from copy to copy', () => {
  fc.assert(
    fc.property(anyCopies, mode, ({ uneven }, chosen) => {
      const scene = buildEstate(uneven);
      expect(checkEstate(scene, { mode: chosen }).denied).toEqual([]);
      expect(beyondTrusted(scene, { mode: chosen })).toEqual([]);
    }),
    { numRuns: 200 },
  );
}, 60_000);

const NAMES = ['web', 'cart', 'db'];
const shop = (...namespaces: readonly string[]): Estate['workloads'] =>
  Object.fromEntries(
    namespaces.flatMap((namespace) =>
      NAMES.map((name) => [`${namespace}/Deployment/${name}`, { labels: { app: name, env: namespace } }]),
    ),
  );
const callsIn = (...namespaces: readonly string[]): string[] =>
  namespaces.flatMap((namespace) => [
    `${namespace}/Deployment/web > ${namespace}/Deployment/cart TCP/8080`,
    `${namespace}/Deployment/cart > ${namespace}/Deployment/db TCP/5432`,
  ]);

interface Pair {
  readonly id: string;
  readonly version: string;
  readonly function: string;
  readonly scope?: readonly { readonly namespace: string }[];
}

function learnt(estate: Estate, before = ''): { text: string; pairs: Record<string, string> } {
  const text = filesOf(buildEstate(estate), {}, before).get('micropolicies.yaml') ?? '';
  const { pairs } = parse(text) as { pairs: Pair[] };
  const told = pairs.map(({ function: name, version, scope }): [string, string] => {
    return [name, `${version} ${(scope ?? []).map(({ namespace }) => namespace).join()}`];
  });
  return { text, pairs: Object.fromEntries(told.filter(([name]) => name !== 'dns')) };
}

test('another copy joins the function under the name that it has', () => {
  const workloads = { ...shop('dev', 'prod', 'qa'), 'ops/Deployment/tool': { labels: { app: 'tool' } } };
  const one = learnt({ workloads, traffic: callsIn('dev') });
  expect(one.pairs).toEqual({ cart: '1.0.0 ', db: '1.0.0 ' });
  const named = one.text.replace('function: cart', 'function: basket');
  const two = learnt({ workloads, traffic: callsIn('dev', 'prod') }, named);
  expect(two.pairs).toEqual({ basket: '1.1.0 dev,prod', db: '1.1.0 dev,prod' });
  const three = learnt({ workloads, traffic: callsIn('dev', 'prod', 'qa') }, two.text);
  expect(three.pairs).toEqual({ basket: '1.2.0 dev,prod,qa', db: '1.2.0 dev,prod,qa' });
});

test('what is new in one copy alone changes no name and no label of the others', () => {
  const workloads = { ...shop('dev', 'prod'), 'ops/Deployment/tool': { labels: { app: 'tool' } } };
  const first = learnt({ workloads, traffic: callsIn('dev', 'prod') });
  const news = {
    'a port': 'dev/Deployment/web > dev/Deployment/cart TCP/9090',
    'a stranger': 'ops/Deployment/tool > dev/Deployment/cart TCP/8080',
    'a caller from another copy': 'dev/Deployment/web > prod/Deployment/cart TCP/8080',
  };
  for (const [what, line] of Object.entries(news)) {
    const { pairs } = learnt({ workloads, traffic: [...callsIn('dev', 'prod'), line] }, first.text);
    expect(pairs, what).toMatchObject({ cart: '1.0.0 dev,prod', db: '1.0.0 dev,prod' });
    expect(Object.keys(pairs), what).toHaveLength(3);
  }
  const caller = 'dev/Deployment/db > dev/Deployment/cart TCP/8080';
  const { pairs } = learnt({ workloads, traffic: [...callsIn('dev', 'prod'), caller] }, first.text);
  expect(pairs).toEqual({ cart: '1.1.0 dev,prod', db: '1.0.0 dev,prod' });
});

test('functions of a folder that has one for each copy stay as they are, and a further copy gets its own', () => {
  const workloads = shop('dev', 'prod', 'qa');
  const [dev, prod] = ['dev', 'prod'].map((namespace) => {
    const { text } = learnt({ workloads, traffic: callsIn(namespace) });
    return text
      .replace('function: cart', `function: cart-${namespace}`)
      .replace('function: db', `function: db-${namespace}`);
  }) as [string, string];
  const both = parse(dev) as { pairs: Pair[] };
  const own = (parse(prod) as { pairs: Pair[] }).pairs.filter((pair) => pair.function.endsWith('-prod'));
  const folder = stringify({ ...both, pairs: [...both.pairs, ...own] });
  const again = learnt({ workloads, traffic: callsIn('dev', 'prod') }, folder);
  expect(Object.keys(again.pairs)).toEqual(['cart-dev', 'cart-prod', 'db-dev', 'db-prod']);
  expect(Object.values(again.pairs).join()).not.toContain('dev');
  const more = learnt({ workloads, traffic: callsIn('dev', 'prod', 'qa') }, again.text);
  expect(more.pairs).toEqual({ ...again.pairs, cart: '1.0.0 ', db: '1.0.0 ' });
});

test('a function that only one copy is left of is still the same', () => {
  const workloads = shop('dev', 'prod');
  const first = learnt({ workloads, traffic: callsIn('dev', 'prod') });
  const later = learnt({ workloads, traffic: callsIn('dev') }, first.text);
  expect(later.pairs).toEqual({ cart: '1.0.0 dev,prod', db: '1.0.0 dev,prod' });
  expect(later.text).toContain('unused:');
});

test('pairs that a person takes out of the folder go into the one that is left', () => {
  const workloads = shop('dev', 'prod');
  const { text } = learnt({ workloads, traffic: callsIn('dev') });
  const folder = text.replace('function: cart', 'function: basket');
  const { pairs } = learnt({ workloads, traffic: callsIn('dev', 'prod') }, folder);
  expect(pairs).toEqual({ basket: '1.1.0 dev,prod', db: '1.1.0 dev,prod' });
});

test('where one policy spans namespaces, copies that stay apart have one each', () => {
  const scene = buildEstate({ workloads: shop('dev', 'prod'), traffic: callsIn('dev', 'prod') });
  const { files } = runDialect(scene, { dialect: 'calico', scope: 'global' });
  const text = `${files.get('calico/cart-client.yaml')}${files.get('calico/cart-service.yaml')}`;
  const names = [...text.matchAll(/^ {2}name: (.*)$/gm)].map(([, name]) => name);
  expect(names).toEqual(['cart-client-dev', 'cart-client-prod', 'cart-service-dev', 'cart-service-prod']);
});

test('the table says in how many namespaces, and who is the same in all of them', () => {
  const scene = buildEstate({ workloads: shop('dev', 'prod'), traffic: callsIn('dev', 'prod') });
  const { learned } = learn(scene.edges, scene.inventory, OPTIONS);
  expect(learnTable(learned, { sentences: {} })).toMatch(
    /cart \(in each of 2 namespaces\) +TCP\/8080 +\*\/cart +\*\/web/,
  );
});
