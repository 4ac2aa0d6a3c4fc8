/** Change with every rollout, pod or job: a selector on them would be wrong tomorrow. */
const UNSTABLE = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'job-name',
  'controller-uid',
  // Not labels of the workload: Calico and Cilium put namespace, account and orchestrator among them.
  'projectcalico.org/namespace',
  'projectcalico.org/orchestrator',
  'projectcalico.org/serviceaccount',
  'io.kubernetes.pod.namespace',
]);
const UNSTABLE_PREFIXES = ['security.istio.io/', 'service.istio.io/', 'io.cilium.k8s.'];

/** Whether a label may take part in a selector at all. */
export function isStableLabel(key: string): boolean {
  return key !== '' && !UNSTABLE.has(key) && !UNSTABLE_PREFIXES.some((prefix) => key.startsWith(prefix));
}
