import { endpointName } from '../../model/endpoint.ts';
import { linkId } from '../../model/link-id.ts';
import type { HeldBack } from '../../model/pair.ts';
import { thousands } from '../../util/thousands.ts';
import type { BlastRadius, VerdictChange } from './blast-radius.ts';
import { type LearnChanges, type PairChange, portText } from './changes.ts';

/** At most so many held-back links, edges and files of one kind are listed; what matters most comes first. */
const LISTED = 20;

/** Whether a run would change anything that stands in its folder. */
export function hasChanges({ files }: LearnChanges): boolean {
  return files.added.length + files.changed.length + files.removed.length > 0;
}

/** What a run would do to what stands in `folder`, for a terminal: pairs, held-back links, traffic, files. */
export function changesText(changes: LearnChanges, folder: string): string {
  if (!hasChanges(changes)) return `${folder} is up to date: ${thousands(changes.files.unchanged)} files.\n`;
  return [
    pairsText(changes),
    unknownText(changes),
    isolationText(changes),
    heldBackText(changes),
    trafficText(changes),
    filesText(changes, folder),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function pairsText({ pairs }: LearnChanges): string {
  return pairs.length === 0 ? 'Pairs: none changes.\n' : `Pairs:\n${pairs.map(pairLine).join('')}`;
}

const SIGNS = { new: '+', changed: '~', rejected: '-', gone: '-' } as const;

function pairLine(change: PairChange): string {
  const details = change.details.map((detail) => `      ${detail}\n`).join('');
  return `  ${SIGNS[change.change]} ${change.function} ${versionsText(change)}\n${details}`;
}

/** `1.0.0 → 1.1.0`, `1.0.0 (new)`, `1.2.0 (rejected)`. */
export function versionsText({ from = '', to = '', change }: PairChange): string {
  if (change === 'changed') return from === to ? to : `${from} → ${to}`;
  return `${to || from} (${change})`;
}

function unknownText({ unknown }: LearnChanges): string {
  const lines = unknown.slice(0, LISTED).map((id) => `  ? ${id} was never seen: misspelled?\n`);
  return lines.length === 0 ? '' : `Members that nobody knows:\n${lines.join('')}${moreText(unknown.length)}`;
}

function isolationText({ isolated, opened }: LearnChanges): string {
  if (isolated.length + opened.length === 0) return '';
  const list = (sign: string, ends: readonly string[]): string =>
    `${ends
      .slice(0, LISTED)
      .map((end) => `  ${sign} ${end}\n`)
      .join('')}${moreText(ends.length)}`;
  return `Isolation:\n${list('-', opened)}${list('+', isolated)}`;
}

function heldBackText({ heldBack, released }: LearnChanges): string {
  if (heldBack.length + released.length === 0) return '';
  const lines = heldBack.slice(0, LISTED).map((link) => `  + ${linkLine(link)}\n`);
  const gone = released.length === 0 ? '' : `  - ${counted(released.length, 'link')} no longer held back\n`;
  return `Held back:\n${lines.join('')}${moreText(heldBack.length)}${gone}`;
}

/** `link-0a1b2c3d shop/web → shop/cart TCP/8080 (seen-once)`. */
export function linkLine(link: HeldBack): string {
  return `${linkId(link)} ${link.client} → ${link.server} ${portText(link)} (${link.rule})`;
}

/** What the earlier policies did is not known; the files are written anew. */
export function unreadText(unread: string): string {
  return `Observed traffic is not compared with what stood there, which is written anew: ${unread}`;
}

function trafficText({ traffic, unread }: LearnChanges): string {
  if (unread !== undefined) return `${unreadText(unread)}\n`;
  if (!traffic || traffic.edges.length === 0) return '';
  return `Observed traffic that is decided otherwise: ${radiusText(traffic)}.\n${edgeLines(traffic)}`;
}

/** `3 edges, 2 workloads`. */
export function radiusText({ edges, workloads }: BlastRadius): string {
  return `${counted(edges.length, 'edge')}, ${counted(workloads.length, 'workload')}`;
}

/** `1 edge`, `1,200 edges`. */
export function counted(count: number, what: string): string {
  return `${thousands(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** The first edges, one a line. */
export function edgeLines({ edges }: BlastRadius): string {
  const lines = edges.slice(0, LISTED).map((change) => `  ${verdictLine(change)}\n`);
  return `${lines.join('')}${moreText(edges.length)}`;
}

/** `shop/web → shop/cart TCP/8080: allow → deny (it passed 12 times)`. */
export function verdictLine({ before, entry }: VerdictChange): string {
  const { edge, outcome, observation, verdict } = entry;
  const happened = `${outcome === 'passed' ? 'passed' : 'was denied'} in ${thousands(observation.flows)} flows`;
  const ends = `${endpointName(edge.client)} → ${endpointName(edge.server)} ${portText(edge)}`;
  return `${ends}: ${before} → ${verdict.decision} (${happened})`;
}

/** Why nothing was written, with the first edges. */
export function refusalText(
  traffic: BlastRadius,
  { folder, limit }: { readonly folder: string; readonly limit: number },
): string {
  const head = `refused: ${radiusText(traffic)} of the observed traffic would be decided otherwise than by what stands in ${folder}`;
  return `${head}; --max-blast-radius allows ${thousands(limit)}. Nothing was written.\n${edgeLines(traffic)}`;
}

function filesText({ files }: LearnChanges, folder: string): string {
  const list = (sign: string, paths: readonly string[]): string => paths.map((path) => `  ${sign} ${path}\n`).join('');
  const counts = `${files.added.length} new, ${files.changed.length} changed, ${files.removed.length} removed, ${files.unchanged} unchanged`;
  return `Files in ${folder}: ${counts}\n${list('+', files.added)}${list('~', files.changed)}${list('-', files.removed)}`;
}

function moreText(total: number): string {
  return total > LISTED ? `  … and ${thousands(total - LISTED)} more\n` : '';
}

/** The same for scripts. */
export function changesJson(changes: LearnChanges): object {
  const { again, pairs, heldBack, released, isolated, opened, unknown, traffic, unread, files } = changes;
  return {
    again,
    pairs: pairs.map(({ takes: _, ...pair }) => pair),
    unknown,
    isolation: { added: isolated, removed: opened },
    heldBack: { added: heldBack.map(linkId), removed: released },
    ...(traffic && {
      traffic: {
        edges: traffic.edges.length,
        workloads: traffic.workloads,
        lines: traffic.edges.slice(0, LISTED).map(verdictLine),
      },
    }),
    ...(unread !== undefined && { unread }),
    files,
  };
}
