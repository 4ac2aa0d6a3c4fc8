import { workloadId } from '../../model/inventory.ts';
import type { Learned, OutsidePeer, PairSide, PolicyPair } from '../../model/pair.ts';
import { protocolName } from '../../model/ports.ts';
import { formatTable } from '../../util/table.ts';
import { thousands } from '../../util/thousands.ts';

/** The result of a run for people: the pairs, what was held back and why, what needs an eye, what to do next. */
export function learnTable(
  learned: Learned,
  given: {
    readonly sentences: Readonly<Record<string, string>>;
    readonly out?: string | undefined;
    /** The policies are written in a form that is not enforced. */
    readonly staged?: boolean;
    readonly width?: number | undefined;
  },
): string {
  const parts = [
    headline(learned),
    pairTable(learned.pairs, given.width),
    heldBackText(learned, given.sentences),
    openText(learned),
    coverageText(learned),
    reviewText(learned),
    nextText(learned, given),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function headline({ summary }: Learned): string {
  const { links, trusted, pairs, subjects, ingressIsolated, egressIsolated, ownNode, outOfScope } = summary;
  return [
    `${thousands(pairs)} functions grant the ${thousands(trusted)} trusted of ${thousands(links)} observed links`,
    ` (${thousands(ownNode)} from a node to its own pods need no rule, ${thousands(outOfScope)} are between others).\n`,
    `${thousands(subjects)} workloads: ${thousands(ingressIsolated)} isolated in ingress, ${thousands(egressIsolated)} in egress.\n`,
  ].join('');
}

function pairTable(pairs: readonly PolicyPair[], width: number | undefined): string {
  if (pairs.length === 0) return '';
  const columns = [
    { title: 'FUNCTION' },
    { title: 'PORTS' },
    { title: 'SERVED BY' },
    { title: 'CALLED BY' },
    { title: 'DAYS', align: 'right' },
    { title: 'FLOWS', align: 'right' },
  ] as const;
  const rows = pairs.map((pair) => [
    functionText(pair),
    pair.ports.map(({ protocol, port }) => `${protocolName(protocol)}/${port}`).join(' '),
    sideText(pair.service, pair.scope),
    sideText(pair.client, pair.scope),
    String(pair.evidence.days),
    thousands(pair.evidence.flows),
  ]);
  return formatTable(columns, rows, width);
}

const NAMED = 3;

/** `cart (group, in each of 3 namespaces)`. */
function functionText({ function: name, kind, scope }: PolicyPair): string {
  const told = [...(kind === 'group' ? ['group'] : []), ...(scope ? [`in each of ${scope.length} namespaces`] : [])];
  return told.length === 0 ? name : `${name} (${told.join(', ')})`;
}

// Whoever is the same in copies of an application stands once, as `*/cart`.
function sideText({ members, outside }: PairSide, scope: readonly string[] = []): string {
  const texts = members.map(({ namespace, name }) => `${scope.includes(namespace) ? '*' : namespace}/${name}`);
  const names = [...new Set([...texts, ...outside.map(outsideText)])];
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

function outsideText(peer: OutsidePeer): string {
  return peer.peer === 'pods'
    ? peer.what
    : `${peer.what} (${peer.cidrs.length === 1 ? peer.cidrs[0] : `${peer.cidrs.length} blocks`})`;
}

function heldBackText({ summary }: Learned, sentences: Readonly<Record<string, string>>): string {
  if (summary.heldBack.size === 0) return '';
  const rows = [...summary.heldBack].map(([rule, count]) => [thousands(count), rule, sentences[rule] ?? '']);
  return `Held back, not granted (listed in micropolicies.yaml):\n${formatTable(
    [{ title: 'LINKS', align: 'right' }, { title: 'RULE' }, { title: 'BECAUSE' }],
    rows,
  )}`;
}

function openText({ open }: Learned): string {
  if (open.length === 0) return '';
  const lines = open
    .slice(0, 10)
    .map(({ workload, side, because }) => `  ${workloadId(workload)} (${side}): ${because.join('; ')}\n`);
  const more = open.length > 10 ? `  … and ${thousands(open.length - 10)} more\n` : '';
  return `Left open, because isolating them would break trusted traffic:\n${lines.join('')}${more}`;
}

function coverageText({ coverage, blindSpots, pairs }: Learned): string {
  const { interval, missingMass, unseenAtLeast, newPerDay, days } = coverage;
  const ready = pairs.filter(({ readiness }) => readiness.failing.length === 0).length;
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const lines = [
    `Seen in ${thousands(days)} days: ${percent(missingMass)} of what comes will be new (${percent(interval[0])} to ${percent(interval[1])}), `,
    `about ${newPerDay.toFixed(1)} link-hours a day; at least ${Math.round(unseenAtLeast)} links are unseen.\n`,
    `${thousands(ready)} of ${thousands(pairs.length)} functions are ready to be enforced; micropolicies.yaml says what the others lack.\n`,
  ];
  const blind = blindSpots.slice(0, 10).map(({ workload, because }) => `  ${workloadId(workload)}: ${because}\n`);
  const more = blindSpots.length > 10 ? `  … and ${thousands(blindSpots.length - 10)} more\n` : '';
  return `${lines.join('')}${blind.length > 0 ? `Blind spots, of which the window tells too little:\n${blind.join('')}${more}` : ''}`;
}

function reviewText({ pairs, notes }: Learned): string {
  const reviews = pairs.flatMap((pair) => pair.reviews.map((review) => `  ${pair.function}: ${review}\n`));
  const others = notes.map(({ message, remedy }) => `  ${message}\n    → ${remedy}\n`);
  return reviews.length + others.length === 0 ? '' : `To look at:\n${[...reviews, ...others].join('')}`;
}

function nextText(
  { mode }: Learned,
  { out, staged }: { readonly out?: string | undefined; readonly staged?: boolean },
): string {
  if (out === undefined) return 'Nothing was written; add --out DIR.\n';
  const check = `microwall check ${out}${staged ? ' --staged enforce' : ''}`;
  const steps = [
    `  ${out}/REVIEW.md     what is new, changed and held back, and what to look at first`,
    `  ${check}     replay the result over everything stored`,
    ...(mode === 'labels'
      ? [`  ${out}/labels     put these labels on the workloads first (a kustomize component)`]
      : []),
    `  kubectl diff -k ${out}     then look at what the policies would add to the cluster`,
  ];
  return `Next:\n${steps.join('\n')}\n`;
}
