import type { EdgeEndpoint } from '../../model/edge.ts';
import { endpointName } from '../../model/endpoint.ts';
import { workloadId } from '../../model/inventory.ts';
import { removalId } from '../../model/link-id.ts';
import type { HeldBack, PolicyPair } from '../../model/pair.ts';
import { thousands } from '../../util/thousands.ts';
import { type LearnChanges, portText } from './changes.ts';
import { linkLine, verdictLine } from './changes-text.ts';
import { type FilesByPair, pairLink, plain } from './review-links.ts';

/** At most so many points of each kind, and in all: a list nobody reads to its end helps nobody. */
const OF_A_KIND = 3;
const IN_ALL = 12;

interface Given {
  readonly learned: {
    readonly pairs: readonly PolicyPair[];
    readonly heldBack: readonly HeldBack[];
    readonly notes: readonly { readonly message: string; readonly remedy: string }[];
  };
  readonly changes: Omit<LearnChanges, 'files'>;
  readonly files: FilesByPair;
}

/**
 * What a reviewer should see first, the most urgent first: what cannot be meant, what would break, what is taken away, what changed after it
 * was approved, what is dangerous if it is wrong, what is likely missing, what waits for a decision.
 */
export function lookAtFirst(given: Given): string[] {
  const kinds = [
    unknown(given),
    breaking(given),
    taken(given),
    staleApprovals(given),
    dangers(given),
    likelyMissing(given),
  ];
  const rest = [waiting(given), notes(given)];
  return [...kinds, ...rest].flatMap((points) => points.slice(0, OF_A_KIND)).slice(0, IN_ALL);
}

function unknown({ changes }: Given): string[] {
  return changes.unknown.map((id) => `${plain(id)} is named as a member and was never seen: misspelled?`);
}

/** Leaves out what a scan touched: that it ends is meant. */
function breaking({ changes, learned }: Given): string[] {
  const scans = learned.heldBack.filter(({ rule }) => rule === 'scan-episode');
  const touched = new Set(scans.map((link) => `${link.client} ${portText(link)}`));
  const broken = changes.traffic?.edges.filter(
    ({ before, entry: { class: found, edge } }) =>
      found === 'escaped' &&
      before !== 'deny' &&
      !namesOf(edge.client).some((name) => touched.has(`${name} ${portText(edge)}`)),
  );
  return (broken ?? []).map((change) => `Would be denied from now on: ${plain(verdictLine(change))}`);
}

/** As links call it, alone with its name or not. */
function namesOf(end: EdgeEndpoint): string[] {
  const { namespace, workloadKind: kind, workload: name } = end;
  return [endpointName(end), workloadId({ namespace, kind, name })];
}

function taken({ changes, learned, files }: Given): string[] {
  const pairs = new Map(learned.pairs.map((pair) => [pair.id, pair]));
  const opened = changes.opened.map((end) => `No longer isolated: ${plain(end)}`);
  const shrunk = changes.pairs
    .filter(({ takes }) => takes)
    .map((change) => {
      const name = pairLink(pairs.get(change.id) ?? change, files);
      const lost = change.details.filter((detail) => detail.endsWith('removed'));
      return `${name} grants less than before${lost.length > 0 ? `: ${lost.slice(0, 3).map(plain).join('; ')}` : ''}`;
    });
  return [...shrunk, ...opened];
}

function staleApprovals({ learned, files }: Given): string[] {
  return learned.pairs
    .filter(
      ({ decision, details, version }) => decision === 'approved' && details?.version && details.version !== version,
    )
    .map((pair) => `${pairLink(pair, files)} was approved at ${pair.details?.version} and is now ${pair.version}`);
}

/** Sensitive ports and widened addresses of pairs that are new or changed and not approved as they are. */
function dangers({ learned, changes, files }: Given): string[] {
  const touched = new Set(changes.pairs.map(({ id }) => id));
  return learned.pairs
    .filter(({ id, decision }) => touched.has(id) && decision !== 'approved')
    .flatMap((pair) => pair.reviews.map((review) => `${pairLink(pair, files)}: ${plain(review)}`));
}

function likelyMissing({ learned }: Given): string[] {
  const proposed = learned.heldBack.filter(({ proposed: likely }) => likely);
  return [...proposed]
    .sort((a, b) => b.evidence.days - a.evidence.days || b.evidence.flows - a.evidence.flows)
    .map((link) => `Likely needed, and not proven: \`${linkLine(link)}\``);
}

function waiting({ learned, files }: Given): string[] {
  return learned.pairs.flatMap((pair) => {
    const due = pair.unused.filter(({ expired, keep }) => expired && !keep);
    const [first] = due;
    if (!first) return [];
    const more = due.length > 1 ? ` and ${thousands(due.length - 1)} more` : '';
    const ends = plain(`${first.client} → ${first.server} ${portText(first)}`);
    return [`${pairLink(pair, files)} has not been used for long: \`${removalId(pair.id, first)}\` ${ends}${more}`];
  });
}

function notes({ learned }: Given): string[] {
  return learned.notes.map(({ message, remedy }) => `${plain(message)} ${plain(remedy)}`);
}
