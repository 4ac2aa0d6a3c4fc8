import type { Finding } from '../model/finding.ts';
import type { KindedDocument } from './dialect.ts';
import type { PolicyDocument } from './document/document.ts';
import { ignored, rootField, wrong } from './document/fields.ts';
import { resource } from './document/metadata.ts';

/** API groups whose kinds say nothing about what a policy allows; a folder of manifests is full of them. */
const OTHER_GROUPS = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'extensions.istio.io',
  'networking.istio.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'telemetry.istio.io',
]);
const OTHER_GROUP_ENDINGS = [
  '.fluxcd.io',
  '.argoproj.io',
  'argoproj.io',
  '.coreos.com',
  'cert-manager.io',
  '.tigera.io',
];
const OTHER_KINDS = new Set([
  'Ingress',
  'IngressClass',
  'CustomResourceDefinition',
  'APIService',
  'Gateway',
  'HTTPRoute',
  // Configuration of Calico, in the API group of its policies.
  'BGPConfiguration',
  'BGPFilter',
  'BGPPeer',
  'BlockAffinity',
  'CalicoNodeStatus',
  'ClusterInformation',
  'FelixConfiguration',
  'IPAMConfiguration',
  'IPPool',
  'IPReservation',
  'KubeControllersConfiguration',
  // Configuration and state of Cilium, in the API group of its policies.
  'CiliumBGPAdvertisement',
  'CiliumBGPClusterConfig',
  'CiliumBGPNodeConfig',
  'CiliumBGPPeerConfig',
  'CiliumBGPPeeringPolicy',
  'CiliumClusterwideEnvoyConfig',
  'CiliumEgressGatewayPolicy',
  'CiliumEndpoint',
  'CiliumEndpointSlice',
  'CiliumEnvoyConfig',
  'CiliumIdentity',
  'CiliumL2AnnouncementPolicy',
  'CiliumLoadBalancerIPPool',
  'CiliumLocalRedirectPolicy',
  'CiliumNode',
  'CiliumNodeConfig',
  'CiliumPodIPPool',
  // Istio's check of tokens, which is about requests.
  'RequestAuthentication',
]);

export interface SortedDocuments {
  readonly policies: readonly KindedDocument[];
  readonly namespaces: readonly PolicyDocument[];
  readonly services: readonly PolicyDocument[];
}

/** Tells policies, and what they refer to, from the other objects of a mixed folder; these are noted once per kind and file, not refused. */
export function sortOut(documents: readonly PolicyDocument[], findings: Finding[]): SortedDocuments {
  const policies: KindedDocument[] = [];
  const namespaces: PolicyDocument[] = [];
  const services: PolicyDocument[] = [];
  const noted = new Set<string>();
  const patches = patchFiles(documents);
  for (const document of documents) {
    const kinded = kindOf(document);
    const file = document.locate([]).file;
    const what = patches.some((name) => file === name || file.endsWith(`/${name}`))
      ? 'kustomize patch'
      : otherKind(document, kinded);
    if (what === 'Namespace') namespaces.push(document);
    else if (what === 'Service' && kinded?.apiVersion === 'v1') services.push(document);
    else if (what !== undefined) note(document, what, { noted, findings });
    else if (kinded !== undefined) policies.push(kinded);
    else withoutKind(document, findings);
  }
  return { policies, namespaces, services };
}

function kindOf(document: PolicyDocument): KindedDocument | undefined {
  const { apiVersion, kind } = (document.value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  return typeof kind === 'string' && typeof apiVersion === 'string' ? { apiVersion, kind, document } : undefined;
}

/** What an object is when it is known to be no policy. */
function otherKind(document: PolicyDocument, kinded: KindedDocument | undefined): string | undefined {
  if (kinded === undefined) return isJsonPatch(document.value) ? 'kustomize patch' : undefined;
  const { apiVersion, kind } = kinded;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  if (group === 'kustomize.config.k8s.io') return kind;
  const other =
    OTHER_GROUPS.has(group) || OTHER_KINDS.has(kind) || OTHER_GROUP_ENDINGS.some((end) => group.endsWith(end));
  return other && !kind.endsWith('NetworkPolicy') ? kind : undefined;
}

/** A JSON patch is a list of operations. */
function isJsonPatch(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'object' && item !== null && 'op' in item)
  );
}

/** Names of the files that kustomizations among `documents` use as patches: fragments, not policies. */
function patchFiles(documents: readonly PolicyDocument[]): string[] {
  return documents.flatMap(({ value }) => {
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'Kustomization') return [];
    const { patches, patchesStrategicMerge, patchesJson6902 } = value as Record<string, unknown>;
    const entries = [patches, patchesStrategicMerge, patchesJson6902].filter(Array.isArray).flat();
    const names = entries.map((entry) =>
      typeof entry === 'string' ? entry : (entry as { path?: unknown } | null)?.path,
    );
    return names.filter((name) => typeof name === 'string').map((name) => name.replace(/^(\.\/)+/, ''));
  });
}

function note(document: PolicyDocument, what: string, to: { noted: Set<string>; findings: Finding[] }): void {
  const location = document.locate(['kind']);
  const key = `${location.file}\0${what}`;
  if (to.noted.has(key)) return;
  to.noted.add(key);
  const message = `${what} is no policy and was passed over`;
  to.findings.push({ severity: 'note', rule: 'not-a-policy', message, remedy: 'Nothing to do.', location });
}

function withoutKind(document: PolicyDocument, findings: Finding[]): void {
  const remedy = 'Add apiVersion and kind, or leave the file out of what is read.';
  wrong(rootField(document, findings), 'no-kind', 'it has no apiVersion and kind', remedy);
}

const namespace = resource(ignored);

/** Name and labels of a Namespace object; every namespace carries its own name as a label. */
export function readNamespace(
  document: PolicyDocument,
  findings: Finding[],
): [[string, ReadonlyMap<string, string>]] | undefined {
  const read = namespace(rootField(document, findings));
  if (read === undefined) return undefined;
  const { name, labels } = read.metadata;
  return [[name, new Map([...labels, ['kubernetes.io/metadata.name', name]])]];
}
