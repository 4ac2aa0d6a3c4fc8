import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { arrange } from '../../src/dialects/profiles.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decision } from '../../src/evaluate/decide/decide.ts';
import { learn } from '../../src/learn/learn.ts';
import { type HalfPolicy, toPolicies } from '../../src/learn/pairs/to-policies.ts';
import type { Edge, EdgeEndpoint } from '../../src/model/edge.ts';
import { workloadId } from '../../src/model/inventory.ts';
import type { OutsidePeer, PairSide, PolicyPair } from '../../src/model/pair.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { contains, parseCidr } from '../../src/util/ip.ts';
import { buildEstate, type Estate } from './estate.ts';
import { OPTIONS, type Scene } from './run-estate.ts';

const FOLDER = join(import.meta.dirname, '../scenarios');

for (const name of ['learn-shop', 'learn-across-namespaces', 'learn-mesh', 'learn-client-star', 'learn-two-ports'])
  for (const mode of ['labels', 'selectors'] as const)
    test(`${name}, ${mode} mode: without one half exactly its edges are denied`, () => {
      const estate: Estate = parse(readFileSync(join(FOLDER, name, 'estate.yaml'), 'utf8'));
      const scene = buildEstate(estate);
      const { learned, trustedEdges } = learn(scene.edges, scene.inventory, { ...OPTIONS, mode });
      const labels = new Map(learned.assignments.map((a) => [workloadId(a.workload), a.labels]));
      const put = assignLabels(trustedEdges, scene.inventory, labels);
      const halves = toPolicies(learned);
      expect(halves.length).toBeGreaterThan(2);
      const seen = learned.pairs.filter(({ evidence }) => evidence.links > 0);
      for (const pair of seen)
        for (const half of ['service', 'client'] as const) {
          const rest = halves.filter((other) => other.pair !== pair || other.half !== half);
          if (rest.length === halves.length) continue;
          const denied = deniedBy(rest, put).map((i) => edgeText(trustedEdges[i] as Edge));
          const own = trustedEdges.filter((edge) => isOf(edge, pair, half)).map(edgeText);
          expect([`${pair.function}-${half}`, ...denied]).toEqual([`${pair.function}-${half}`, ...own]);
          expect(own.length).toBeGreaterThan(0);
        }
    });

function deniedBy(halves: readonly HalfPolicy[], { edges, inventory }: Scene): number[] {
  const policies = halves.map(({ policy }) => policy);
  const compiled = compile(arrange('kubernetes', policies, []), inventory);
  return edges.flatMap((edge, i) => (decision(compiled, edge) === 'deny' ? [i] : []));
}

function edgeText({ client, server, protocol, port }: Edge): string {
  return `${endText(client)} > ${endText(server)} ${protocol}/${port}`;
}

function endText({ kind, namespace, workload, address }: EdgeEndpoint): string {
  return kind === 'pod' ? `${namespace}/${workload}` : `${kind}:${address}`;
}

/** Whether one half of a pair stands for an edge: its own end is a member of the half, the other end of the pair. */
function isOf(edge: Edge, pair: PolicyPair, half: 'service' | 'client'): boolean {
  const ports = pair.ports.some(({ protocol, port }) => protocol === edge.protocol && port === edge.port);
  const [own, far] = half === 'service' ? [edge.server, edge.client] : [edge.client, edge.server];
  const [ownSide, farSide] = half === 'service' ? [pair.service, pair.client] : [pair.client, pair.service];
  const farIs = hasMember(farSide, far) || farSide.outside.some((peer) => isOutside(peer, far));
  return ports && hasMember(ownSide, own) && farIs;
}

function hasMember({ members }: PairSide, end: EdgeEndpoint): boolean {
  const id = workloadId({ namespace: end.namespace, kind: end.workloadKind, name: end.workload });
  return end.kind === 'pod' && members.some((member) => workloadId(member) === id);
}

function isOutside(peer: OutsidePeer, end: EdgeEndpoint): boolean {
  if (peer.peer === 'pods') return peer.what.split(', ').includes(`${end.namespace}/${end.workload}`);
  const address = parseCidr(`${end.address}/${end.address.includes(':') ? 128 : 32}`);
  return peer.cidrs.some((cidr) => {
    const block = parseCidr(cidr);
    return block !== undefined && address !== undefined && contains(block, address);
  });
}
