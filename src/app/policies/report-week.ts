import { compile, prepare } from '../../evaluate/compile/compile.ts';
import { decide, decision } from '../../evaluate/decide/decide.ts';
import { matchingRules } from '../../evaluate/explain/matching-rules.ts';
import { edgeTraffic } from '../../evaluate/match/traffic.ts';
import type { AskedWindow } from '../../model/asked-window.ts';
import type { Edge } from '../../model/edge.ts';
import type { Finding } from '../../model/finding.ts';
import type { Inventory, Workload } from '../../model/inventory.ts';
import { composeWeek } from '../../report/week/compose-week.ts';
import { weekJson } from '../../report/week/json.ts';
import { weekMarkdown } from '../../report/week/markdown.ts';
import { weekTable } from '../../report/week/table.ts';
import type { TimeWindow, WeekReport } from '../../report/week/week.ts';
import { openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { readInventory } from '../../store/read/inventory.ts';
import { readLostEvents } from '../../store/read/losses.ts';
import { alignToHours, resolveWindow } from '../../store/read/window.ts';
import { inNamespaces, setScene } from './judging.ts';
import { guesses, hasErrors, loadPolicies, type PolicySource } from './load-policies.ts';

export interface ReportRequest extends AskedWindow {
  readonly policies: PolicySource;
  readonly store: { readonly data: string; readonly clickhouse?: string | undefined };
  readonly namespaces: readonly string[];
  readonly format: { readonly name: 'table' | 'json' | 'markdown'; readonly width: number | undefined };
}

export interface ReportOutcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** Absent when a policy could not be read exactly. */
  readonly text?: string;
}

/** The least-privilege report over the last days, compared with the days before. */
export async function reportWeek(request: ReportRequest): Promise<ReportOutcome> {
  // 1. Policies. Half a policy set would give wrong answers, so none.
  const loaded = await loadPolicies(request.policies);
  if (hasErrors(loaded.findings)) return { findings: loaded.findings, notes: [] };

  // 2. What happened in the window, in the one before it, and ever before.
  const read = await readPeriods(request);
  const { edges, inventory, notes } = setScene(read, loaded);
  const previous = setScene({ edges: read.previous, inventory }, loaded).edges;
  const earlier = setScene({ edges: read.earlier, inventory }, loaded).edges;

  // 3. The report.
  const compiled = compile(loaded.policySet, inventory);
  prepare(
    compiled,
    [...edges, ...earlier].flatMap(({ client, server }) => [client, server]),
  );
  const report = composeWeek({
    window: read.window,
    before: read.before,
    edges,
    previous,
    earlier,
    inventory,
    listed: listedWorkloads(inventory, request.namespaces),
    lostEvents: read.lostEvents,
    policies: loaded.policySet.policies,
    staged: loaded.staged,
    decide: (traffic) => decide(compiled, traffic),
    decision: (traffic) => decision(compiled, traffic),
    grantsOf: (edge) => matchingRules(compiled, edgeTraffic(edge)),
  });
  return { findings: loaded.findings, notes: [...guesses(loaded), ...notes], text: format(report, request.format) };
}

/** What snapshots list, with traffic or without. */
function listedWorkloads({ workloads }: Inventory, namespaces: readonly string[]): Workload[] {
  const wanted = (name: string) => namespaces.length === 0 || namespaces.includes(name);
  return workloads.filter(({ portsKnown, namespace }) => portsKnown === true && wanted(namespace));
}

interface Periods {
  readonly window: TimeWindow;
  readonly before: TimeWindow;
  readonly edges: readonly Edge[];
  readonly previous: readonly Edge[];
  readonly earlier: readonly Edge[];
  readonly inventory: Inventory;
  readonly lostEvents: number;
}

async function readPeriods(request: ReportRequest): Promise<Periods> {
  const store = await openStore(request.store);
  try {
    const window = alignToHours(await resolveWindow(store, request));
    const before = { from: Math.max(0, 2 * window.from - window.to), to: window.from };
    const read = async (of: TimeWindow) => inNamespaces(await readEdges(store, of), request.namespaces);
    return {
      window,
      before,
      edges: await read(window),
      previous: await read(before),
      earlier: await read({ from: 0, to: window.from }),
      inventory: await readInventory(store, window),
      lostEvents: await readLostEvents(store, window),
    };
  } finally {
    await store.close();
  }
}

function format(report: WeekReport, { name, width }: ReportRequest['format']): string {
  if (name === 'json') return weekJson(report);
  return name === 'markdown' ? weekMarkdown(report) : weekTable(report, width);
}
