import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import type { Intervals } from '../../util/intervals.ts';
import { formatTable, visible } from '../../util/table.ts';
import { thousands } from '../../util/thousands.ts';
import { entryJson } from '../check/json.ts';
import { endText, servicesText } from '../connectivity/result.ts';
import { decidingSides, edgeText, explainSide } from '../explain/sentences.ts';
import { breaks, countChanges, type ObservedChange, type PolicyDiff, workloadChange } from './policy-diff.ts';

export type DiffFormat = 'table' | 'json' | 'markdown';

export const DIFF_FORMATS: Readonly<
  Record<DiffFormat, (diff: PolicyDiff, width: number | undefined) => Iterable<string>>
> = { table, json, markdown };

/** One element of `changes` a line: there may be very many. */
function* json(diff: PolicyDiff): Generator<string> {
  const { ends, space, changes, observed } = diff;
  const shown = ends.map((end) => JSON.stringify(end.shown));
  const texts = new Map<Intervals, string>();
  const services = (set: Intervals): string => {
    const known = texts.get(set) ?? (set.length === 0 ? 'null' : JSON.stringify(space.toJson(set)));
    texts.set(set, known);
    return known;
  };
  const summary = {
    ...countChanges(diff),
    observed: observed === undefined ? null : observed.length,
    breaks: observed === undefined ? null : observed.filter(breaks).length,
  };
  yield `{\n"summary":${JSON.stringify(summary)},\n"changes":[`;
  let before = '\n';
  for (const change of changes) {
    const why = workloadChange(diff, change);
    const workload = why === undefined ? '' : `,"workload":"${why}"`;
    const pair = `"src":${shown[change.from]},"dst":${shown[change.to]}`;
    yield `${before}{${pair},"opened":${services(change.opened)},"closed":${services(change.closed)}${workload}}`;
    before = ',\n';
  }
  const entries = observed?.map((one) => ({
    before: one.before,
    after: one.entry.verdict.decision,
    ...entryJson(one.entry),
  }));
  yield `\n],\n"observed":${JSON.stringify(entries ?? null)}\n}\n`;
}

interface Line {
  readonly source: string;
  readonly destination: string;
  readonly services: string;
  readonly why: string;
}

function linesOf(diff: PolicyDiff, which: 'opened' | 'closed'): Line[] {
  return diff.changes.flatMap((change) => {
    const set = change[which];
    if (set.length === 0) return [];
    const [source, destination] = [change.from, change.to].map((number) =>
      endText(diff.ends[number] as ConnectivityEnd),
    );
    const why = workloadChange(diff, change);
    return [
      {
        source: source ?? '',
        destination: destination ?? '',
        services: servicesText(diff.space.toJson(set)),
        why: why === undefined ? '' : `workload ${why}`,
      },
    ];
  });
}

const TITLES = { opened: 'OPENS', closed: 'CLOSES' } as const;

function* table(diff: PolicyDiff, width: number | undefined): Generator<string> {
  for (const which of ['opened', 'closed'] as const) {
    const lines = linesOf(diff, which);
    if (lines.length === 0) continue;
    const cells = lines.map(({ source, destination, services, why }) => [source, destination, services, why]);
    const columns = [{ title: 'source' }, { title: 'destination' }, { title: 'services' }, { title: '' }];
    yield `${TITLES[which]} (${thousands(lines.length)})\n${formatTable(columns, cells, width)}\n`;
  }
  const { observed = [] } = diff;
  if (observed.length > 0) {
    yield `OBSERVED TRAFFIC THAT IS DECIDED DIFFERENTLY (${thousands(observed.length)})\n`;
    for (const one of observed)
      yield `  ${visible(observedText(one))}\n${whyLines(one)
        .map((why) => `      ${visible(why)}\n`)
        .join('')}`;
    yield '\n';
  }
  yield `${summaryText(diff)}\n`;
}

function* markdown(diff: PolicyDiff): Generator<string> {
  yield `## What this change of policies does\n\n${summaryText(diff)}\n`;
  const { observed = [] } = diff;
  if (observed.length > 0) {
    yield `\n### Observed traffic that is decided differently\n\n`;
    for (const one of observed)
      yield `- ${escaped(observedText(one))}\n${whyLines(one)
        .map((why) => `  - ${escaped(why)}\n`)
        .join('')}`;
  }
  for (const which of ['opened', 'closed'] as const) {
    const lines = linesOf(diff, which);
    if (lines.length === 0) continue;
    yield `\n### ${which === 'opened' ? 'Opens' : 'Closes'}\n\n| source | destination | services | |\n| --- | --- | --- | --- |\n`;
    for (const line of lines) {
      yield `| ${[line.source, line.destination, line.services, line.why].map(escaped).join(' | ')} |\n`;
    }
  }
}

function escaped(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}

function observedText(change: ObservedChange): string {
  const { before, entry } = change;
  const word = breaks(change) ? 'BREAKS ' : '';
  return `${word}${edgeText(entry.edge)}: ${before} → ${entry.verdict.decision} (${entry.outcome}, ${thousands(entry.observation.flows)} flows)`;
}

function whyLines({ entry }: ObservedChange): string[] {
  const sides = entry.verdict.decision === 'allow' ? [] : decidingSides(entry.verdict);
  return sides.map((side) => `${side.side}: ${explainSide(side, entry.edge)}`);
}

function summaryText(diff: PolicyDiff): string {
  const { opened, closed } = countChanges(diff);
  const pairs = `${thousands(opened)} pairs of ends gain connections, ${thousands(closed)} lose some`;
  if (diff.observed === undefined) return `${pairs}.`;
  const broken = diff.observed.filter(breaks).length;
  return `${pairs}; ${thousands(diff.observed.length)} observed edges are decided differently, ${thousands(broken)} of them break.`;
}
