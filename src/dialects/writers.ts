import type { PolicyDialect, PolicySet } from '../model/policy.ts';
import { writeAdmin } from './admin/write.ts';
import { writeAntrea } from './antrea/write.ts';
import { writeCalico } from './calico/write.ts';
import { writeCilium } from './cilium/write.ts';
import { writeCluster } from './cluster/write.ts';
import { writeIstio } from './istio/write.ts';
import { writeKubernetes } from './kubernetes/write-set.ts';
import type { WrittenDocuments } from './writing/documents.ts';

/** Every dialect that can be written. */
export const WRITERS: Readonly<Record<PolicyDialect, (set: PolicySet) => WrittenDocuments>> = {
  kubernetes: (set) => writeKubernetes(set),
  cluster: (set) => writeCluster(set),
  admin: (set) => writeAdmin(set),
  calico: (set) => writeCalico(set),
  cilium: (set) => writeCilium(set),
  antrea: (set) => writeAntrea(set),
  istio: (set) => writeIstio(set),
};
