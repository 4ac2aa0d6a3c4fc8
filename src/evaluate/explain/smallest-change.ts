import { endpointName } from '../../model/endpoint.ts';
import type { Inventory } from '../../model/inventory.ts';
import { labelSet, UNKNOWN_LABELS } from '../../model/labels.ts';
import type { Policy, PolicyRule, PolicySet, Side } from '../../model/policy.ts';
import { policyName } from '../../model/policy.ts';
import { hasPorts } from '../../model/ports.ts';
import type { Decision, SideVerdict, Verdict } from '../../model/verdict.ts';
import { compile } from '../compile/compile.ts';
import { decide } from '../decide/decide.ts';
import type { Traffic } from '../match/traffic.ts';
import { matchingRules } from './matching-rules.ts';
import { wantedLabels } from './smallest-change-labels.ts';
import {
  kindText,
  labelsText,
  type NamedPeer,
  peerFor,
  portOf,
  ruleText,
  serviceText,
} from './smallest-change-words.ts';

/** One change that turns the verdict of a side; every one was tried out before it is proposed. */
export interface ProposedChange {
  readonly side: Side;
  readonly change: 'add-port' | 'label-workload' | 'add-peer' | 'add-rule' | 'remove-rule' | 'isolate' | 'find-out';
  /** What to do, for people. */
  readonly text: string;
  /** The policy to change; `''` for changes of workloads. */
  readonly policy: string;
}

export interface Situation {
  readonly set: PolicySet;
  readonly inventory: Inventory;
  readonly traffic: Traffic;
  readonly verdict: Verdict;
}

/**
 * The smallest changes that would turn each side that decides: what denies shall allow, or, where all is allowed, either
 * side shall deny. Smallest first: a port, a label, a peer, a rule.
 */
export function smallestChanges(asked: Situation): ProposedChange[] {
  const { verdict } = asked;
  const situation = { ...asked, inventory: onlyEnds(asked) };
  const sides = [verdict.egress, verdict.ingress];
  const deciding = verdict.decision === 'allow' ? sides : sides.filter(({ decision }) => decision !== 'allow');
  return deciding.flatMap((side) => {
    if (side.decision === 'uncertain') return findOut(side);
    return side.decision === 'deny' ? toAllow(situation, side) : toDeny(situation, side);
  });
}

/** Every change is tried on the policies made ready anew, so all other workloads are left out. */
function onlyEnds({ inventory, traffic: { client, server } }: Situation): Inventory {
  const ends = [client, server];
  const workloads = inventory.workloads.filter(({ namespace, name }) =>
    ends.some((end) => end.namespace === namespace && end.workload === name),
  );
  return { ...inventory, workloads };
}

function findOut({ side, missing }: SideVerdict): ProposedChange[] {
  return [{ side, change: 'find-out', text: `find out: ${missing.join('; ')}`, policy: '' }];
}

function toAllow(situation: Situation, side: SideVerdict): ProposedChange[] {
  if (side.because === 'ruleMatched' && side.policy !== undefined) return removeDeny(situation, side);
  const found = [
    ...addPort(situation, side),
    ...labelWorkload(situation, side),
    ...addPeer(situation, side),
    ...addRule(situation, side),
  ];
  return found.slice(0, 3);
}

/** The side's decision after a change. */
function tried({ set, inventory, traffic }: Pick<Situation, 'set' | 'inventory' | 'traffic'>, side: Side): Decision {
  return decide(compile(set, inventory), traffic)[side].decision;
}

type RuleChange = (rules: readonly PolicyRule[]) => readonly PolicyRule[];

/** The policies with the rules of one side of one policy changed. */
function withRules(set: PolicySet, policy: Policy, side: Side, change: RuleChange): PolicySet {
  const policies = set.policies.map((one) => {
    const direction = one[side];
    return one !== policy || direction === undefined
      ? one
      : { ...one, [side]: { ...direction, rules: change(direction.rules) } };
  });
  return { ...set, policies };
}

function removeDeny(situation: Situation, side: SideVerdict): ProposedChange[] {
  const { set } = situation;
  const policy = policyOf(situation, side);
  if (policy === undefined) return [];
  const changed = withRules(set, policy, side.side, (rules) => rules.filter(({ index }) => index !== side.ruleIndex));
  const enough = tried({ ...situation, set: changed }, side.side) === 'allow';
  const text = `remove ${ruleText(policy, side.ruleIndex ?? 0)}, or let an allow rule before it match${enough ? '' : '; others deny it, too'}`;
  return [{ side: side.side, change: 'remove-rule', text, policy: policyName(policy.ref) }];
}

function policyOf({ set }: Situation, { policy: ref, side, ruleIndex }: SideVerdict): Policy | undefined {
  const all = set.policies.filter((policy) => policy.ref === ref && policy[side] !== undefined);
  return all.find((policy) => policy[side]?.rules.some(({ index }) => index === ruleIndex)) ?? all[0];
}

/** Enforced policies that select this end in this direction; a rule is better added where there are some. */
function selecting({ set }: Situation, { selectedBy, side }: SideVerdict): Policy[] {
  const all = selectedBy.flatMap((ref) => set.policies.filter((one) => one.ref === ref && one[side] !== undefined));
  const hasRules = (policy: Policy) => (policy[side]?.rules.length ?? 0) > 0;
  return [...all.filter(hasRules), ...all.filter((policy) => !hasRules(policy))];
}

/** Allow rules whose peer already matches and that would match with one more port. */
function addPort(situation: Situation, { side, ...verdict }: SideVerdict): ProposedChange[] {
  const { set, traffic } = situation;
  const port = portOf(traffic);
  if (port === undefined || !hasPorts(traffic.protocol)) return [];
  const changes = selecting(situation, { side, ...verdict }).flatMap((policy) =>
    (policy[side]?.rules ?? []).flatMap((rule) => {
      if (rule.action !== 'allow' || rule.ports === undefined) return [];
      const wider = { ...rule, ports: [...rule.ports, port] };
      const changed = withRules(set, policy, side, (rules) => rules.map((one) => (one === rule ? wider : one)));
      if (tried({ ...situation, set: changed }, side) !== 'allow') return [];
      const text = `add port ${serviceText(traffic)} to ${ruleText(policy, rule.index)}`;
      return [{ side, change: 'add-port', text, policy: policyName(policy.ref) } as const];
    }),
  );
  return changes.slice(0, 1);
}

/** Labels that the far end lacks for a rule that would then let it through. */
function labelWorkload(situation: Situation, verdict: SideVerdict): ProposedChange[] {
  const { side } = verdict;
  const { traffic } = situation;
  const end = side === 'egress' ? 'server' : 'client';
  const far = traffic[end];
  if (far.kind !== 'pod' || far.labels.id === UNKNOWN_LABELS.id) return [];
  const seen = new Set<string>();
  const changes = selecting(situation, verdict).flatMap((policy) =>
    (policy[side]?.rules ?? []).flatMap((rule) =>
      rule.action !== 'allow'
        ? []
        : wantedLabels(rule.peer, far.labels.labels).flatMap((wanted) => {
            const text = labelsText(wanted);
            if (seen.has(text)) return [];
            seen.add(text);
            const labelled = { ...far, labels: labelSet(new Map([...far.labels.labels, ...wanted])) };
            const now = { ...traffic, [end]: labelled };
            if (tried({ ...situation, traffic: now }, side) !== 'allow') return [];
            const sentence = `label ${endpointName(far)} with ${text}, as ${ruleText(policy, rule.index)} wants`;
            return [{ side, change: 'label-workload', text: sentence, policy: '', size: wanted.size } as const];
          }),
    ),
  );
  const [least] = [...changes].sort((a, b) => a.size - b.size);
  if (least === undefined) return [];
  const { size: _, ...change } = least;
  return [change];
}

/** One more peer of an allow rule whose ports already match. */
function addPeer(situation: Situation, verdict: SideVerdict): ProposedChange[] {
  const { side } = verdict;
  const { set } = situation;
  return firstThatLetsIn(situation, verdict, (policy, peer) =>
    (policy[side]?.rules ?? []).flatMap((rule) => {
      if (rule.action !== 'allow' || rule.ports === undefined) return [];
      const wider: PolicyRule = { ...rule, peer: { match: 'some', of: [rule.peer, peer.matcher] } };
      return {
        change: 'add-peer',
        text: `add a "${TOWARDS[side]}" item for ${peer.text} to ${ruleText(policy, rule.index)}`,
        set: withRules(set, policy, side, (rules) => rules.map((one) => (one === rule ? wider : one))),
      };
    }),
  );
}

/** Dialects whose rules can name protocols without ports. */
const NAMES_ANY_PROTOCOL: ReadonlySet<string> = new Set(['calico', 'antrea', 'cilium']);

/** A rule of its own for exactly this, before all others. */
function addRule(situation: Situation, verdict: SideVerdict): ProposedChange[] {
  const { side } = verdict;
  const { set, traffic } = situation;
  return firstThatLetsIn(situation, verdict, (policy, peer) => {
    const port = hasPorts(traffic.protocol) || NAMES_ANY_PROTOCOL.has(policy.ref.dialect) ? portOf(traffic) : undefined;
    const on = port === undefined ? 'without ports' : `on ${serviceText(traffic)}`;
    const alone = { index: 0, name: '', action: 'allow', peer: peer.matcher } as const;
    const rule: PolicyRule = port === undefined ? alone : { ...alone, ports: [port] };
    return [
      {
        change: 'add-rule',
        text: `add an ${side} rule to ${kindText(policy)}: ${TOWARDS[side]} ${peer.text} ${on}`,
        set: withRules(set, policy, side, (rules) => [rule, ...rules]),
      },
    ];
  });
}

const TOWARDS = { egress: 'to', ingress: 'from' } as const;

/** A change of one policy, with the policies as they would be. */
interface Idea extends Pick<ProposedChange, 'change' | 'text'> {
  readonly set: PolicySet;
}

/** The first idea about a policy that selects this end that makes it let the far end through. */
function firstThatLetsIn(
  situation: Situation,
  verdict: SideVerdict,
  ideas: (policy: Policy, peer: NamedPeer) => readonly Idea[],
): ProposedChange[] {
  const { side } = verdict;
  const far = side === 'egress' ? situation.traffic.server : situation.traffic.client;
  for (const policy of selecting(situation, verdict)) {
    const peer = peerFor(far, policy.ref.dialect);
    if (peer === undefined) continue;
    const found = ideas(policy, peer).find(({ set }) => tried({ ...situation, set }, side) === 'allow');
    if (found !== undefined) return [{ side, change: found.change, text: found.text, policy: policyName(policy.ref) }];
  }
  return [];
}

function toDeny(situation: Situation, verdict: SideVerdict): ProposedChange[] {
  const { side } = verdict;
  const { set, inventory, traffic } = situation;
  if (verdict.because === 'noPolicySelects') {
    const own = side === 'egress' ? traffic.client : traffic.server;
    const text = `select ${endpointName(own)} by a policy with ${side} and without a rule for this`;
    return [{ side, change: 'isolate', text, policy: '' }];
  }
  if (verdict.because !== 'ruleMatched') return [];
  const rules = matchingRules(compile(set, inventory), traffic).map(({ rule }) => rule);
  const holders = set.policies.filter((policy) => policy[side]?.rules.some((rule) => rules.includes(rule)));
  const changed = holders.reduce(
    (now, policy) => withRules(now, policy, side, (all) => all.filter((rule) => !rules.includes(rule))),
    set,
  );
  if (tried({ ...situation, set: changed }, side) !== 'deny') return [];
  const named = holders.flatMap((policy) =>
    (policy[side]?.rules ?? []).filter((rule) => rules.includes(rule)).map(({ index }) => ruleText(policy, index)),
  );
  const text = `take this out of ${named.join(' and ')}`;
  return [{ side, change: 'remove-rule', text, policy: holders[0] ? policyName(holders[0].ref) : '' }];
}
