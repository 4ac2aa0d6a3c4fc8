import type { Finding } from '../model/finding.ts';
import type { PolicySet } from '../model/policy.ts';
import { nearest } from '../util/nearest.ts';
import { admin } from './admin/read.ts';
import { antrea } from './antrea/read.ts';
import { calico } from './calico/read.ts';
import { cilium } from './cilium/read.ts';
import { cluster } from './cluster/read.ts';
import type { Dialect, KindedDocument, MeshDataPlane, ReadContext } from './dialect.ts';
import { type Documents, readDocuments, type SourceText } from './document/document.ts';
import { reportDuplicates } from './document/duplicates.ts';
import { rootField, wrong } from './document/fields.ts';
import { ambientNamespaces } from './istio/data-plane.ts';
import { istio } from './istio/read.ts';
import { kubernetes } from './kubernetes/read.ts';
import { readNamespace, sortOut } from './other-kinds.ts';
import { arrange, guessProfile, type ProfileName } from './profiles.ts';
import { readServices } from './services.ts';

/** Every dialect that can be read. */
const DIALECTS: readonly Dialect[] = [kubernetes, cluster, admin, antrea, calico, cilium, istio];

export interface ReadOptions {
  /** Product whose behaviour decides; guessed from the policies when absent. */
  readonly profile?: ProfileName | undefined;
  /** Namespace of namespaced policies that name none; `default` when absent, as kubectl has it. */
  readonly defaultNamespace?: string;
  /** What enforces Istio's policies; absent: ztunnel in namespaces that say so, else sidecars. */
  readonly mesh?: MeshDataPlane | undefined;
}

/** The documents of one file. */
export type NamedDocuments = Documents & Pick<SourceText, 'name'>;

export interface ReadPolicies {
  readonly policySet: PolicySet;
  /** The profile was not given and follows from the policies. */
  readonly profileGuessed: boolean;
  /** Namespaces whose Istio policies were taken to be for ztunnel, because of what their labels say. */
  readonly ambient: readonly string[];
  /** Labels of Namespace objects that lay beside the policies, by name. */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** In the order of files, documents and lines. A document with an error contributes nothing. */
  readonly findings: readonly Finding[];
}

/** Policies of all dialects in these texts. Nothing is ignored silently: what is not read is a finding. */
export function readPolicies(sources: readonly SourceText[], options: ReadOptions = {}): ReadPolicies {
  return readPolicyDocuments(
    sources.map((source) => ({ name: source.name, ...readDocuments(source) })),
    options,
  );
}

/** The same for texts that were split into documents already, because something else is read from them too. */
export function readPolicyDocuments(read: readonly NamedDocuments[], options: ReadOptions = {}): ReadPolicies {
  const findings: Finding[] = read.flatMap((one) => one.findings);
  const sorted = sortOut(
    read.flatMap((one) => one.documents),
    findings,
  );
  const namespaces = new Map(sorted.namespaces.flatMap((document) => readNamespace(document, findings) ?? []));
  const { defaultNamespace = 'default', mesh } = options;
  const services = readServices(sorted.services, defaultNamespace);
  const context: ReadContext = { defaultNamespace, mesh, namespaces, services, findings };
  const ofDialect = new Map<Dialect, KindedDocument[]>(DIALECTS.map((dialect) => [dialect, []]));
  for (const document of sorted.policies) {
    const dialect = dialectOf(document);
    if (dialect === undefined) unknownKind(document, findings);
    else ofDialect.get(dialect)?.push(document);
  }
  const parts = [...ofDialect].map(([dialect, documents]) => dialect.read(documents, context));
  const policies = parts.flatMap((part) => part.policies);
  reportDuplicates(policies, findings);
  const profile = options.profile ?? guessProfile(policies);
  return {
    policySet: arrange(
      profile,
      policies,
      parts.flatMap((part) => part.stages),
    ),
    profileGuessed: options.profile === undefined,
    ambient: mesh === undefined ? ambientNamespaces(policies, namespaces) : [],
    namespaces,
    findings: inOrder(findings, read),
  };
}

function dialectOf({ apiVersion, kind }: KindedDocument): Dialect | undefined {
  return DIALECTS.find(({ kinds }) => Object.hasOwn(kinds, apiVersion) && kinds[apiVersion]?.includes(kind));
}

function unknownKind({ apiVersion, kind, document }: KindedDocument, findings: Finding[]): void {
  const readable = DIALECTS.flatMap(({ kinds }) =>
    Object.entries(kinds).flatMap(([version, names]) => names.map((name) => ({ version, name }))),
  );
  const versions = readable.filter(({ name }) => name === kind).map(({ version }) => version);
  const field = { ...rootField(document, findings), path: [versions.length > 0 ? 'apiVersion' : 'kind'] };
  if (versions.length > 0) {
    const message = `${kind} of ${apiVersion} is not known`;
    wrong(field, 'unknown-api-version', message, `Write apiVersion: ${versions.join(' or ')}.`);
    return;
  }
  const like = nearest(
    kind,
    readable.map(({ name }) => name),
  );
  const remedy = like === undefined ? 'Keep only policies and namespaces in what is read.' : `Write ${like}, perhaps.`;
  wrong(field, 'unknown-kind', `kind ${kind} of ${apiVersion} is not known`, remedy);
}

function inOrder(findings: readonly Finding[], sources: readonly Pick<SourceText, 'name'>[]): Finding[] {
  const rank = new Map(sources.map(({ name }, index) => [name, index]));
  const place = ({ location }: Finding): number => rank.get(location.file) ?? sources.length;
  return [...findings].sort(
    (a, b) => place(a) - place(b) || a.location.document - b.location.document || a.location.line - b.location.line,
  );
}
