import { expect } from 'vitest';
import { carryOver } from '../../src/app/learn/carry-over.ts';
import { renderFiles } from '../../src/app/learn/files.ts';
import { type AskedOutput, chooseOutput, planFiles } from '../../src/app/learn/plan.ts';
import { type SelfCheck, selfCheck } from '../../src/app/learn/self-check.ts';
import { isManifest } from '../../src/app/learn/team-folders.ts';
import type { OutputForm } from '../../src/dialects/micropolicies/form.ts';
import { micropoliciesDocument } from '../../src/dialects/micropolicies/micropolicies.ts';
import { profileOf } from '../../src/dialects/micropolicies/place.ts';
import { readMicropolicies } from '../../src/dialects/micropolicies/read-micropolicies.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { compile, prepare } from '../../src/evaluate/compile/compile.ts';
import { enforceStaged } from '../../src/evaluate/compile/enforce-staged.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import { endpointsOf } from '../../src/evaluate/match/traffic.ts';
import { learn } from '../../src/learn/learn.ts';
import type { LearnOptions } from '../../src/learn/options.ts';
import { TRUST_SENTENCES } from '../../src/learn/trust/rules.ts';
import type { Edge, EdgeEndpoint } from '../../src/model/edge.ts';
import { endpointName } from '../../src/model/endpoint.ts';
import { workloadId } from '../../src/model/inventory.ts';
import type { LearnNote } from '../../src/model/pair.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { OPTIONS, type Scene } from './run-estate.ts';

/** One run over a scene, written in some form and read back. */
export interface DialectRun {
  readonly files: ReadonlyMap<string, string>;
  /** `micropolicies.yaml`. */
  readonly text: string;
  readonly policySet: PolicySet;
  readonly check: SelfCheck;
  readonly notes: readonly LearnNote[];
  /** `client → server protocol/port` → verdict, for everybody with everybody on every port that was seen. */
  verdicts(): ReadonlyMap<string, Verdict>;
}

/** Learns, writes in the form that is asked for, reads it back and replays what it was learned from. */
export function runDialect(
  { edges, inventory }: Scene,
  asked: Partial<AskedOutput>,
  { options = {}, before: text = '' }: { options?: Partial<LearnOptions> | undefined; before?: string } = {},
): DialectRun {
  const before = text === '' ? undefined : readMicropolicies(text);
  const found = learn(edges, inventory, { ...OPTIONS, ...options }, before?.pairs, before);
  const { trustedEdges, naming } = found;
  const output = chooseOutput({ dialect: 'kubernetes', outside: 'names', ...asked });
  const scene = { inventory, cluster: 'test', trustedEdges, naming, before };
  const plan = planFiles(carryOver(found.learned, before), scene, output);
  const { learned } = plan;
  const header = { cluster: 'test', from: 0, to: 0 };
  const document = { ...micropoliciesDocument(learned, header, TRUST_SENTENCES), ...plan.record };
  const { files, policySet } = renderFiles(learned, { document, plan });
  expectSameMeaning(files, plan.form, policySet);
  const check = selfCheck(policySet, { edges: trustedEdges, inventory, assignments: learned.assignments });
  const labels = new Map(learned.assignments.map((one) => [workloadId(one.workload), one.labels]));
  const verdicts = () => everyVerdict(policySet, assignLabels(everyTuple(edges), inventory, labels));
  const written = files.get('micropolicies.yaml') ?? '';
  return { files, text: written, policySet, check, notes: learned.notes, verdicts };
}

/** Written texts mean what was replayed before they were written. */
function expectSameMeaning(files: ReadonlyMap<string, string>, form: OutputForm, replayed: PolicySet): void {
  const texts = [...files].flatMap(([name, text]) => (isManifest(name) ? [{ name, text }] : []));
  const { policySet, findings } = readPolicies(texts, { profile: profileOf(form) });
  expect(findings).toEqual([]);
  expect(withoutPlaces(enforceStaged(policySet).policySet)).toEqual(withoutPlaces(replayed));
}

function withoutPlaces({ policies, ...set }: PolicySet): object {
  return { ...set, policies: policies.map(({ ref: { location: _, ...ref }, ...policy }) => ({ ...policy, ref })) };
}

function everyVerdict(policySet: PolicySet, { edges, inventory }: Scene): Map<string, Verdict> {
  const compiled = compile(policySet, inventory);
  prepare(compiled, endpointsOf(edges));
  const addresses = new Map<string, string[]>();
  for (const { namespace, kind, name } of inventory.workloads)
    addresses.set(`${namespace}/${kind}/${name}`, [`10.244.1.${addresses.size}`]);
  const addressesOf = (end: EdgeEndpoint) =>
    addresses.get(`${end.namespace}/${end.workloadKind}/${end.workload}`) ?? [];
  return new Map(
    edges.map((edge): [string, Verdict] => {
      const { client, server } = edge;
      const traffic = { ...edge, clientAddresses: addressesOf(client), serverAddresses: addressesOf(server) };
      return [tupleText(edge), decide(compiled, traffic)];
    }),
  );
}

function tupleText({ client, server, protocol, port }: Edge): string {
  return `${endText(client)} → ${endText(server)} ${protocol}/${port}`;
}

function endText(end: EdgeEndpoint): string {
  return `${end.kind} ${endpointName(end)} ${end.workloadKind}${end.address} ${[...end.labels.labels].join()}`;
}

/** Of something outside whose address is not known, the dialects say the same in ways that are not equally certain. */
function everyTuple(edges: readonly Edge[]): Edge[] {
  const all = [...new Set(edges.flatMap(({ client, server }) => [client, server]))];
  const ends = all.filter(({ kind, address }) => kind === 'pod' || address !== '');
  const ports = [...new Set(edges.map(({ protocol, port }) => `${protocol}/${port}`))].map((text) =>
    text.split('/').map(Number),
  );
  return ends.flatMap((client) =>
    ends
      .filter((server) => server !== client && (server.kind === 'pod' || client.kind === 'pod'))
      .flatMap((server) =>
        ports.map(([protocol = 0, port = 0]) => ({ client, server, protocol, port, serverNames: [], oriented: true })),
      ),
  );
}
