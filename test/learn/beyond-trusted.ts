import { readMicropolicies } from '../../src/dialects/micropolicies/read-micropolicies.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decision } from '../../src/evaluate/decide/decide.ts';
import { learn } from '../../src/learn/learn.ts';
import type { LearnOptions } from '../../src/learn/options.ts';
import { toPolicies } from '../../src/learn/pairs/to-policies.ts';
import { findParties } from '../../src/learn/parties/parties.ts';
import { mergeLookalikes } from '../../src/learn/trust/merge-lookalikes.ts';
import type { Edge } from '../../src/model/edge.ts';
import { workloadId } from '../../src/model/inventory.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { OPTIONS, type Scene } from './run-estate.ts';

/**
 * What reaches isolated servers from any pod on any port that was seen, apart from the trusted traffic and DNS; `before` is
 * the `micropolicies.yaml` of an earlier run of which everything is still in use.
 */
export function beyondTrusted({ edges, inventory }: Scene, asked: Partial<LearnOptions>, before = ''): string[] {
  const options = { ...OPTIONS, ...asked };
  const run = before === '' ? undefined : readMicropolicies(before);
  const { learned, trustedEdges } = learn(edges, inventory, options, run?.pairs, run);
  const isolated = new Set(learned.defaultDeny.ingress.members.map(workloadId));
  const possible = everyTuple(edges, isolated);
  const all = [...trustedEdges, ...possible];
  const found = findParties(all, inventory, options);
  const parties = options.mode === 'selectors' ? mergeLookalikes(found) : found;
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
  return extra.filter(({ port }) => port !== 53).map(tuple);
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
