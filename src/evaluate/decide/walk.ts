import type { EndpointClass } from '../compile/endpoint-class.ts';
import { ALLOW, BOTH, DENY } from '../compile/outcome.ts';
import type { PeerRows } from '../compile/peer-rows.ts';
import type { PlannedRule, SidePlan } from '../compile/plan.ts';
import type { Segment } from '../compile/subject-group.ts';
import type { TruthSet } from '../compile/truth-set.ts';
import { matchRulePorts, type PortFacts } from '../match/port.ts';
import { MAYBE, NO, type Truth, YES } from '../match/truth.ts';

/** Asks what the classes alone could not tell; used only where the answer hinges on it. */
export interface Closer {
  isolates(segment: Segment): Truth;
  rule(planned: PlannedRule, ports: Truth): Truth;
}

/** A walk over the stages of one side, and after it what the walk found. */
export interface Walk {
  readonly plan: SidePlan;
  /** The far end, whose rows are read. */
  readonly possible: Int32Array;
  readonly sure: Int32Array;
  readonly offset: number;
  readonly ports: PortFacts;
  /** Rules whose ports fit, as far as protocol and port tell. */
  readonly fitting: TruthSet;
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
  readonly rows: PeerRows;
  readonly peer: EndpointClass;
  readonly ports: PortFacts;
  readonly closer: Closer | undefined;
}

export function newWalk({ plan, rows, peer, ports, closer }: WalkStart): Walk {
  return {
    plan,
    possible: rows.possible,
    sure: rows.sure,
    offset: peer[plan.side].offset,
    ports,
    fitting: plan.portRows.rowOf(ports.protocol, ports.port),
    closer,
    rule: undefined,
    segment: undefined,
    doubt: undefined,
    doubtSegment: undefined,
    passed: NONE,
    forks: undefined,
  };
}

const NONE: readonly PlannedRule[] = [];

/**
 * Walks the segments of one layer from number `start` and gives the possible outcomes. A rule that may or may not match
 * adds its outcome and lets the walk go on, so the answer is certain exactly when all ways through agree.
 */
export function walkSegments(walk: Walk, segments: readonly Segment[], start: number): number {
  let outcomes = 0;
  for (let number = start; number < segments.length; number++) {
    const segment = segments[number] as Segment;
    const { words } = segment;
    for (let at = 0; at < words.length; at += 3) {
      const word = words[at] as number;
      const fitting = walk.fitting.possible[word] as number;
      let bits = (words[at + 1] as number) & fitting & (walk.possible[walk.offset + word] as number);
      for (; bits !== 0; bits &= bits - 1) {
        const lowest = bits & -bits;
        const planned = walk.plan.rules[word * 32 + 31 - Math.clz32(lowest)] as PlannedRule;
        const truth = matchRule(walk, planned, {
          ends: ((words[at + 2] as number) & (walk.sure[walk.offset + word] as number) & lowest) !== 0,
          ports: ((walk.fitting.sure[word] as number) & lowest) !== 0,
        });
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

/** What the rows alone already tell of a rule. */
interface Known {
  /** Subject and peer surely match. */
  readonly ends: boolean;
  readonly ports: boolean;
}

function matchRule(walk: Walk, planned: PlannedRule, known: Known): Truth {
  const ports = known.ports ? YES : matchRulePorts(planned, walk.ports);
  if (ports === NO || (ports === YES && known.ends && planned.plain)) return ports;
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
