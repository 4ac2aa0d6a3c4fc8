import type { Finding } from '../model/finding.ts';
import type { Policy, PolicyDialect, Stage } from '../model/policy.ts';
import type { PolicyDocument } from './document/document.ts';
import type { Services } from './services.ts';

export type MeshDataPlane = 'sidecar' | 'ztunnel';

export interface ReadContext {
  /** Namespace of namespaced policies that do not name one. */
  readonly defaultNamespace: string;
  /** Labels of Namespace objects that lie beside the policies, by name. */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Services that lie beside the policies. */
  readonly services: Services;
  /** Whether Istio's policies are for sidecars, which know HTTP, or for ztunnel, which does not; absent: by namespace. */
  readonly mesh: MeshDataPlane | undefined;
  /** Takes what is wrong; a document with an error contributes no policy. */
  readonly findings: Finding[];
}

export interface DialectPolicies {
  readonly policies: readonly Policy[];
  /** Stages the dialect brings besides the shared ones of `profiles.ts`; only those its policies use. */
  readonly stages: readonly Stage[];
}

/** A document together with the kind it claims to be. */
export interface KindedDocument {
  readonly kind: string;
  readonly apiVersion: string;
  readonly document: PolicyDocument;
}

/** A policy dialect as `read.ts` knows it. */
export interface Dialect {
  readonly name: PolicyDialect;
  /** `apiVersion` → kinds it reads there, policies and the objects they refer to (tiers, sets, groups). */
  readonly kinds: Readonly<Record<string, readonly string[]>>;
  /** Reads all documents of this dialect together, so that policies can refer to tiers, sets and groups. */
  read(documents: readonly KindedDocument[], context: ReadContext): DialectPolicies;
}
