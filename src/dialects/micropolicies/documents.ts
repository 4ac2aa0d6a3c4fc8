import type { FunctionValue } from '../../model/pair.ts';
import { type Policy, type PolicyRef, policyName } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import { writeAntrea } from '../antrea/write.ts';
import { writeCalico } from '../calico/write.ts';
import { writeCilium } from '../cilium/write.ts';
import { writeCluster } from '../cluster/write.ts';
import { writeIstio } from '../istio/write.ts';
import { type PlainObject, type WrittenMetadata, writeNetworkPolicy } from '../kubernetes/write.ts';
import type { WrittenDocuments } from '../writing/documents.ts';
import { yamlText } from '../yaml-text.ts';
import { observeLookups } from './cilium.ts';
import { type Half, halfFile, halfOf, pairMetadata, type RenderedFiles } from './files.ts';
import type { OutputForm } from './form.ts';
import { GENERATED } from './micropolicies.ts';
import { placePolicies } from './place.ts';

/** The manifests of a run in the form that was asked for: one file for each half, and namespace where it has one. */
export function renderForm(halves: readonly Half[], form: OutputForm): RenderedFiles {
  const metadata = new Map<PolicyRef, WrittenMetadata>();
  const set = placePolicies(halves, form);
  set.policies.forEach(({ ref }, index) => {
    metadata.set(ref, pairMetadata(halves[index] as Half));
  });
  const metadataOf = ({ ref }: Policy): WrittenMetadata => metadata.get(ref) ?? {};
  const { documents, refusals } = WRITERS[form.dialect](set, { metadata: metadataOf, staged: form.staged });
  return {
    ...filesOf(documents, form.folder),
    refusals: refusals.map(({ policy, reason }) => `${policyName(policy)}: ${reason}`),
  };
}

interface WriteOptions {
  readonly metadata: (policy: Policy) => WrittenMetadata;
  readonly staged: boolean;
}

type Write = (set: ReturnType<typeof placePolicies>, options: WriteOptions) => WrittenDocuments;

const WRITERS: Readonly<Record<OutputForm['dialect'], Write>> = {
  kubernetes: writeKubernetes,
  cluster: (set, { metadata }) => writeCluster(set, { metadata, podsOnlyIngress: true }),
  calico: writeCalico,
  cilium: (set, options) => {
    const { documents, refusals } = writeCilium(set, options);
    return { documents: observeLookups(documents), refusals };
  },
  antrea: writeAntrea,
  istio: (set, { metadata, staged }) =>
    writeIstio({ policies: set.policies.map((policy) => ({ ...policy, staged })) }, { metadata }),
};

/** Staged is Calico's StagedKubernetesNetworkPolicy, which becomes a NetworkPolicy when it is let go. */
function writeKubernetes({ policies }: Parameters<Write>[0], { metadata, staged }: WriteOptions): WrittenDocuments {
  const documents: PlainObject[] = [];
  const refusals: { readonly policy: PolicyRef; readonly reason: string }[] = [];
  for (const policy of policies) {
    const written = writeNetworkPolicy(policy, metadata(policy));
    if ('refusal' in written) refusals.push({ policy: policy.ref, reason: written.refusal });
    else documents.push(staged ? stagedForm(written.document) : written.document);
  }
  return { documents, refusals };
}

function stagedForm(document: PlainObject): PlainObject {
  const spec = { ...(document.spec as PlainObject), stagedAction: 'Set' };
  return { ...document, apiVersion: 'projectcalico.org/v3', kind: 'StagedKubernetesNetworkPolicy', spec };
}

function filesOf(documents: readonly PlainObject[], folder: string): Omit<RenderedFiles, 'refusals'> {
  const halves = new Map<string, PlainObject[]>();
  const tiers: PlainObject[] = [];
  for (const document of documents) {
    const half = halfOf(document);
    if (half === undefined) tiers.push(document);
    else appendTo(halves, `${folder}/${fileName(document, half)}`, document);
  }
  const files = new Map<string, string>();
  // A tier has to be there before its policies, and files are applied in the order of their names.
  const first = `${folder}/0-tier.yaml`;
  if (tiers.length > 0)
    files.set(first, `${GENERATED} The tier of these policies.\n${tiers.map(yamlText).join('---\n')}`);
  for (const [path, all] of halves) {
    const { name, half } = halfOf(all[0] as PlainObject) ?? { half: 'both' };
    files.set(path, halfFile(name, half, all));
  }
  return { files, documents: tiers.length > 0 ? new Map([[first, tiers], ...halves]) : halves };
}

const DENIALS: Readonly<Record<FunctionValue, string>> = {
  service: 'default-deny-ingress',
  client: 'default-deny-egress',
  both: 'default-deny',
};

/** `shop.cart-service.yaml`. */
function fileName(document: PlainObject, { name, half }: NonNullable<ReturnType<typeof halfOf>>): string {
  const { namespace } = document.metadata as { readonly namespace?: string };
  const stem = name === undefined ? DENIALS[half] : `${name}-${half}`;
  return `${namespace === undefined ? '' : `${namespace}.`}${stem}.yaml`;
}
