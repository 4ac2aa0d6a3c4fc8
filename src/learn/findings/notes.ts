import type { LearnNote, LinkDecision } from '../../model/pair.ts';
import { protocolName } from '../../model/ports.ts';
import { compareText } from '../../util/compare.ts';
import { USUAL_DNS } from '../functions/items.ts';
import type { LearnOptions } from '../options.ts';
import type { Draft } from '../pairs/drafts.ts';
import { linkNames } from '../parties/link-names.ts';
import type { Parties } from '../parties/parties.ts';
import type { SelectorFinder } from '../selectors/selectors.ts';

interface Given {
  readonly drafts: readonly Draft[];
  readonly parties: Parties;
  readonly finder: SelectorFinder;
  readonly options: LearnOptions;
  /** Approvals of links whose ends several workloads are called by now. */
  readonly ambiguous: readonly LinkDecision[];
}

/** What a person should know before using the result, sorted. */
export function findNotes(given: Given): LearnNote[] {
  const notes = [
    ...indistinguishable(given),
    ...mergedLookalikes(given),
    ...unusedDns(given),
    ...systemNamespaces(given),
    ...unlabelled(given),
    ...given.ambiguous.map(ambiguousApproval),
  ];
  return notes.sort((a, b) => compareText(a.rule, b.rule) || compareText(a.message, b.message));
}

/** Workloads that existing labels cannot tell apart although only some of them take part. */
function indistinguishable({ parties, finder }: Given): LearnNote[] {
  const notes = new Map<string, LearnNote>();
  const { unique } = linkNames(finder.failures.length === 0 ? [] : parties.all);
  for (const { indistinct, from } of finder.failures) {
    if (from.length === 0) continue;
    const called = (indexes: readonly number[]) => indexes.map((index) => unique[index] ?? '').sort(compareText);
    const [first] = indistinct.flatMap((index) => parties.all[index]?.workloads ?? []);
    const note = labelProposal(called(indistinct), called(from), first?.name ?? 'NAME');
    notes.set(note.message, note);
  }
  return [...notes.values()];
}

function labelProposal(indistinct: readonly string[], from: readonly string[], example: string): LearnNote {
  const listed = (names: readonly string[]): string =>
    names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return {
    rule: 'indistinguishable',
    message: `Existing labels cannot tell ${listed(indistinct)} from ${listed(from)}, which was not seen doing the same.`,
    remedy: `Give it a label of its own, e.g. app.kubernetes.io/name: ${example}, or use --mode labels.`,
  };
}

/** Workloads that were taken for one, because their labels are equal. */
function mergedLookalikes({ drafts, parties, options }: Given): LearnNote[] {
  if (options.mode !== 'selectors') return [];
  const used = new Set(drafts.flatMap(({ servers, clients }) => [...servers, ...clients]));
  return parties.all
    .filter(({ index, workloads }) => used.has(index) && workloads.length > 1)
    .map(({ name, workloads }) => ({
      rule: 'indistinguishable',
      message: `Existing labels cannot tell ${name} from one another: each is granted what any of them needs.`,
      remedy: `Give each a label of its own, e.g. app.kubernetes.io/name: ${workloads[0]?.name ?? 'NAME'}, or use --mode labels.`,
    }));
}

/** Decided when only one workload had the name. */
function ambiguousApproval({ client, server, protocol, port }: LinkDecision): LearnNote {
  const link = `${client} → ${server} ${protocolName(protocol)}/${port}`;
  const message = `The approval of ${link} no longer says whom it means: several workloads are called that.`;
  return { rule: 'ambiguous-approval', message, remedy: 'Approve the links that are meant by their new ids.' };
}

function unusedDns({ drafts }: Given): LearnNote[] {
  if (!drafts.some(({ servers }) => servers.includes(USUAL_DNS))) return [];
  return [
    {
      rule: 'dns-assumed',
      message: 'No DNS traffic was seen; egress policies allow DNS to pods k8s-app=kube-dns in kube-system.',
      remedy: 'Check that this is where names are resolved.',
    },
  ];
}

function systemNamespaces({ parties, options }: Given): LearnNote[] {
  const seen = new Set(parties.all.filter(({ outside }) => !outside).map(({ namespace }) => namespace));
  const skipped = options.excludedNamespaces.filter((namespace) => seen.has(namespace)).sort(compareText);
  if (skipped.length === 0) return [];
  return [
    {
      rule: 'excluded-namespaces',
      message: `Workloads of ${skipped.join(', ')} are granted to and from, but neither labelled nor isolated.`,
      remedy: 'Isolating system components can break a cluster; name them with --namespace if that is meant.',
    },
  ];
}

/** Pods that are nobody's subject only because their owner cannot be patched. */
function unlabelled({ parties, options }: Given): LearnNote[] {
  const kinds = new Set<string>();
  for (const { outside, subject, namespace, workloads } of parties.all) {
    if (outside || subject || options.excludedNamespaces.includes(namespace)) continue;
    if (options.namespaces.length > 0 && !options.namespaces.includes(namespace)) continue;
    for (const { kind } of workloads) kinds.add(kind === '' ? 'unknown owners' : kind);
  }
  if (kinds.size === 0) return [];
  return [
    {
      rule: 'unpatchable-owners',
      message: `Pods of ${[...kinds].sort(compareText).join(', ')} stay as they are: how to label them is not known.`,
      remedy: 'They are granted to and from by their existing labels.',
    },
  ];
}
