import type { EndpointKind } from './enums.ts';
import type { Selector } from './selector.ts';

/** What a function label says of the workload that carries it. */
export type FunctionValue = 'service' | 'client' | 'both';

export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** A port that the servers of a pair offer, after address translation. */
export interface PairPort {
  readonly protocol: number;
  readonly port: number;
  /** Granted although only the other transport was seen: DNS answers that do not fit into UDP come over TCP. */
  readonly implied: boolean;
}

/** Pods of one namespace named by labels they carry already; any of `selectors` names some of them. */
export interface PodSelection {
  readonly namespace: string;
  readonly selectors: readonly Selector[];
}

/** A peer that carries no function label: pods that are nobody's subject, or addresses. */
export type OutsidePeer =
  | ({ readonly peer: 'pods'; readonly what: string; readonly members: readonly WorkloadRef[] } & PodSelection)
  | {
      readonly peer: 'addresses';
      readonly what: string;
      readonly kind: EndpointKind;
      readonly cidrs: readonly string[];
      readonly except: readonly string[];
      /** DNS names under which every call looked these addresses up; absent when a call is known without a name. */
      readonly names?: readonly string[];
      /** Only for members in this namespace of the pair's scope; absent: for all. */
      readonly within?: string;
    };

/** One side of a pair: who serves, or who calls. */
export interface PairSide {
  /** Workloads that carry the function label and are isolated by this side's half; sorted. */
  readonly members: readonly WorkloadRef[];
  /** Selectors over existing labels that name exactly `members`, by namespace; sorted. */
  readonly selections: readonly PodSelection[];
  /** Namespaces in which existing labels cannot tell members from others; only function labels can. */
  readonly indistinct: readonly string[];
  /** Members that were not seen taking part: they carry what all others carry, and the over-grant bound bears them. */
  readonly beyond?: readonly WorkloadRef[];
  readonly outside: readonly OutsidePeer[];
}

/** What was observed for a grant, held-back link or pair. Times are milliseconds since the epoch. */
export interface Evidence {
  /** Distinct (client, server, port) links behind it. */
  readonly links: number;
  readonly flows: number;
  readonly connections: number;
  /** Distinct UTC hours and days with traffic. */
  readonly hours: number;
  readonly days: number;
  /** Distinct client pods or addresses of the best corroborated link; lists are capped when stored, so "at least". */
  readonly clients: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/**
 * A function as two half-policies: `<function>-service` lets the clients in at the servers, `<function>-client` lets
 * the clients out to the servers. A side without members has no half. In a `group` every member is client and server.
 */
export interface PolicyPair {
  /** 12 hex digits of a hash over servers and ports: it survives new clients and is the same in every mode. */
  readonly id: string;
  readonly version: string;
  readonly function: string;
  /** Label key: the function, behind the chosen prefix. */
  readonly label: string;
  readonly kind: 'pair' | 'group';
  /**
   * Namespaces that hold copies of one application, sorted: nothing is granted from one of them to another. Absent: every
   * client may call every server.
   */
  readonly scope?: readonly string[] | undefined;
  /** The evidence in each namespace of the scope, in its order; trust is judged in each by itself. */
  readonly scopeEvidence?: readonly Evidence[];
  readonly ports: readonly PairPort[];
  readonly service: PairSide;
  readonly client: PairSide;
  readonly evidence: Evidence;
  readonly readiness: Readiness;
  /** Grants of an earlier run that nobody used in this window; they stay until a person lets them go. */
  readonly unused: readonly UnusedGrant[];
  readonly decision: Decision;
  readonly details?: DecisionDetails;
  /** A person's words, kept from run to run. */
  readonly note: string;
  /**
   * Share of what the pair grants between workloads that was not observed and trusted: 0 with function labels, more where
   * existing labels cannot tell a member from another workload.
   */
  readonly overGrant: number;
  /** Sentences that ask for a person's eye, e.g. a sensitive port. */
  readonly reviews: readonly string[];
}

/** Workloads that are isolated in one direction; sorted. In label mode a label names them, else existing labels. */
export interface IsolatedSide {
  readonly members: readonly WorkloadRef[];
  readonly selections: readonly PodSelection[];
}

/**
 * Policies apart from the pairs that deny what no pair grants, for exactly the workloads whose traffic in a direction is
 * covered in full: without them, whoever removes the only half that selects a workload would open it.
 */
export interface DefaultDeny {
  /** Label key; its value says which directions: `service` ingress, `client` egress, `both`. */
  readonly label: string;
  readonly ingress: IsolatedSide;
  readonly egress: IsolatedSide;
}

/** The labels that one workload shall carry, by key, sorted. */
export interface Assignment {
  readonly workload: WorkloadRef;
  readonly labels: ReadonlyMap<string, FunctionValue>;
}

/** A link that was observed and is not granted, with the rule that held it back. */
export interface HeldBack {
  /** Stable id in kebab-case. */
  readonly rule: string;
  /** Likely needed, and not proven: worth a person's look. */
  readonly proposed: boolean;
  readonly client: string;
  readonly server: string;
  readonly protocol: number;
  readonly port: number;
  readonly evidence: Evidence;
}

/** A workload that stays open in one direction, because trusted traffic there cannot be written as a policy. */
export interface OpenDirection {
  readonly workload: WorkloadRef;
  readonly side: 'egress' | 'ingress';
  /** One sentence for each cause, sorted, the first few. */
  readonly because: readonly string[];
}

/**
 * How much of the legitimate traffic between pods the window has shown. Shares are between 0 and 1; `missingMass` is the
 * share of coming link-hours that will belong to links never seen before, `interval` its 95 % range.
 */
export interface CoverageEstimate {
  /** Distinct hours and days with traffic. */
  readonly hours: number;
  readonly days: number;
  /** Links between pods, the hours in which each was seen, and how many were seen in only one or two. */
  readonly links: number;
  readonly linkHours: number;
  readonly seenOnce: number;
  readonly seenTwice: number;
  readonly coverage: number;
  readonly missingMass: number;
  readonly interval: readonly [low: number, high: number];
  /** Links that exist and were not seen: at least so many. */
  readonly unseenAtLeast: number;
  /** Link-hours of unseen links to expect per day. */
  readonly newPerDay: number;
}

/** A workload of which the window cannot tell everything, and why. */
export interface BlindSpot {
  readonly workload: WorkloadRef;
  readonly because: string;
}

/** A grant without traffic; ends as `namespace/Kind/name`, or as their peers are called. */
export interface UnusedGrant {
  readonly client: string;
  readonly server: string;
  readonly protocol: number;
  readonly port: number;
  /** Milliseconds since the epoch; 0 when not known. */
  readonly lastSeen: number;
  /** Long enough without traffic to ask for its removal. */
  readonly expired: boolean;
  /** A person wants it to stay, however long it is without traffic. */
  readonly keep?: boolean;
}

/** What a person said about a pair. */
export type Decision = '' | 'approved' | 'rejected';

/** How a person came to a decision, in their own words. */
export interface DecisionDetails {
  readonly reason?: string;
  readonly by?: string;
  /** The version that was decided on. */
  readonly version?: string;
}

/** What a person said about one held-back link; the ends as `HeldBack` calls them. */
export interface LinkDecision extends DecisionDetails {
  readonly client: string;
  readonly server: string;
  readonly protocol: number;
  readonly port: number;
  readonly decision: Exclude<Decision, ''>;
}

/** Ids of the workloads that an earlier run isolated. */
export interface PreviousIsolation {
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
}

/** A side of a pair as an earlier run wrote it. */
export interface PreviousSide {
  readonly members: readonly WorkloadRef[];
  /** The selectors that named the members, where they could be read. */
  readonly selections?: readonly PodSelection[];
  readonly beyond?: readonly WorkloadRef[];
  readonly outside: readonly OutsidePeer[];
}

/** A pair of an earlier run, read back with what people changed in it. */
export interface PreviousPair {
  readonly id: string;
  readonly version: string;
  readonly function: string;
  /** Namespaces that stay apart. */
  readonly scope?: readonly string[];
  readonly ports: readonly PairPort[];
  readonly service: PreviousSide;
  readonly client: PreviousSide;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly days: number;
  readonly unused: readonly (UnusedGrant & { readonly remove: boolean })[];
  readonly decision: Decision;
  readonly details?: DecisionDetails;
  readonly note: string;
  /** Everything in it that says what is enforced, as one text: equal texts, equal policies. */
  readonly words: string;
  /** The whole as JSON, to be written again where nothing is learned for it. */
  readonly json: string;
}

/** How far a pair can be relied upon. */
export interface Readiness {
  /** Probability that its next use is one that it does not grant. */
  readonly nextIsNew: number;
  /** What speaks against enforcing it yet, one sentence each; empty = ready. */
  readonly failing: readonly string[];
}

/** Something about a run that a person should know. */
export interface LearnNote {
  /** Stable id in kebab-case. */
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

/** The headline figures of a run; `links` are distinct (client, server, protocol, port). */
export interface LearnSummary {
  readonly edges: number;
  readonly links: number;
  readonly trusted: number;
  /** Links whose ends are both no subject: not looked at. */
  readonly outOfScope: number;
  /** Links from a node to its own pods, which need no rule. */
  readonly ownNode: number;
  readonly pairs: number;
  /** Workloads that may be labelled, and those of them isolated in each direction. */
  readonly subjects: number;
  readonly egressIsolated: number;
  readonly ingressIsolated: number;
  /** Held-back links by rule, sorted by rule. */
  readonly heldBack: ReadonlyMap<string, number>;
}

/** Everything one run of the learner found out. */
export interface Learned {
  readonly mode: 'labels' | 'selectors';
  readonly pairs: readonly PolicyPair[];
  /** Earlier pairs that a person rejected: nothing of them is granted. */
  readonly rejected: readonly PreviousPair[];
  /** Single links that a person decided on. */
  readonly decidedLinks?: readonly LinkDecision[];
  readonly defaultDeny: DefaultDeny;
  readonly assignments: readonly Assignment[];
  readonly heldBack: readonly HeldBack[];
  readonly open: readonly OpenDirection[];
  readonly coverage: CoverageEstimate;
  readonly blindSpots: readonly BlindSpot[];
  readonly notes: readonly LearnNote[];
  readonly summary: LearnSummary;
}
