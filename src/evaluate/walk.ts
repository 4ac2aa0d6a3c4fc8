import type { EndpointClass } from './endpoint-class.ts';
import { matchRulePorts, type PortFacts } from './match-port.ts';
import { ALLOW, BOTH, DENY } from './outcome.ts';
import type { PlannedRule, SidePlan } from './plan.ts';
import { finalOutcome, isFinal, quickPorts } from './rule-table.ts';
import type { Segment } from './subject-group.ts';
import { MAYBE, NO, type Truth, YES } from './truth.ts';

/** Asks what the classes alone could not tell; used only where the answer hinges on it. */
export interface Closer {
  isolates(segment: Segment): Truth;
  rule(planned: PlannedRule, ports: Truth): Truth;
}

/** A walk over the stages of one side, and after it what the walk found. */
export interface Walk {
  readonly plan: SidePlan;
  /** The far end, whose rows are read. */
  possible: Uint32Array;
  sure: Uint32Array;
  offset: number;
  ports: PortFacts;
  /** Rules whose ports may fit. */
  fitting: Uint32Array;
  readonly closer: Closer | undefined;
  /** The rule that decided, if one did. */
  rule: PlannedRule | undefined;
  /** The stage that decided by its rule or by isolation. */
  segment: Segment | undefined;
  /** The first rule that may or may not have matched. */
  doubt: PlannedRule | undefined;
  doubtSegment: Segment | undefined;
  passed: readonly PlannedRule[];
  forks: Map<number, number> | undefined;
}

/** What a walk is about: the far end whose rows are read, and the ports. */
export interface WalkStart {
  readonly plan: SidePlan;
  readonly peer: EndpointClass;
  readonly ports: PortFacts;
  readonly closer: Closer | undefined;
}

export function newWalk({ plan, peer, ports, closer }: WalkStart): Walk {
  const { possible, sure, offset } = peer[plan.side];
  return {
    plan,
    possible,
    sure,
    offset,
    ports,
    fitting: plan.portRows.rowOf(ports),
    closer,
    rule: undefined,
    segment: undefined,
    doubt: undefined,
    doubtSegment: undefined,
    passed: NONE,
    forks: undefined,
  };
}

/** Makes a finished walk without a closer look ready for another far end, sparing the collector a new one. */
export function restartWalk(walk: Walk, peer: EndpointClass, ports: PortFacts): void {
  const { possible, sure, offset } = peer[walk.plan.side];
  walk.possible = possible;
  walk.sure = sure;
  walk.offset = offset;
  walk.ports = ports;
  walk.fitting = walk.plan.portRows.rowOf(ports);
  walk.rule = undefined;
  walk.segment = undefined;
  walk.doubt = undefined;
  walk.doubtSegment = undefined;
  walk.passed = NONE;
  walk.forks = undefined;
}

const NONE: readonly PlannedRule[] = [];

/**
 * Walks the segments of one layer from number `start` and gives the possible outcomes. A rule that may or may not match
 * adds its outcome and lets the walk go on, so the answer is certain exactly when all ways through agree.
 */
export function walkSegments(walk: Walk, segments: readonly Segment[], start: number): number {
  const { fitting } = walk;
  let outcomes = 0;
  for (let number = start; number < segments.length; number++) {
    const segment = segments[number] as Segment;
    const { words } = segment;
    for (let at = 0; at < words.length; at += 3) {
      const word = words[at] as number;
      let bits = (words[at + 1] as number) & (fitting[word] as number) & (walk.possible[walk.offset + word] as number);
      for (; bits !== 0; bits &= bits - 1) {
        const bit = word * 32 + 31 - Math.clz32(bits & -bits);
        const ports = quickPorts(walk.plan.table, bit, walk.ports);
        if (ports === NO) continue;
        const sure = (words[at + 2] as number) & (walk.sure[walk.offset + word] as number) & (bits & -bits);
        const planned = walk.plan.rules[bit] as PlannedRule;
        if (sure !== 0 && ports === YES && isFinal(walk.plan.table, bit)) {
          walk.rule = planned;
          walk.segment = segment;
          return outcomes | finalOutcome(walk.plan.table, bit);
        }
        const truth = matchRule(walk, planned, { ports, sure: sure !== 0 });
        if (truth === NO) continue;
        outcomes |= actOn(walk, { planned, truth, segment, segments });
        if (truth === YES || outcomes === BOTH) return outcomes;
      }
    }
    const isolates = segment.isolates === MAYBE && walk.closer ? walk.closer.isolates(segment) : segment.isolates;
    if (isolates === NO) continue;
    outcomes |= DENY;
    if (isolates === YES) {
      walk.segment = segment;
      return outcomes;
    }
    walk.doubtSegment ??= segment;
    if (outcomes === BOTH) return outcomes;
  }
  return outcomes | ALLOW;
}

interface Known {
  readonly ports: Truth | undefined;
  /** Subject and peer surely match. */
  readonly sure: boolean;
}

function matchRule(walk: Walk, planned: PlannedRule, known: Known): Truth {
  const { sure } = known;
  const ports = known.ports ?? matchRulePorts(planned, walk.ports);
  if (ports === NO || (ports === YES && sure && planned.plain)) return ports;
  return walk.closer ? walk.closer.rule(planned, ports) : MAYBE;
}

interface Step {
  readonly planned: PlannedRule;
  readonly truth: Truth;
  readonly segment: Segment;
  readonly segments: readonly Segment[];
}

function actOn(walk: Walk, { planned, truth, segment, segments }: Step): number {
  if (truth === YES) {
    walk.rule = planned;
    walk.segment = segment;
  } else if (walk.doubt === undefined && walk.doubtSegment === undefined) {
    walk.doubt = planned;
    walk.doubtSegment = segment;
  }
  const { action } = planned.rule;
  if (action === 'allow') return ALLOW | (planned.rule.otherwise === 'deny' && truth === MAYBE ? DENY : 0);
  if (action === 'deny') return DENY;
  const target = segments.findIndex(({ stageIndex }) => stageIndex >= planned.policy.stage.passTo);
  const next = target < 0 ? segments.length : target;
  if (truth === YES) {
    walk.passed = [...walk.passed, planned];
    walk.rule = undefined;
    walk.segment = undefined;
    return walkSegments(walk, segments, next);
  }
  return fork(walk, segments, next);
}

/** What follows a pass that may or may not happen; asked once for each stage it may lead to. */
function fork(walk: Walk, segments: readonly Segment[], next: number): number {
  walk.forks ??= new Map();
  const known = walk.forks.get(next);
  if (known !== undefined) return known;
  const outcomes = walkSegments({ ...walk }, segments, next);
  walk.forks.set(next, outcomes);
  return outcomes;
}
