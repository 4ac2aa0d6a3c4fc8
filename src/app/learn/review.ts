import { GENERATED } from '../../dialects/micropolicies/micropolicies.ts';
import { workloadId } from '../../model/inventory.ts';
import type { HeldBack, Learned, PolicyPair } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { thousands } from '../../util/thousands.ts';
import { counted, linkLine } from './changes-text.ts';
import { changeSections } from './review-changes.ts';
import { lookAtFirst } from './review-first.ts';
import { type FilesByPair, pairLink, plain } from './review-links.ts';
import { limited, type ReviewInput, section } from './review-sections.ts';

/** The file of a run for whoever reviews it. */
export const REVIEW_FILE = 'REVIEW.md';

/** `REVIEW.md`: what a run changed, what it held back, how sure it is, and what to look at first. */
export function renderReview(input: ReviewInput): string {
  const sections = [
    head(input),
    section(
      'Look at first',
      lookAtFirst(input).map((text, i) => `${i + 1}. ${text}`),
    ),
    ...changeSections(input),
    heldBackSection(input),
    sureSection(input),
    section('Blind spots', blindSpots(input.learned), 'The window tells too little of these workloads:'),
    unusedSection(input),
    nextSection(input),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function head({ learned: { summary }, cluster, from, to }: ReviewInput): string {
  const { pairs, trusted, links, heldBack, subjects, ingressIsolated, egressIsolated } = summary;
  const held = [...heldBack.values()].reduce((sum, count) => sum + count, 0);
  return [
    `<!-- ${GENERATED.slice(2)} It tells of the last run that changed this folder. -->`,
    `# Review: ${plain(cluster)}, ${from.slice(0, 10)} to ${to.slice(0, 10)}`,
    '',
    `${thousands(pairs)} functions grant ${thousands(trusted)} of ${thousands(links)} observed links; held back: ${thousands(held)}. Of ${thousands(subjects)} workloads, ${thousands(ingressIsolated)} are isolated in ingress and ${thousands(egressIsolated)} in egress.`,
    '',
  ].join('\n');
}

function heldBackSection({ learned, sentences }: ReviewInput): string {
  const groups = new Map<string, HeldBack[]>();
  for (const link of learned.heldBack) appendTo(groups, link.rule, link);
  const lines = [...groups].map(([rule, links]) => {
    const because = sentences[rule] ?? rule;
    const examples = links.slice(0, 3).map((link) => `  - \`${linkLine(link).replace(/ \([^)]*\)$/, '')}\``);
    const more = links.length > 3 ? [`  - … and ${thousands(links.length - 3)} more`] : [];
    return [`- **${rule}** (${thousands(links.length)}): ${because}`, ...examples, ...more].join('\n');
  });
  return section('Held back', lines, 'Observed and not granted. `microwall approve LINK` grants one all the same.');
}

function sureSection({ learned: { coverage, pairs }, files }: ReviewInput): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const { missingMass, interval, days, unseenAtLeast, newPerDay } = coverage;
  const ready = pairs.filter(({ readiness }) => readiness.failing.length === 0).length;
  const lines = [
    `- In ${thousands(days)} days of traffic: ${percent(missingMass)} of what comes will be new (${percent(interval[0])} to ${percent(interval[1])}), about ${newPerDay.toFixed(1)} link-hours a day; at least ${Math.round(unseenAtLeast)} links are unseen.`,
    `- ${thousands(ready)} of ${thousands(pairs.length)} functions are ready to be enforced.`,
    ...failingClauses(pairs, files),
  ];
  return section('How sure', lines);
}

/** What most pairs lack stands once, with the pairs that lack it. */
function failingClauses(pairs: readonly PolicyPair[], files: FilesByPair): string[] {
  const clauses = new Map<string, PolicyPair[]>();
  for (const pair of pairs) for (const clause of pair.readiness.failing) appendTo(clauses, clause, pair);
  const lines = [...clauses]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([clause, own]) => {
      const names = own.slice(0, 3).map((pair) => pairLink(pair, files));
      const who =
        own.length === pairs.length ? 'all' : names.join(', ') + (own.length > 3 ? ` and ${own.length - 3} more` : '');
      return `- Not ready (${who}): ${plain(clause)}`;
    });
  return limited(lines);
}

function blindSpots({ blindSpots: spots }: Learned): string[] {
  return limited(spots.map(({ workload, because }) => `- ${plain(workloadId(workload))}: ${plain(because)}`));
}

function unusedSection({ learned: { pairs }, files }: ReviewInput): string {
  const lines = pairs
    .filter(({ unused }) => unused.length > 0)
    .map((pair) => {
      const due = pair.unused.filter(({ expired, keep }) => expired && !keep).length;
      const told = due > 0 ? `; ${thousands(due)} long enough to be let go` : '';
      return `- ${pairLink(pair, files)}: ${counted(pair.unused.length, 'grant')} of which this window shows no use${told}`;
    });
  const lead =
    'They stay until a person lets them go: `microwall approve REMOVAL`, by the ids in `micropolicies.yaml`.';
  return section('Unused grants', limited(lines), lead);
}

function nextSection({ learned: { mode } }: ReviewInput): string {
  const labels = mode === 'labels' ? ['- Put the labels of `labels/` on the workloads before the policies.'] : [];
  return section('Next', [
    '- Rename a function, or write a `note` or a comment, in `micropolicies.yaml`; the next run keeps it.',
    '- `microwall approve PAIR` or `microwall reject PAIR --reason TEXT`, by name or id; then `microwall learn` again.',
    ...labels,
  ]);
}
