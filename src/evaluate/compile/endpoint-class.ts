import type { Facts } from '../match/facts.ts';
import type { SubjectGroup } from './subject-group.ts';

/** Endpoints that no policy can tell apart by themselves; what traffic adds (addresses, names) is looked at later. */
export interface EndpointClass {
  readonly facts: Facts;
  /** It is a node, or speaks for one. */
  readonly node: boolean;
  /** Container ports; none for what is no pod, absent when not known. */
  readonly namedPorts: Facts['namedPorts'];
  readonly egress: SideClass;
  readonly ingress: SideClass;
}

/** What one side's policies say of a class: as the subject, and as the far end. */
export interface SideClass {
  /** The policies that select it. */
  readonly group: SubjectGroup;
  /** Where the program of its group starts (`programs.ts`). */
  readonly start: number;
  /** Where its row starts: the rules whose peer may be, and surely is, this class (`peer-rows.ts`). */
  readonly offset: number;
}
