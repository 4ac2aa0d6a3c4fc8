import type { Half } from '../dialects/micropolicies-files.ts';
import {
  type AskedForm,
  KUBERNETES_FORM,
  OUTPUT_DIALECTS,
  type OutputForm,
  outputForm,
} from '../dialects/micropolicies-form.ts';
import { type Accounts, meshHalves } from '../dialects/micropolicies-istio.ts';
import { podsOnly } from '../dialects/micropolicies-place.ts';
import { SPELLINGS } from '../dialects/micropolicies-spelling.ts';
import { acrossNamespaces } from '../learn/across-namespaces.ts';
import { nameOutside } from '../learn/outside-names.ts';
import { toPolicies } from '../learn/to-policies.ts';
import type { Edge } from '../model/edge.ts';
import { type Inventory, workloadId } from '../model/inventory.ts';
import type { Learned, LearnNote } from '../model/pair.ts';
import { appendTo } from '../util/append-to.ts';
import { Failure } from '../util/failure.ts';

/** Dialects in which what was learned can be written. */
export const LEARN_DIALECTS = OUTPUT_DIALECTS;

/** How people want the policies of a run written. */
export interface AskedOutput extends AskedForm {
  /** Servers outside the cluster by DNS names where the dialect has them, or by address blocks. */
  readonly outside: 'names' | 'addresses';
}

/** How the policies of a run are written. */
export interface Output {
  readonly form: OutputForm;
  readonly outside: 'names' | 'addresses';
}

export const DEFAULT_OUTPUT: Output = { form: KUBERNETES_FORM, outside: 'names' };

/** What was learned, as it is going to be written. */
export interface LearnPlan {
  readonly learned: Learned;
  readonly halves: readonly Half[];
  readonly form: OutputForm;
}

/** What the form of the output depends on besides what was learned. */
export interface PlanScene {
  readonly inventory: Inventory;
  readonly cluster: string;
  /** The edges that must be allowed. */
  readonly trustedEdges: readonly Edge[];
}

/** The form that was asked for; fails where a dialect does not have it. */
export function chooseOutput(asked: AskedOutput | undefined): Output {
  if (asked === undefined) return DEFAULT_OUTPUT;
  const form = outputForm(asked);
  if ('problem' in form) throw new Failure('input', form.problem, form.remedy);
  return { form, outside: asked.outside };
}

/** Brings what was learned into the form that was asked for, and notes what that form cannot say. */
export function planFiles(learned: Learned, scene: PlanScene, { form, outside }: Output = DEFAULT_OUTPUT): LearnPlan {
  const named = outside === 'names' ? nameOutside(learned, scene.trustedEdges) : learned;
  const all = toPolicies(named, SPELLINGS[form.dialect]);
  const halves = form.scope === 'global' ? acrossNamespaces(all) : all;
  if (form.dialect === 'istio') {
    const mesh = meshHalves(halves, accountsOf(scene));
    return { learned: withNotes(learned, mesh.notes), halves: mesh.halves, form };
  }
  if (form.dialect === 'cilium') return { learned: withNotes(learned, wholeNodes(learned)), halves, form };
  if (form.dialect !== 'cluster') return { learned, halves, form };
  return {
    learned: withNotes(learned, callersOutside(learned)),
    halves: halves.flatMap((half) => podsOnly(half) ?? []),
    form,
  };
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

/** ClusterNetworkPolicy neither lets in nor keeps out what is no pod. */
function callersOutside({ defaultDeny }: Learned): LearnNote[] {
  const isolated = defaultDeny.ingress.members.length;
  if (isolated === 0) return [];
  const message = `ClusterNetworkPolicy names callers that are pods only: ${isolated} isolated workloads stay open to callers from outside the cluster and from nodes.`;
  return [
    {
      rule: 'outside-callers-not-expressible',
      message,
      remedy: 'Write a second folder in another dialect where that matters.',
    },
  ];
}

/** Cilium knows nodes as an entity, not by their addresses. */
function wholeNodes({ pairs }: Learned): LearnNote[] {
  const named = pairs.filter(({ service, client }) =>
    [...service.outside, ...client.outside].some((peer) => peer.peer === 'addresses' && peer.kind === 'host'),
  );
  if (named.length === 0) return [];
  const message = `Cilium names all nodes at once: ${named.map((pair) => pair.function).join(', ')} grant every node what some were seen to need.`;
  return [{ rule: 'nodes-as-a-whole', message, remedy: 'Look at the ports of these functions.' }];
}
