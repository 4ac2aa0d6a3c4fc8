/** Choices of one run of the learner. */
export interface LearnOptions {
  /** Only pods of this cluster can be named by label. */
  readonly cluster: string;
  /** How halves name their pods: by function labels that the run assigns, or by labels that exist already. */
  readonly mode: 'labels' | 'selectors';
  /** Workloads of these namespaces are subjects; empty = all but `excludedNamespaces`. */
  readonly namespaces: readonly string[];
  /** Never subjects: neither labelled nor isolated, but granted to and from by their existing labels. */
  readonly excludedNamespaces: readonly string[];
  /** Before the function in label keys, e.g. `net.example.com/`. */
  readonly labelPrefix: string;
  /** A link is trusted when it was seen on this many days, or in as much of one day as `judgeLinks` says … */
  readonly minDays: number;
  /** … and from this many client pods; the only pod of a client has to be seen longer instead. */
  readonly minClients: number;
  /**
   * Share of a grant that may go to clients which were not seen, because they carry what all others carry; 0 = none.
   * Functions that a platform offers to everybody may go further (`platformBound`).
   */
  readonly maxOverGrant: number;
  /** At most this many CIDRs in one peer; more addresses are aggregated. */
  readonly cidrBudget: number;
  /** From this many distinct public client addresses on, a server counts as open to the Internet. */
  readonly internetSources: number;
}

/** Function part of the label that marks isolated workloads; no function may be called so. */
export const DEFAULT_DENY = 'default-deny';

/** Isolating these breaks clusters; the components in them are granted to and from, never labelled. */
export const SYSTEM_NAMESPACES: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];

export const DEFAULT_LEARN_OPTIONS: Omit<LearnOptions, 'cluster'> = {
  mode: 'labels',
  namespaces: [],
  excludedNamespaces: SYSTEM_NAMESPACES,
  labelPrefix: '',
  minDays: 2,
  minClients: 2,
  maxOverGrant: 0.05,
  cidrBudget: 8,
  internetSources: 16,
};

/** Whether workloads of this namespace may be labelled and isolated. */
export function isSubjectNamespace(options: LearnOptions, namespace: string): boolean {
  if (options.excludedNamespaces.includes(namespace)) return false;
  return options.namespaces.length === 0 || options.namespaces.includes(namespace);
}
