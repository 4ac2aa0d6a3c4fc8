import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import type { Half } from '../../dialects/micropolicies/files.ts';
import {
  type AskedForm,
  formRecord,
  KUBERNETES_FORM,
  OUTPUT_DIALECTS,
  type OutputForm,
  outputForm,
} from '../../dialects/micropolicies/form.ts';
import { type Accounts, meshHalves } from '../../dialects/micropolicies/istio.ts';
import { podsOnly } from '../../dialects/micropolicies/place.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { SPELLINGS } from '../../dialects/micropolicies/spelling.ts';
import { nameOutside } from '../../learn/functions/outside-names.ts';
import { acrossNamespaces } from '../../learn/pairs/across-namespaces.ts';
import { exceptWaiting } from '../../learn/pairs/canary.ts';
import type { Naming } from '../../learn/pairs/naming.ts';
import { toPolicies } from '../../learn/pairs/to-policies.ts';
import type { Edge } from '../../model/edge.ts';
import { type Inventory, workloadId } from '../../model/inventory.ts';
import type { Learned, LearnNote } from '../../model/pair.ts';
import type { Side } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import { Failure } from '../../util/failure.ts';
import { type Canary, parseCanary, type StartedRollout, startRollout } from './canary.ts';
import { formNotes } from './plan-notes.ts';

/** Dialects in which what was learned can be written. */
export const LEARN_DIALECTS = OUTPUT_DIALECTS;

/** How people want the policies of a run written. */
export interface AskedOutput extends Omit<AskedForm, 'dialect'> {
  /** Absent: the form stays what it is in the folder. */
  readonly dialect?: AskedForm['dialect'] | undefined;
  /** Servers outside the cluster by DNS names where the dialect has them, or by address blocks. */
  readonly outside: 'names' | 'addresses';
  /** Workloads that meet a new version first. */
  readonly canary?: string | undefined;
}

/** How the policies of a run are written. */
export interface Output {
  readonly form: OutputForm;
  readonly outside: 'names' | 'addresses';
  readonly canary?: Canary;
}

export const DEFAULT_OUTPUT: Output = { form: KUBERNETES_FORM, outside: 'names' };

/** What was learned, as it is going to be written. */
export interface LearnPlan {
  readonly learned: Learned;
  readonly halves: readonly Half[];
  readonly form: OutputForm;
  /** What `micropolicies.yaml` says of the form, and of a rollout that is not finished. */
  readonly record: PlainObject;
}

/** What the form of the output depends on besides what was learned. */
export interface PlanScene {
  readonly inventory: Inventory;
  readonly cluster: string;
  /** The edges that must be allowed. */
  readonly trustedEdges: readonly Edge[];
  /** How workloads are named without function labels. */
  readonly naming?: Naming | undefined;
  /** What stands in the folder. */
  readonly before?: PreviousRun | undefined;
}

/** The form that was asked for, or else stands in the folder; fails where a dialect does not have it. */
export function chooseOutput(asked: AskedOutput | undefined, standing?: AskedForm): Output {
  if (asked === undefined) return DEFAULT_OUTPUT;
  const form = outputForm(completeForm(asked, standing));
  if ('problem' in form) throw new Failure('input', form.problem, form.remedy);
  const { outside, canary } = asked;
  return { form, outside, ...(canary !== undefined && { canary: parseCanary(canary) }) };
}

/** Whoever names no dialect goes on with the form of the run before, but for what they name. */
function completeForm({ dialect, scope, tier, staged }: AskedOutput, standing?: AskedForm): AskedForm {
  if (dialect !== undefined) return { dialect, scope, tier, staged };
  const before = standing ?? { dialect: 'kubernetes' };
  return {
    dialect: before.dialect,
    scope: scope ?? before.scope,
    tier: tier ?? before.tier,
    staged: staged || before.staged,
  };
}

const ALL_SIDES: readonly Side[] = ['ingress', 'egress'];
/** A mesh decides at the server alone. */
const MESH_SIDES: readonly Side[] = ['ingress'];

/** Brings what was learned into the form that was asked for, and notes what that form cannot say. */
export function planFiles(found: Learned, scene: PlanScene, output: Output = DEFAULT_OUTPUT): LearnPlan {
  const { form, canary } = output;
  const sides = form.dialect === 'istio' ? MESH_SIDES : ALL_SIDES;
  const rollout = canary && startRollout(found, canary, { ...scene, sides });
  const learned = rollout ? withNotes(rollout.learned, [rollout.note]) : found;
  const { halves, notes } = halvesOf(learned, rollout, { scene, output });
  const record = { ...formRecord(form), ...(rollout && { rollout: rollout.document }) };
  return { learned: withNotes(learned, notes), halves, form, record };
}

function halvesOf(
  learned: Learned,
  rollout: StartedRollout | undefined,
  { scene, output: { form, outside } }: { readonly scene: PlanScene; readonly output: Output },
): { readonly halves: readonly Half[]; readonly notes: readonly LearnNote[] } {
  const all = { ...learned, pairs: [...learned.pairs, ...(rollout?.kept ?? [])] };
  const written = toPolicies(outside === 'names' ? nameOutside(all, scene.trustedEdges) : all, SPELLINGS[form.dialect]);
  const active = rollout ? exceptWaiting(written, rollout, scene.naming) : written;
  const halves = form.scope === 'global' ? acrossNamespaces(active) : active;
  if (form.dialect === 'istio') return meshHalves(halves, accountsOf(scene));
  const notes = formNotes(learned, form);
  return { halves: form.dialect === 'cluster' ? halves.flatMap((half) => podsOnly(half) ?? []) : halves, notes };
}

function withNotes(learned: Learned, notes: readonly LearnNote[]): Learned {
  return notes.length === 0 ? learned : { ...learned, notes: [...learned.notes, ...notes] };
}

function accountsOf({ inventory, cluster }: PlanScene): Accounts {
  const accounts = new Map<string, string[]>();
  for (const workload of inventory.workloads) {
    const { serviceAccount } = workload;
    if (workload.cluster !== cluster || serviceAccount === '') continue;
    const id = workloadId(workload);
    if (!accounts.get(id)?.includes(serviceAccount)) appendTo(accounts, id, serviceAccount);
  }
  return accounts;
}
