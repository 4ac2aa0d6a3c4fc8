import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrange } from '../../src/dialects/profiles.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decision } from '../../src/evaluate/decide/decide.ts';
import { learn } from '../../src/learn/learn.ts';
import { toPolicies } from '../../src/learn/pairs/to-policies.ts';
import { findParties } from '../../src/learn/parties/parties.ts';
import { mergeLookalikes } from '../../src/learn/trust/merge-lookalikes.ts';
import type { Edge } from '../../src/model/edge.ts';
import { workloadId } from '../../src/model/inventory.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { anyEstate as estate } from './any-estate.ts';
import { buildEstate } from './estate.ts';
import { checkEstate, filesOf, OPTIONS } from './run-estate.ts';

const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('any order of edges and workloads gives the same bytes', () => {
  fc.assert(
    fc.property(estate, mode, fc.infiniteStream(fc.nat()), (described, chosen, random) => {
      const { edges, inventory } = buildEstate(described);
      const shuffled = {
        edges: shuffle(edges, random),
        inventory: { ...inventory, workloads: shuffle(inventory.workloads, random) },
      };
      expect([...filesOf(shuffled, { mode: chosen })].sort()).toEqual(
        [...filesOf({ edges, inventory }, { mode: chosen })].sort(),
      );
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('learning again over the own output changes no byte', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      const scene = buildEstate(described);
      const first = filesOf(scene, { mode: chosen });
      const second = filesOf(scene, { mode: chosen }, first.get('micropolicies.yaml'));
      expect([...second].sort()).toEqual([...first].sort());
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('what was learned allows what it was learned from', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      expect(checkEstate(buildEstate(described), { mode: chosen }).denied).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('nothing beyond the trusted traffic and DNS reaches an isolated server', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      const { edges, inventory } = buildEstate(described);
      const { learned, trustedEdges } = learn(edges, inventory, { ...OPTIONS, mode: chosen });
      const isolated = new Set(learned.pairs.flatMap(({ service }) => service.members.map(workloadId)));
      const possible = everyTuple(edges, isolated);
      const all = [...trustedEdges, ...possible];
      const found = findParties(all, inventory, { ...OPTIONS, mode: chosen });
      const parties = chosen === 'selectors' ? mergeLookalikes(found) : found;
      const positions = new Map(all.map((edge, i) => [edge, i]));
      const tuple = (edge: Edge) => {
        const i = positions.get(edge) ?? -1;
        return `${parties.clients[i]} > ${parties.servers[i]} ${edge.protocol}/${edge.port}`;
      };
      const trusted = new Set(trustedEdges.map(tuple));
      const labels = new Map(learned.assignments.map((a) => [workloadId(a.workload), a.labels]));
      const put = assignLabels(possible, inventory, labels);
      const policies = toPolicies(learned).map(({ policy }) => policy);
      const compiled = compile(arrange('kubernetes', policies, []), put.inventory);
      const extra = possible.filter((edge, i) => {
        const traffic = put.edges[i] as Edge;
        return !trusted.has(tuple(edge)) && decision(compiled, traffic) === 'allow';
      });
      expect(extra.filter(({ port }) => port !== 53).map(tuple)).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 60_000);

function shuffle<T>(list: readonly T[], random: Iterator<number>): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = (random.next().value as number) % (i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/** Every pod towards every isolated server on every port. */
function everyTuple(edges: readonly Edge[], isolated: ReadonlySet<string>): Edge[] {
  const ends = [...new Set(edges.flatMap(({ client, server }) => [client, server]))].filter(
    ({ kind }) => kind === 'pod',
  );
  const servers = ends.filter((end) => isolated.has(`${end.namespace}/${end.workloadKind}/${end.workload}`));
  const ports = [...new Set(edges.map(({ protocol, port }) => `${protocol}/${port}`))].map((text) =>
    text.split('/').map(Number),
  );
  return ends.flatMap((client) =>
    servers
      .filter((server) => server !== client)
      .flatMap((server) =>
        ports.map(([protocol = 0, port = 0]) => ({ client, server, protocol, port, serverNames: [], oriented: true })),
      ),
  );
}
