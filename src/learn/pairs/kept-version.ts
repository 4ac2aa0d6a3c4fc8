import { workloadId } from '../../model/inventory.ts';
import type { DefaultDeny, IsolatedSide, PairSide, PolicyPair, WorkloadRef } from '../../model/pair.ts';
import { seenFrom } from '../../model/pair-scope.ts';
import type { Naming } from './naming.ts';

/** What an earlier run enforces already; workloads as `namespace/Kind/name`. */
export interface Enforced {
  readonly ingress: ReadonlySet<string>;
  readonly egress: ReadonlySet<string>;
  /** Versions that grant what a later one withdrew, by the id of their pair. */
  readonly versions: ReadonlyMap<string, PolicyPair>;
}

/** Who takes part, as `namespace/Kind/name`, and how to name part of the workloads where no function labels do. */
export interface Part {
  readonly takesPart: (workload: string) => boolean;
  readonly naming?: Naming | undefined;
}

interface Given extends Part {
  readonly enforced: Enforced;
  readonly denied: DefaultDeny;
}

/** The earlier version of a pair that withdraws something, for everybody outside the canary who is isolated. */
export function keptVersion(pair: PolicyPair, given: Given): PolicyPair | undefined {
  const before = given.enforced.versions.get(pair.id);
  if (before === undefined || before.version === pair.version) return undefined;
  const { service, client } = keptSides(before, given);
  if (service.members.length + client.members.length === 0) return undefined;
  const { version, scope, ports } = before;
  const name = `${before.function}-${version}`;
  const prefix = pair.label.slice(0, pair.label.length - pair.function.length);
  return { ...pair, version, function: name, label: prefix + name, scope, ports, service, client };
}

/** Where the canary has all of the other side, there is nobody left to grant. */
function keptSides(before: PolicyPair, { denied, takesPart, naming }: Given): Pick<PolicyPair, 'service' | 'client'> {
  const outsideCanary = (side: PairSide, isolated: IsolatedSide): PairSide => {
    const old = new Set(side.members.map(workloadId));
    const members = isolated.members.filter((member) => old.has(workloadId(member)) && !takesPart(workloadId(member)));
    return { ...side, members };
  };
  const service = outsideCanary(before.service, denied.ingress);
  const client = outsideCanary(before.client, denied.egress);
  const meeting = (side: PairSide, far: PairSide): PairSide => {
    const meets = ({ namespace }: WorkloadRef): boolean => {
      const { members, outside } = seenFrom(far, namespace, before.scope);
      return members.length + outside.length > 0;
    };
    return { ...side, ...selecting(side.members.filter(meets), naming) };
  };
  return { service: meeting(service, client), client: meeting(client, service) };
}

/** Members with the selectors that name them where no function labels do. */
export function selecting(members: readonly WorkloadRef[], naming: Naming | undefined): IsolatedSide {
  return { members, selections: naming?.select(members) ?? [] };
}
