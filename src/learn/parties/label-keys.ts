/**
 * What is known of a label key by its name alone. Sources: Cilium's identity-relevant label defaults
 * (Documentation/operations/performance/scalability/identity-relevant-labels.rst), the recommended labels of the
 * Kubernetes documentation, and Helm's chart conventions.
 */
export type KeyTier = 'never' | 'last-resort' | 'normal';

const NEVER_PREFIXES = ['io.kubernetes', 'kubernetes.io', 'beta.kubernetes.io', 'k8s.io', 'annotation.'];

const NEVER = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'pod-template-generation',
  'pod-template-hash',
  'controller-revision-hash',
  'controller-uid',
  'etcd_node',
  'job-name',
  'helm.sh/chart',
  'chart',
  'heritage',
  'app.kubernetes.io/managed-by',
  'rollouts-pod-template-hash',
]);

const LAST_RESORT = new Set([
  'version',
  'app.kubernetes.io/version',
  'track',
  'shard',
  'release',
  'instance',
  'app.kubernetes.io/instance',
  'service.istio.io/canonical-revision',
]);

/** Keys that say which function a workload has, the cheapest first. */
export const FUNCTION_KEYS: readonly string[] = [
  'app.kubernetes.io/name',
  'app',
  'k8s-app',
  'name',
  'app.kubernetes.io/component',
  'component',
];

const COSTS = new Map<string, number>([
  ...FUNCTION_KEYS.map((key, i): [string, number] => [key, 10 + i]),
  ['role', 18],
  ['tier', 18],
  ['app.kubernetes.io/part-of', 20],
  ['application', 20],
  ['team', 22],
  ['env', 22],
  ['environment', 22],
]);

export const LAST_RESORT_COST = 60;
export const UNKNOWN_COST = 25;

/** Tier of a key by name alone, with the reason when it is not normal. */
export function tierOfKey(key: string): { readonly tier: KeyTier; readonly reason: string } {
  if (NEVER.has(key) || NEVER_PREFIXES.some((prefix) => key.startsWith(prefix)))
    return { tier: 'never', reason: 'set by controllers or tools, not by what the workload does' };
  if (LAST_RESORT.has(key)) return { tier: 'last-resort', reason: 'changes with releases' };
  return { tier: 'normal', reason: '' };
}

/** Price of using a key of the normal tier in a selector, an integer. */
export function costOfKey(key: string): number {
  return COSTS.get(key) ?? UNKNOWN_COST;
}
