import { workloadId } from '../../model/inventory.ts';
import type { Assignment, FunctionValue, PolicyPair } from '../../model/pair.ts';
import { podTemplate } from '../../model/pod-template.ts';
import type { Policy } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { yamlText } from '../yaml-text.ts';
import { GENERATED } from './micropolicies.ts';

/** A half-policy as the learner gives it. */
export interface Half {
  /** Absent: the default deny of the half's direction, or of both. */
  readonly pair?: PolicyPair | undefined;
  readonly half: FunctionValue;
  readonly policy: Policy;
}

/** Path inside the output folder → text. */
export type Files = ReadonlyMap<string, string>;

/** Policies as files. */
export interface RenderedFiles {
  readonly files: Files;
  /** What the files hold, by path. */
  readonly documents: ReadonlyMap<string, readonly PlainObject[]>;
  /** What cannot be written, and why; empty for everything the learner makes. */
  readonly refusals: readonly string[];
}

/** Labels by which halves of a pair are found again on a cluster. */
const PAIR_LABEL = 'microwall.io/pair';
const HALF_LABEL = 'microwall.io/half';
const FUNCTION_ANNOTATION = 'microwall.io/function';
const VERSION_ANNOTATION = 'microwall.io/version';

/** Labels and annotations by which the halves of a pair find each other on a cluster. */
export function pairMetadata({ pair, half }: Pick<Half, 'pair' | 'half'>): WrittenMetadata {
  return {
    labels: { [HALF_LABEL]: half, ...(pair && { [PAIR_LABEL]: pair.id }) },
    ...(pair && { annotations: { [FUNCTION_ANNOTATION]: pair.function, [VERSION_ANNOTATION]: pair.version } }),
  };
}

/** What the metadata of a written policy tell of its half; absent for a document that is none. */
export function halfOf(document: PlainObject): { readonly name?: string; readonly half: FunctionValue } | undefined {
  const { labels, annotations } = document.metadata as WrittenMetadata;
  const half = labels?.[HALF_LABEL];
  const name = annotations?.[FUNCTION_ANNOTATION];
  return half === undefined ? undefined : { half: half as FunctionValue, ...(name !== undefined && { name }) };
}

/** The text of a file that holds one half. */
export function halfFile(name: string | undefined, half: FunctionValue, documents: readonly PlainObject[]): string {
  return `${GENERATED} ${describe(name, half)}\n${documents.map(yamlText).join('---\n')}`;
}

function describe(name: string | undefined, half: FunctionValue): string {
  if (name === undefined) return DENIALS[half];
  return half === 'service' ? `Who may call ${name}.` : `Whom the clients of ${name} may call.`;
}

const DENIALS: Readonly<Record<FunctionValue, string>> = {
  service: 'Nobody else may call these workloads: every caller they need is let in by a pair.',
  client: 'These workloads may call nobody else: everything they need is let out by a pair.',
  both: 'These workloads call and are called by nobody else: everything they need is let through by a pair.',
};

/** `labels/`: a strategic merge patch for each workload, and the kustomize component that lists them. */
export function renderLabelPatches(assignments: readonly Assignment[]): Files {
  const files = new Map<string, string>();
  const patches: PlainObject[] = [];
  for (const assignment of assignments) {
    const { namespace, kind, name } = assignment.workload;
    const patch = labelPatch(assignment);
    if (!patch) continue;
    const file = `${namespace}.${kind.toLowerCase()}.${name}.yaml`;
    files.set(`labels/${file}`, `${GENERATED} Functions of ${workloadId(assignment.workload)}.\n${yamlText(patch)}`);
    patches.push({ path: file, target: { kind, name: `^${escapePattern(name)}$`, namespace } });
  }
  const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', patches };
  const head = `${GENERATED} Name this folder under "components" in the kustomization that holds the workloads.`;
  return files.set('labels/kustomization.yaml', `${head}\n${yamlText(component)}`);
}

/** Targets are regular expressions in kustomize; of the legal characters only the dot means something else there. */
function escapePattern(name: string): string {
  return name.replaceAll('.', '\\.');
}

function labelPatch({ workload, labels }: Assignment): PlainObject | undefined {
  const template = podTemplate(workload.kind);
  if (!template) return undefined;
  const inner = { metadata: { labels: Object.fromEntries(labels) } };
  const metadata = { name: workload.name, namespace: workload.namespace };
  const head = { apiVersion: template.apiVersion, kind: workload.kind };
  if (template.path.length === 0) return { ...head, metadata: { ...metadata, ...inner.metadata } };
  const nested = template.path.reduceRight<PlainObject>((value, step) => ({ [step]: value }), inner);
  return { ...head, metadata, ...nested };
}

/** `kustomization.yaml`: the policies as resources. Label patches are a component of their own, see there. */
export function renderKustomization(policyFiles: readonly string[]): string {
  const document = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...policyFiles].sort(compareText),
  };
  const head = [
    `${GENERATED} The policies, ready for "kubectl apply -k".`,
    '# Put the labels of labels/ on the workloads first: a server is isolated as soon as it carries its label.',
  ];
  return `${head.join('\n')}\n${yamlText(document)}`;
}
