import type { EndpointKind } from './enums.ts';
import type { Location } from './finding.ts';
import type { PortRange } from './ports.ts';
import type { Selector } from './selector.ts';

/**
 * The neutral model that every policy dialect is read into and written from. A verdict is egress at the client's side
 * AND ingress at the server's side; each side is a walk over ordered *stages* (tiers). Only the opening packet of a
 * connection is decided. Section numbers K…, A…, C…, P…, X…, N…, I… in comments of the dialects refer to the rules of
 * the respective specification as listed in `docs/policy-semantics.md`.
 */
export type Side = 'egress' | 'ingress';

export type PolicyDialect = 'kubernetes' | 'cluster' | 'admin' | 'calico' | 'cilium' | 'antrea' | 'istio';

export interface PolicyRef {
  readonly dialect: PolicyDialect;
  /** Kubernetes kind, e.g. `NetworkPolicy`. */
  readonly kind: string;
  /** `''` for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly location: Location;
}

/** `namespace/name`, or the bare name of a cluster-scoped policy. */
export function policyName(ref: Pick<PolicyRef, 'namespace' | 'name'>): string {
  return ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
}

/**
 * A boolean formula over what is known of one endpoint, used for subjects and for peers. Evaluation is three-valued:
 * an atom whose fact is not known (labels of an unlabelled source, a masked address, a DNS name) is *unknown*, and a
 * formula that hinges on it is uncertain. Pod facts (`labels`, `namespace…`, `serviceAccount`) are simply false for
 * endpoints that are not pods.
 */
export type EndpointMatcher =
  | { readonly match: 'anything' }
  | { readonly match: 'nothing' }
  | { readonly match: 'all'; readonly of: readonly EndpointMatcher[] }
  | { readonly match: 'some'; readonly of: readonly EndpointMatcher[] }
  | { readonly match: 'not'; readonly of: EndpointMatcher }
  /** Any pod at all. */
  | { readonly match: 'pod' }
  | { readonly match: 'labels'; readonly selector: Selector }
  | { readonly match: 'namespaceName'; readonly names: readonly string[] }
  | { readonly match: 'namespaceLabels'; readonly selector: Selector }
  | { readonly match: 'serviceAccount'; readonly names: readonly string[] }
  | { readonly match: 'serviceAccountLabels'; readonly selector: Selector }
  | { readonly match: 'kind'; readonly kinds: readonly EndpointKind[] }
  /** In a cluster of one of these names. Sources may name clusters differently: another name proves nothing. */
  | { readonly match: 'clusterName'; readonly names: readonly string[] }
  /** Something without a known address that the source says is in a network set of this name (`namespace/name`). */
  | { readonly match: 'networkSet'; readonly names: readonly string[] }
  /** The node that runs the pod at the other end. */
  | { readonly match: 'ownNode' }
  /** A node with these labels. Nodes are told by their kind; which labels they have is in no flow. */
  | { readonly match: 'nodeLabels'; readonly selector: Selector }
  /** Inside one of `cidrs` and in none of `except`. Whether pods count is a switch of the profile unless `pods` says. */
  | {
      readonly match: 'cidr';
      readonly cidrs: readonly string[];
      readonly except: readonly string[];
      readonly pods?: boolean;
    }
  /**
   * A DNS name of an endpoint that is not a pod. `*` stands for any characters within one label, `**` for any characters
   * at all; case and a trailing dot do not count.
   */
  | { readonly match: 'dnsName'; readonly patterns: readonly string[] }
  /** Mesh identity; `*` alone, as prefix or as suffix is a wildcard. False without an identity. */
  | { readonly match: 'principal'; readonly patterns: readonly string[] }
  /** The namespace in the mesh identity, with the same wildcards. False without an identity. */
  | { readonly match: 'principalNamespace'; readonly patterns: readonly string[] }
  /** Same value of all `keys` on the namespaces of subject and peer; `keys` empty = the same namespace. */
  | { readonly match: 'sameNamespaceLabels'; readonly keys: readonly string[] }
  /** Cannot be decided from flows and inventory; `missing` says what would be needed. */
  | { readonly match: 'undecidable'; readonly missing: string };

/** Everything matches, known or not. */
export const ANYTHING: EndpointMatcher = Object.freeze({ match: 'anything' });

/** One way in which protocol and destination port can match. */
export type PortMatcher =
  /** `protocol` absent = every protocol; `ports` absent = every port, also of protocols without ports. */
  | { readonly protocol?: number; readonly ports?: readonly PortRange[] }
  /** Name of a container port of the destination pod; `protocol` absent = any that carries the name. */
  | { readonly portName: string; readonly protocol?: number }
  | { readonly protocol: number; readonly icmpType?: number; readonly icmpCode?: number };

export type RuleAction = 'allow' | 'deny' | 'pass' | 'log';

export interface PolicyRule {
  /** Position in its section of the document, from 0. */
  readonly index: number;
  /** `''` when the dialect or the author gives none. */
  readonly name: string;
  readonly action: RuleAction;
  /** The far end: the destination for egress, the source for ingress. */
  readonly peer: EndpointMatcher;
  /** Further condition on the subject's own end (Calico, Istio). */
  readonly self?: EndpointMatcher;
  /** Any of these; absent = all traffic. */
  readonly ports?: readonly PortMatcher[];
  /** None of these. */
  readonly notPorts?: readonly PortMatcher[];
  /** Source ports, any of these; absent = all. */
  readonly sourcePorts?: readonly PortMatcher[];
  /** Source ports, none of these. */
  readonly notSourcePorts?: readonly PortMatcher[];
  /** What must hold beyond addresses and ports (L7, SNI, mutual authentication); the verdict is then uncertain. */
  readonly conditions?: readonly string[];
  /** What happens when `conditions` do not hold; absent: the rule does not match and the walk goes on. */
  readonly otherwise?: 'deny';
}

export interface PolicyDirection {
  readonly rules: readonly PolicyRule[];
  /** A selected subject that no rule of the stage matches is denied. */
  readonly isolates: boolean;
}

export interface Policy {
  readonly ref: PolicyRef;
  /** Name of the stage this policy belongs to. */
  readonly stage: string;
  /** Lower first, inside a first-match stage. */
  readonly order: number;
  /** Text by which equal orders are told apart; absent = the policy's name. */
  readonly tie?: string;
  /** Parsed and reported, never enforced (Calico staged kinds, Istio dry run). */
  readonly staged: boolean;
  /** What letting a staged policy go does, other than putting it into force in place of the policy of its name. */
  readonly letGo?: 'delete' | 'nothing';
  readonly subject: EndpointMatcher;
  /** Absent: the policy has no opinion on this direction. */
  readonly egress?: PolicyDirection;
  readonly ingress?: PolicyDirection;
}

/** One step of a side's walk. */
export interface Stage {
  readonly name: string;
  /** Lower first. */
  readonly order: number;
  /** First match in policy and rule order, or a union in which deny beats allow. */
  readonly combine: 'first-match' | 'deny-overrides';
  /** Stage at which a `pass` continues; absent = the next stage. */
  readonly passTo?: string;
  /** How an isolation deny of this stage is explained; absent = by what came closest to matching. */
  readonly defaultBecause?: 'tierDefaultAction' | 'defaultDenyMode';
  /**
   * Stages of different layers are walked independently and all of them must allow: a service mesh in its proxies
   * beside the network plugin. Absent = the network layer, `''`.
   */
  readonly layer?: string;
  /** IANA numbers of the only protocols this stage and its layer govern; absent = all traffic. */
  readonly protocols?: readonly number[];
}

/** Points on which correct products differ. */
export interface EvaluationProfile {
  readonly name: 'kubernetes' | 'calico' | 'cilium' | 'antrea' | 'istio';
  /** Address blocks also match the addresses of pods. */
  readonly ipBlockMatchesPods: boolean;
  /** Address blocks also match nodes and what else in the cluster has an identity of its own; absent = they do. */
  readonly ipBlockMatchesNodes?: boolean;
  /** A node always reaches the pods that run on it (kubelet probes). */
  readonly nodeToLocalPodAlwaysAllowed: boolean;
  /** A deny rule nevertheless applies to a node and its own pods (Cilium). */
  readonly denyBeatsLocalNode?: boolean;
  /** Traffic of a workload to itself: `allowed` without evaluation, or `evaluated`. */
  readonly selfTraffic: 'allowed' | 'evaluated';
  /** Why traffic is allowed that policies select and none decides, where the product has a name for it (Calico). */
  readonly undecidedBecause?: 'profile';
}

/** All policies in force at one time. */
export interface PolicySet {
  readonly profile: EvaluationProfile;
  readonly stages: readonly Stage[];
  readonly policies: readonly Policy[];
}
