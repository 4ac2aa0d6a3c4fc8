import type { EndpointMatcher, Policy, PolicyRule, PolicySet, Side, Stage } from '../../model/policy.ts';
import { policyName } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';
import { invariant } from '../../util/invariant.ts';
import { type PortTest, portTests } from '../match/port.ts';
import { PortRows } from './port-rows.ts';
import { type RuleTable, ruleTable } from './rule-table.ts';

/** A rule at its place in the walk of one side. */
export interface PlannedRule {
  readonly policy: PlannedPolicy;
  readonly rule: PolicyRule;
  readonly ports: readonly PortTest[] | undefined;
  readonly notPorts: readonly PortTest[] | undefined;
  readonly sourcePorts: readonly PortTest[] | undefined;
  readonly notSourcePorts: readonly PortTest[] | undefined;
  /** Subject, peer and ports are all there is to it. */
  readonly plain: boolean;
}

/** A policy with an opinion on one side. */
export interface PlannedPolicy {
  readonly policy: Policy;
  readonly rules: readonly PolicyRule[];
  readonly isolates: boolean;
  readonly stage: PlannedStage;
  /** Bits of its rules. */
  readonly bits: number[];
}

export interface PlannedStage {
  readonly stage: Stage;
  readonly index: number;
  /** Index of the stage at which a `pass` continues. */
  readonly passTo: number;
  readonly layer: string;
}

/**
 * One side of a policy set: every rule has a bit, numbered in the order in which the walk meets the rules, and every
 * stage starts at a new word of 32. The first set bit of "rules of this subject AND rules whose peer matches" is then
 * the first rule to look at, whatever the dialect: where deny overrides, denies simply come first.
 */
export interface SidePlan {
  readonly side: Side;
  readonly stages: readonly PlannedStage[];
  readonly layers: readonly string[];
  readonly policies: readonly PlannedPolicy[];
  /** By bit; gaps at the end of a stage. */
  readonly rules: readonly (PlannedRule | undefined)[];
  readonly words: number;
  readonly table: RuleTable;
  readonly portRows: PortRows;
  /** Some stage governs only some protocols. */
  readonly partial: boolean;
}

export function planSide(set: PolicySet, side: Side): SidePlan {
  const stages = plannedStages(set.stages);
  const policies: PlannedPolicy[] = [];
  const rules: (PlannedRule | undefined)[] = [];
  for (const stage of stages) {
    const members = membersOf(set, side, stage);
    policies.push(...members);
    for (const planned of inWalkOrder(stage, members)) {
      planned.policy.bits.push(rules.length);
      rules.push(planned);
    }
    rules.length = (rules.length + 31) & ~31;
  }
  const table = ruleTable(rules);
  const layers = [...new Set(stages.map(({ layer }) => layer))];
  const partial = stages.some(({ stage }) => stage.protocols !== undefined);
  const portRows = new PortRows(rules);
  return { side, stages, layers, policies, rules, words: rules.length >> 5, table, portRows, partial };
}

function plannedStages(stages: readonly Stage[]): PlannedStage[] {
  const sorted = [...stages].sort((a, b) => a.order - b.order || compareText(a.name, b.name));
  return sorted.map((stage, index) => {
    const target = stage.passTo === undefined ? index + 1 : sorted.findIndex(({ name }) => name === stage.passTo);
    invariant(target > index, `stage ${stage.name} passes to a later stage`);
    return { stage, index, passTo: target, layer: stage.layer ?? '' };
  });
}

function membersOf(set: PolicySet, side: Side, stage: PlannedStage): PlannedPolicy[] {
  const members = set.policies.filter((policy) => !policy.staged && policy.stage === stage.stage.name && policy[side]);
  return [...members].sort(comparePolicies).map((policy) => {
    const { rules, isolates } = policy[side] ?? { rules: [], isolates: false };
    return { policy, rules, isolates, stage, bits: [] };
  });
}

/** Equal orders are broken by name, so that the order of files never matters. */
function comparePolicies(a: Policy, b: Policy): number {
  return (
    a.order - b.order ||
    compareText(a.tie ?? policyName(a.ref), b.tie ?? policyName(b.ref)) ||
    compareText(a.ref.kind, b.ref.kind) ||
    compareText(a.ref.location.file, b.ref.location.file) ||
    a.ref.location.document - b.ref.location.document ||
    a.ref.location.line - b.ref.location.line
  );
}

/**
 * `log` rules decide nothing and have no place in the walk. In a union, what is allowed without a condition is allowed
 * whatever becomes of the conditions of others, so it comes first.
 */
function inWalkOrder(stage: PlannedStage, policies: readonly PlannedPolicy[]): PlannedRule[] {
  const rules = policies.flatMap((policy) =>
    policy.rules.filter(({ action }) => action !== 'log').map((rule) => plannedRule(policy, rule)),
  );
  if (stage.stage.combine === 'first-match') return rules;
  invariant(
    rules.every(({ rule }) => rule.action !== 'pass'),
    `no pass in ${stage.stage.name}, where deny overrides`,
  );
  const allows = rules.filter(({ rule }) => rule.action === 'allow');
  const conditional = ({ rule }: PlannedRule): boolean => Boolean(rule.conditions?.length);
  return [
    ...rules.filter(({ rule }) => rule.action === 'deny'),
    ...allows.filter((rule) => !conditional(rule)),
    ...allows.filter(conditional),
  ];
}

function plannedRule(policy: PlannedPolicy, rule: PolicyRule): PlannedRule {
  const tests = (matchers: PolicyRule['ports']) => matchers && portTests(matchers);
  const sources = rule.sourcePorts !== undefined || rule.notSourcePorts !== undefined;
  const plain = rule.self === undefined && !sources && !rule.conditions?.length;
  return {
    policy,
    rule,
    ports: tests(rule.ports),
    notPorts: tests(rule.notPorts),
    sourcePorts: tests(rule.sourcePorts),
    notSourcePorts: tests(rule.notSourcePorts),
    plain,
  };
}

/** Every address block of the policy set, wherever it stands. */
export function cidrMatchers(set: PolicySet): Extract<EndpointMatcher, { match: 'cidr' }>[] {
  return set.policies.flatMap((policy) => {
    const rules = [...(policy.egress?.rules ?? []), ...(policy.ingress?.rules ?? [])];
    return [policy.subject, ...rules.flatMap(({ peer, self }) => (self ? [peer, self] : [peer]))].flatMap(cidrsIn);
  });
}

function cidrsIn(matcher: EndpointMatcher): Extract<EndpointMatcher, { match: 'cidr' }>[] {
  if (matcher.match === 'all' || matcher.match === 'some') return matcher.of.flatMap(cidrsIn);
  if (matcher.match === 'not') return cidrsIn(matcher.of);
  return matcher.match === 'cidr' ? [matcher] : [];
}
