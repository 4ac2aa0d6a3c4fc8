import { protocolName } from '../../model/ports.ts';
import { formatTable, type TableColumn, visible } from '../../util/table.ts';
import { thousands } from '../../util/thousands.ts';
import { decidingSides, endpointText, explainSide, portText } from '../explain/sentences.ts';
import { minute } from '../times.ts';
import { CLASSES, type ClassifiedEdge, type EdgeClass } from './classify.ts';
import { type CheckResult, shownEntries } from './result.ts';

const TITLES: Readonly<Record<EdgeClass, string>> = {
  escaped: 'passed, but these policies would deny it: enforcing them breaks this',
  misdropped: 'was denied, although these policies allow it: something else denies it',
  uncertain: 'cannot be told from what is known',
  rejected: 'was denied, and these policies deny it too',
  permitted: 'passed, and these policies allow it',
};

const COLUMNS: readonly TableColumn[] = [
  { title: 'CLIENT' },
  { title: 'SERVER' },
  { title: 'PORT' },
  { title: 'FLOWS', align: 'right' },
  { title: 'FIRST SEEN', least: 16 },
  { title: 'LAST SEEN', least: 16 },
];

/** The table of `check`: one group per class, worst first, each edge with the ends that decided and why. */
export function checkTable(result: CheckResult, all: boolean, width?: number): string {
  const shown = shownEntries(result, all);
  const groups = CLASSES.map((name) => shown.filter((entry) => entry.class === name));
  const text = groups.filter((group) => group.length > 0).map((group) => groupText(group, width));
  return [...text, `${summaryText(result)}\n${nextStep(result)}\n`].join('\n');
}

function groupText(entries: readonly ClassifiedEdge[], width: number | undefined): string {
  const name = entries[0]?.class ?? 'permitted';
  const groups = foldUnknownOpeners(entries);
  const rows = groups.map((group) => rowOf(group));
  const [head, ...lines] = formatTable(COLUMNS, rows, width === undefined ? undefined : width - 2)
    .trimEnd()
    .split('\n');
  const body = lines.flatMap((line, i) => [
    `  ${line}`,
    ...whyLines(groups[i]?.[0]).map((why) => `      ${visible(why)}`),
  ]);
  return [`${name.toUpperCase()} (${entries.length}): ${TITLES[name]}`, `  ${head}`, ...body, ''].join('\n');
}

/**
 * Where it is not known who opened connections, the client's passing port may stand for the server's: the edges of two ends
 * are many that mean one thing, so they share a row.
 */
function foldUnknownOpeners(entries: readonly ClassifiedEdge[]): ClassifiedEdge[][] {
  const groups: ClassifiedEdge[][] = [];
  const shared = new Map<string, ClassifiedEdge[]>();
  for (const entry of entries) {
    const { client, server, protocol, oriented } = entry.edge;
    const key = JSON.stringify([endpointText(client), endpointText(server), protocol, entry.outcome]);
    const group = oriented ? undefined : shared.get(key);
    if (group) {
      group.push(entry);
      continue;
    }
    const fresh = [entry];
    groups.push(fresh);
    if (!oriented) shared.set(key, fresh);
  }
  return groups;
}

function rowOf(group: readonly ClassifiedEdge[]): string[] {
  const [{ edge }] = group as readonly [ClassifiedEdge];
  const seen = group.map(({ observation }) => observation);
  const ports = new Set(group.map((entry) => entry.edge.port)).size;
  return [
    endpointText(edge.client),
    endpointText(edge.server),
    ports === 1 ? portText(edge) : `${protocolName(edge.protocol)} (${thousands(ports)} ports)`,
    thousands(seen.reduce((sum, { flows }) => sum + flows, 0)),
    minute(seen.reduce((first, { firstSeen }) => Math.min(first, firstSeen), Number.POSITIVE_INFINITY)),
    minute(seen.reduce((last, { lastSeen }) => Math.max(last, lastSeen), 0)),
  ];
}

/** One line per end that decided; allowed edges need no explanation. */
function whyLines(entry: ClassifiedEdge | undefined): string[] {
  if (entry === undefined) return [];
  const judged = entry.class !== 'permitted' && entry.edge.oriented;
  const sides = judged ? decidingSides(entry.verdict) : [];
  const lines = sides.map((side) => `${side.side}: ${explainSide(side, entry.edge)}`);
  return entry.note === '' ? lines : [...lines, `note: ${entry.note}`];
}

/** `1,204 edges: 3 escaped, …` */
export function summaryText({ summary, unclear, policies, staged }: CheckResult): string {
  const total = Object.values(summary).reduce((sum, count) => sum + count, 0);
  const parts = CLASSES.map((name) => `${summary[name]} ${name}`).join(', ');
  const lost = unclear === 0 ? '' : `; ${unclear} more with outcomes that say nothing about policies`;
  return `${total} ${total === 1 ? 'edge' : 'edges'} against ${policies} ${policies === 1 ? 'policy' : 'policies'}${stagedText(staged)}: ${parts}${lost}.`;
}

function stagedText(staged: CheckResult['staged']): string {
  if (staged === undefined) return '';
  const count = thousands(staged.policies.length);
  return staged.enforced ? ` (with ${count} staged, judged as if in force)` : ` (without ${count} staged)`;
}

function nextStep({ summary, window, entries, staged }: CheckResult): string {
  if (window === undefined) return 'The store is empty. Next: microwall ingest FILE…';
  const worst = entries.find((entry) => entry.class === 'escaped')?.edge;
  if (worst !== undefined) {
    const ends = `--from ${endpointText(worst.client)} --to ${endpointText(worst.server)}`;
    return `Next: microwall query edges ${ends} (look closer); microwall learn --out DIR (propose what is missing).`;
  }
  if (summary.misdropped > 0) return 'Nothing that passed would break. Next: find what denies the misdropped edges.';
  if (staged?.enforced === false)
    return 'Nothing that passed would break by what is in force. Next: the same with --staged enforce.';
  return 'Nothing that passed would break. Next: microwall report POLICIES… --since 7d (grants nobody uses).';
}
