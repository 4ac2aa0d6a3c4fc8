import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readMicropolicies } from '../../src/dialects/micropolicies/read-micropolicies.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decision } from '../../src/evaluate/decide/decide.ts';
import { endsOf } from '../../src/learn/earlier/match-pairs.ts';
import { learn } from '../../src/learn/learn.ts';
import { toPolicies } from '../../src/learn/pairs/to-policies.ts';
import type { Edge, EdgeEndpoint } from '../../src/model/edge.ts';
import { workloadId } from '../../src/model/inventory.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { anyEstate as estate } from './any-estate.ts';
import { buildEstate, type Estate } from './estate.ts';

import { filesOf, OPTIONS, type Scene } from './run-estate.ts';

/** Replicas are known: how many there are must not hang on the very flows that are taken away. */
const counted = estate.map(
  ({ workloads, traffic }): Estate => ({
    workloads: Object.fromEntries(
      Object.entries(workloads).map(([id, one]) => [id, { ...one, replicas: Math.max(1, one.replicas ?? 1) }]),
    ),
    traffic,
  }),
);
const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('more flows of a granted edge change nothing but evidence', () => {
  fc.assert(
    fc.property(estate, mode, fc.nat(), fc.integer({ min: 0, max: 23 }), (described, chosen, pick, hour) => {
      const scene = buildEstate(described);
      const edge = grantedEdge(scene, { chosen, pick });
      if (!edge) return;
      const before = filesOf(scene, { mode: chosen });
      const text = before.get('micropolicies.yaml');
      const more = { ...scene, edges: scene.edges.map((one) => (one === edge ? withMoreFlows(one, hour) : one)) };
      expect(enforced(filesOf(more, { mode: chosen }, text))).toEqual(enforced(before));
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('without its evidence a grant stays until a person lets it go, and then nothing else goes', () => {
  fc.assert(
    fc.property(counted, mode, fc.nat(), (described, chosen, pick) => {
      const scene = buildEstate(described);
      const edge = grantedEdge(scene, { chosen, pick });
      if (!edge) return;
      const first = filesOf(scene, { mode: chosen });
      const silent = { ...scene, edges: scene.edges.filter((one) => !isSameLink(one, edge)) };
      const second = filesOf(silent, { mode: chosen }, first.get('micropolicies.yaml'));
      expect(enforced(second)).toEqual(enforced(first));
      const asked = letGo(second.get('micropolicies.yaml') ?? '', edge);
      if (asked === undefined) return;
      const gone = allowed(scene, { chosen, before: asked, seen: silent });
      const stays = allowed(scene, { chosen, before: second.get('micropolicies.yaml') ?? '', seen: silent });
      for (const [tuple, verdict] of stays)
        if ((gone.get(tuple) === 'allow') !== (verdict === 'allow'))
          expect(tuple).toContain(`${endText(edge.client)} ${endText(edge.server)}`);
    }),
    { numRuns: 100 },
  );
}, 60_000);

/** Some edge between pods that a pair grants. */
function grantedEdge(
  scene: Scene,
  { chosen, pick }: { readonly chosen: 'labels' | 'selectors'; readonly pick: number },
): Edge | undefined {
  const { learned, trustedEdges } = learn(scene.edges, scene.inventory, { ...OPTIONS, mode: chosen });
  const between = trustedEdges.filter(({ client, server, protocol, port }) =>
    learned.pairs.some((pair) => {
      const isPort = pair.ports.some((one) => one.protocol === protocol && one.port === port && port !== 53);
      return isPort && endsOf(pair.client).has(endText(client)) && endsOf(pair.service).has(endText(server));
    }),
  );
  return between[pick % Math.max(1, between.length)];
}

/** The same pods on the same days in one more hour. */
function withMoreFlows(edge: Edge, hour: number): Edge {
  const { passed } = edge;
  if (!passed) return edge;
  const activity = passed.activity.map(({ day, hours }) => ({ day, hours: hours | (1 << hour) }));
  return { ...edge, passed: { ...passed, flows: passed.flows + 7, connections: passed.connections + 1, activity } };
}

/** Policies and label patches. */
function enforced(files: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...files].filter(([path]) => /^(kubernetes|labels)\//.test(path)));
}

function endText({ namespace, workloadKind, workload }: EdgeEndpoint): string {
  return workloadId({ namespace, kind: workloadKind, name: workload });
}

function isSameLink(a: Edge, b: Edge): boolean {
  const same = endText(a.client) === endText(b.client) && endText(a.server) === endText(b.server);
  return same && a.client.kind === b.client.kind && a.protocol === b.protocol && a.port === b.port;
}

/** Asks for the removal of the unused grant of an edge; undefined when none is listed. */
function letGo(text: string, edge: Edge): string | undefined {
  const document = parse(text) as {
    pairs: { unused?: { client: string; server: string; port: number; remove?: boolean }[] }[];
  };
  const unused = document.pairs
    .flatMap((pair) => pair.unused ?? [])
    .filter(({ client, server, port }) => {
      return client === endText(edge.client) && server === endText(edge.server) && port === edge.port;
    });
  for (const grant of unused) grant.remove = true;
  return unused.length === 0 ? undefined : stringify(document);
}

/** What is allowed of everything that any pod could ask of any other, by tuple. */
function allowed(
  scene: Scene,
  given: { readonly chosen: 'labels' | 'selectors'; readonly before: string; readonly seen: Scene },
): Map<string, string> {
  const before = readMicropolicies(given.before);
  const { edges, inventory } = given.seen;
  const { learned } = learn(edges, inventory, { ...OPTIONS, mode: given.chosen }, before.pairs, before);
  const possible = everyTuple(scene.edges);
  const labels = new Map(learned.assignments.map((one) => [workloadId(one.workload), one.labels]));
  const put = assignLabels(possible, inventory, labels);
  const policies = toPolicies(learned).map(({ policy }) => policy);
  const compiled = compile(arrange('kubernetes', policies, []), put.inventory);
  return new Map(
    possible.map((edge, i) => {
      const tuple = `${endText(edge.client)} ${endText(edge.server)} ${edge.protocol}/${edge.port}`;
      return [tuple, decision(compiled, put.edges[i] as Edge)];
    }),
  );
}

/** Names may be resolved by whoever is isolated, so DNS comes and goes with that. */
function everyTuple(edges: readonly Edge[]): Edge[] {
  const ends = [...new Set(edges.flatMap(({ client, server }) => [client, server]))].filter(
    ({ kind }) => kind === 'pod',
  );
  const doors = new Map(
    edges.filter(({ port }) => port !== 53).map(({ protocol, port }) => [`${protocol}/${port}`, { protocol, port }]),
  );
  return ends.flatMap((client) =>
    ends
      .filter((server) => server !== client)
      .flatMap((server) =>
        [...doors.values()].map((door) => ({ client, server, ...door, serverNames: [], oriented: true })),
      ),
  );
}
