import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { learn } from '../../src/learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS } from '../../src/learn/options.ts';
import { toPolicies } from '../../src/learn/pairs/to-policies.ts';
import { graphFromTruth } from '../../src/simulate/graph-from-truth.ts';
import { pairsSize } from '../bench/eval/size.ts';
import { describeOutside } from '../helpers/outside-data.ts';
import { buildEstate } from '../learn/estate.ts';

const ENVIRONMENTS = ['prod', 'stage', 'dev'];

/** What is learned of an application of which everything was seen, in so many copies. */
function learnt(truth: unknown, { environments, mode }: { environments: string[]; mode: 'labels' | 'selectors' }) {
  const { graph } = graphFromTruth(truth, { environments });
  const ids = new Map(
    graph?.workloads.map((one) => [`${one.namespace}/${one.name}`, `${one.namespace}/${one.kind}/${one.name}`]),
  );
  const { edges, inventory } = buildEstate({
    workloads: Object.fromEntries(
      (graph?.workloads ?? []).map((one) => [`${one.namespace}/${one.kind}/${one.name}`, { labels: one.labels ?? {} }]),
    ),
    traffic: (graph?.calls ?? []).map(
      ({ from, to, protocol, port }) => `${ids.get(from)} > ${ids.get(to)} ${protocol}/${port}`,
    ),
  });
  const { learned } = learn(edges, inventory, { ...DEFAULT_LEARN_OPTIONS, cluster: 'test', mode });
  return {
    pairs: learned.pairs.length,
    size: pairsSize(toPolicies(learned)),
    namespaces: graph?.namespaces?.length ?? 0,
  };
}

describeOutside('three copies of an application', 'truth', (folder) => {
  const truths = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name): [string, { serviceGraph?: unknown }] => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))])
    .filter(([, truth]) => Array.isArray(truth.serviceGraph));
  for (const [name, truth] of truths)
    for (const mode of ['labels', 'selectors'] as const)
      test(`${name} by ${mode}: as many pairs, of the same size, as one copy in one namespace`, () => {
        const one = learnt(truth, { environments: ['prod'], mode });
        const three = learnt(truth, { environments: ENVIRONMENTS, mode });
        if (one.namespaces === 1) expect({ ...three, namespaces: 1 }).toEqual(one);
        // What copies spread over several namespaces have in common is found in each namespace by itself only.
        else expect(three.pairs).toBeLessThan(3 * one.pairs);
      });
});
