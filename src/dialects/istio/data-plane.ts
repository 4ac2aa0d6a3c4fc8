import type { Policy } from '../../model/policy.ts';
import type { MeshDataPlane, ReadContext } from '../dialect.ts';
import { ROOT_NAMESPACE } from './stage.ts';

type Namespaces = ReadContext['namespaces'];

/** What enforces the policies of a namespace: what was asked for, else what labels of namespaces tell (I10). */
export function dataPlane(namespace: string, { mesh, namespaces }: Pick<ReadContext, 'mesh' | 'namespaces'>) {
  return mesh ?? guessed(namespace, namespaces);
}

/** Policies of the root namespace are for the mesh, so the whole of it has to be ambient. */
function guessed(namespace: string, namespaces: Namespaces): MeshDataPlane {
  const own = namespaces.get(namespace);
  if (own !== undefined && isAmbient(own)) return 'ztunnel';
  if (namespace !== ROOT_NAMESPACE) return 'sidecar';
  const all = [...namespaces.values()];
  return all.some(isAmbient) && !all.some(hasSidecars) ? 'ztunnel' : 'sidecar';
}

function isAmbient(labels: ReadonlyMap<string, string>): boolean {
  return labels.get('istio.io/dataplane-mode') === 'ambient';
}

function hasSidecars(labels: ReadonlyMap<string, string>): boolean {
  return labels.get('istio-injection') === 'enabled' || (labels.has('istio.io/rev') && !isAmbient(labels));
}

/** Namespaces with Istio policies that are for ztunnel by what labels tell, sorted. */
export function ambientNamespaces(policies: readonly Policy[], namespaces: Namespaces): readonly string[] {
  const own = policies.flatMap(({ ref }) => (ref.dialect === 'istio' ? [ref.namespace] : []));
  return [...new Set(own)].filter((name) => guessed(name, namespaces) === 'ztunnel').sort();
}
