import { workloadId } from '../../model/inventory.ts';
import { policyName } from '../../model/policy.ts';
import type { TableColumn } from '../../util/table.ts';
import { thousands } from '../../util/thousands.ts';
import type { ClassifiedEdge } from '../check/classify.ts';
import { describeRule } from '../explain/describe-rule.ts';
import { decidingSides, endpointText, explainSide, portText } from '../explain/sentences.ts';
import { day, minute } from '../times.ts';
import { score } from './least-privilege.ts';
import type { WeekReport } from './week.ts';

/** One section of the report as people read it, whatever the format. */
export interface Section {
  readonly title: string;
  /** What the section means, or why it is empty. */
  readonly lead: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** A sentence for each row: too long for a column of a terminal. */
  readonly why?: readonly string[];
}

const COUNT: Omit<TableColumn, 'title'> = { align: 'right' };

/** The sections after the headline, those that need action first. */
export function weekSections(report: WeekReport): Section[] {
  return [
    wouldDenySection(report),
    misdroppedSection(report),
    newSection(report),
    unprotectedSection(report),
    unusedSection(report),
    scoreSection(report),
    blindSection(report),
  ];
}

const EDGE_COLUMNS: readonly TableColumn[] = [
  { title: 'Client' },
  { title: 'Server' },
  { title: 'Port' },
  { title: 'Flows', ...COUNT },
  { title: 'Last seen' },
];

function edgeCells({ edge, observation }: ClassifiedEdge): string[] {
  return [
    endpointText(edge.client),
    endpointText(edge.server),
    portText(edge),
    thousands(observation.flows),
    minute(observation.lastSeen),
  ];
}

/** Which end decided and why, in one cell. */
function why(entry: ClassifiedEdge): string {
  const sentences = decidingSides(entry.verdict).map((side) => `${side.side}: ${explainSide(side, entry.edge)}`);
  return [...sentences, ...(entry.note === '' ? [] : [entry.note])].join('; ');
}

function wouldDenySection({ wouldDeny }: WeekReport): Section {
  return {
    title: 'Traffic these policies would deny',
    lead:
      wouldDeny.length === 0
        ? 'None: everything that passed and can be judged is allowed.'
        : 'It passed, so it is in use or the policies are not enforced; enforcing them breaks it.',
    columns: EDGE_COLUMNS,
    rows: wouldDeny.map(edgeCells),
    why: wouldDeny.map(why),
  };
}

function misdroppedSection({ misdropped }: WeekReport): Section {
  return {
    title: 'Traffic denied although these policies allow it',
    lead:
      misdropped.length === 0
        ? 'None.'
        : 'Something else denies it: a policy that was not given here, or one that changed within the window.',
    columns: [...EDGE_COLUMNS, { title: 'Reason in the logs' }],
    rows: misdropped.map((entry) => [...edgeCells(entry), entry.observation.reasons.join(', ')]),
  };
}

function newSection({ newEdges, before }: WeekReport): Section {
  const since = `${day(before.from)} to ${day(before.to)}`;
  const partly = newEdges?.partlyCovered === true ? ' Data begins within that time, so some may be older.' : '';
  return {
    title: 'New since the time before',
    lead:
      newEdges === undefined
        ? `Nothing is stored from before the window (${since}), so nothing can be called new.`
        : `Edges not seen from ${since}.${partly}`,
    columns: [...EDGE_COLUMNS, { title: 'Class' }],
    rows: (newEdges?.entries ?? []).map((entry) => [...edgeCells(entry), entry.class]),
  };
}

function unprotectedSection({ unprotected }: WeekReport): Section {
  return {
    title: 'Workloads without policies',
    lead:
      unprotected.length === 0 ? 'None.' : 'No policy selects them in a direction marked open: anything is allowed.',
    columns: [{ title: 'Workload' }, { title: 'Ingress' }, { title: 'Egress' }],
    rows: unprotected.map(({ workload, ingress, egress }) => [workloadId(workload), ingress, egress]),
  };
}

function unusedSection({ unusedGrants, grants }: WeekReport): Section {
  return {
    title: 'Grants nobody used',
    lead:
      unusedGrants.length === 0
        ? 'None.'
        : `${thousands(unusedGrants.length)} of ${thousands(grants)} allow rules matched no traffic in the window. Rare jobs may still need them.`,
    columns: [
      { title: 'Policy' },
      { title: 'Direction' },
      { title: 'Rule', ...COUNT },
      { title: 'Allows' },
      { title: 'Last used' },
    ],
    rows: unusedGrants.map(({ policy, side, rule, lastUsed, perhapsUsed }) => [
      policyName(policy),
      side,
      String(rule.index + 1),
      describeRule(rule, side),
      `${lastUsed === undefined ? 'never in what is stored' : minute(lastUsed)}${perhapsUsed ? ' (perhaps in the window)' : ''}`,
    ]),
  };
}

function scoreSection({ leastPrivilege }: WeekReport): Section {
  const sampled = leastPrivilege.every > 1 ? ` Estimated from every ${leastPrivilege.every}th tuple.` : '';
  return {
    title: 'Least privilege by namespace of the server',
    lead: `Of all that is allowed between the workloads seen, on ports seen answering, the share in use (0–100).${sampled}`,
    columns: [
      { title: 'Namespace' },
      { title: 'Score', ...COUNT },
      { title: 'Used', ...COUNT },
      { title: 'Allowed', ...COUNT },
      { title: 'Possible', ...COUNT },
    ],
    rows: leastPrivilege.namespaces.map((of) => [
      of.namespace,
      score(of)?.toFixed(1) ?? '–',
      thousands(of.used),
      thousands(of.allowed),
      thousands(of.grantable),
    ]),
  };
}

function lossText(events: number | null): string {
  if (events === null) return 'Events lost by the sources are not recorded in the store.';
  if (events === 0) return 'No source says that it lost events.';
  return `Sources say that they lost ${thousands(events)} events before they could report them.`;
}

function blindSection({ blindSpots }: WeekReport): Section {
  return {
    title: 'Blind spots',
    lead: `What this report cannot judge. ${lossText(blindSpots.lostEvents)}`,
    columns: [{ title: 'What' }, { title: 'Edges', ...COUNT }],
    rows: [
      ['the verdict hinges on something unknown', thousands(blindSpots.uncertainEdges)],
      ['it is not known who opened the connection', thousands(blindSpots.unorientedEdges)],
      ['an end is a pod with unknown labels', thousands(blindSpots.unlabelledEdges)],
      [
        `lost for other reasons than policy (${thousands(blindSpots.unclearFlows)} flows)`,
        thousands(blindSpots.unclearEdges),
      ],
    ],
  };
}
