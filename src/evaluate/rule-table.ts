import type { RuleAction } from '../model/policy.ts';
import { hasPorts } from '../model/ports.ts';
import type { PortFacts, PortTest } from './match-port.ts';
import { ALLOW, DENY } from './outcome.ts';
import { NO, type Truth, YES } from './truth.ts';

/**
 * What a walk needs of all rules of a side as flat numbers: three per rule (shape of its ports and outcome, where its
 * ranges start, how many), three per range (protocol, from, to). Nearly every rule can be answered from these few
 * bytes, without touching the rule itself, which is what makes replay fast.
 */
export interface RuleTable {
  readonly rules: Int32Array;
  readonly ranges: Int32Array;
}

/** Ports do not matter, are ranges alone, or need a closer look (names, ICMP, negations). */
const ANY = 0;
const RANGES = 1;
const OTHER = 2;
const SHAPE = 3;
/** Above the shape: the outcome of a rule that ends the walk as soon as its ends and ports match, else 0. */
const OUTCOME_SHIFT = 2;

interface TableRule {
  readonly rule: { readonly action: RuleAction };
  readonly plain: boolean;
  readonly ports: readonly PortTest[] | undefined;
  readonly notPorts: readonly PortTest[] | undefined;
}

export function ruleTable(rules: readonly (TableRule | undefined)[]): RuleTable {
  const table = new Int32Array(rules.length * 3);
  const ranges: number[] = [];
  for (const [bit, rule] of rules.entries()) {
    const tests = rule?.ports ?? [];
    const outcome = rule === undefined ? 0 : outcomeOf(rule);
    table.set([shapeOf(rule) | (outcome << OUTCOME_SHIFT), ranges.length, tests.length], bit * 3);
    for (const { protocol, from, to, anyPort } of tests) ranges.push(protocol, anyPort ? -1 : from, anyPort ? -1 : to);
  }
  return { rules: table, ranges: Int32Array.from(ranges) };
}

function shapeOf(rule: TableRule | undefined): number {
  if (rule?.notPorts !== undefined) return OTHER;
  if (rule?.ports === undefined) return ANY;
  return rule.ports.every(({ name, icmpType, icmpCode }) => name === '' && icmpType < 0 && icmpCode < 0)
    ? RANGES
    : OTHER;
}

function outcomeOf({ plain, rule }: TableRule): number {
  if (!plain || rule.action === 'pass' || rule.action === 'log') return 0;
  return rule.action === 'allow' ? ALLOW : DENY;
}

/** Whether the rule at `bit` ends the walk when its ends and ports match. */
export function isFinal({ rules }: RuleTable, bit: number): boolean {
  return (rules[bit * 3] as number) >> OUTCOME_SHIFT !== 0;
}

export function finalOutcome({ rules }: RuleTable, bit: number): number {
  return (rules[bit * 3] as number) >> OUTCOME_SHIFT;
}

/** Whether the ports fit the rule at `bit`; absent when the table cannot tell and `matchRulePorts` has to. */
export function quickPorts(
  { rules, ranges }: RuleTable,
  bit: number,
  { protocol, port }: PortFacts,
): Truth | undefined {
  const shape = (rules[bit * 3] as number) & SHAPE;
  if (shape === ANY) return YES;
  if (shape === OTHER || port === 0 || !hasPorts(protocol)) return undefined;
  const start = rules[bit * 3 + 1] as number;
  const end = start + 3 * (rules[bit * 3 + 2] as number);
  for (let at = start; at < end; at += 3) {
    const wanted = ranges[at] as number;
    if (wanted !== -1 && wanted !== protocol) continue;
    const from = ranges[at + 1] as number;
    if (from === -1 || (port >= from && port <= (ranges[at + 2] as number))) return YES;
  }
  return NO;
}
