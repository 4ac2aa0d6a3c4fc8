import type { Policy, PolicySet, Side, Stage } from '../../model/policy.ts';
import type { PlainObject, WrittenMetadata } from '../kubernetes/write.ts';
import { chunks, Inexpressible, Names, type Refusal, type WrittenDocuments } from '../writing/documents.ts';
import { type Limits, prioritiesOf } from '../writing/priorities.ts';
import { type Turn, turnsOf } from '../writing/turns.ts';
import { type PeerOptions, writeSubjects } from './write-peers.ts';
import { type Spelling, writeRule } from './write-rules.ts';

export interface ClusterOptions {
  /**
   * Write ingress although the API can name pods only as its source: what comes from outside the cluster or from nodes is
   * then neither allowed nor denied. Without it such policies are refused.
   */
  readonly podsOnlyIngress?: boolean;
  /** Tier of policies that live in neither, such as NetworkPolicies; they are refused when absent. */
  readonly tier?: Tier;
  /** Labels and annotations of the written policy. */
  readonly metadata?: (policy: Policy) => WrittenMetadata;
}

export type Tier = 'Admin' | 'Baseline';

/** One version of the API. */
export interface Api {
  readonly spelling: (tier: Tier) => Spelling;
  /** Rules of one direction of one document. */
  readonly mostRules: number;
  readonly document: (tier: Tier, content: Content) => PlainObject;
  /** Why these documents cannot stand together in the tier. */
  readonly refusal: (tier: Tier, documents: readonly Content[]) => string | undefined;
}

/** A document but for its spelling. */
export interface Content {
  readonly turn: Turn;
  readonly metadata: WrittenMetadata & { readonly name: string };
  readonly priority: number;
  readonly subject: PlainObject;
  readonly ingress?: readonly PlainObject[];
  readonly egress?: readonly PlainObject[];
}

const PRIORITIES: Limits = { least: 0, most: 1000, whole: true, shift: 0 };

interface Member {
  readonly stage: Stage;
  readonly policies: readonly Policy[];
}

/** Policies of any dialect in the two tiers of the cluster-wide APIs. Nothing is approximated that no option allows. */
export function writeTiers(set: PolicySet, options: ClusterOptions, api: Api): WrittenDocuments {
  const names = new Names();
  const documents: PlainObject[] = [];
  const refusals: Refusal[] = [];
  const placed = tiersOf(set, options.tier, refusals);
  for (const [tier, members] of placed) {
    const contents = contentsOf(members, { set, options, names, refusals, spelling: api.spelling(tier), api });
    const ranked = ranksOf(contents);
    const refusal =
      ranked === undefined ? `there are more policies than priorities in tier ${tier}` : api.refusal(tier, ranked);
    if (ranked === undefined || refusal !== undefined) {
      const policies = new Set(contents.map(({ turn }) => turn.policy));
      refusals.push(...[...policies].map(({ ref }) => ({ policy: ref, reason: refusal ?? '' })));
    } else documents.push(...ranked.map((content) => api.document(tier, content)));
  }
  return { documents, refusals };
}

const TIERS: Readonly<Record<string, Tier>> = {
  admin: 'Admin',
  adminnetworkpolicy: 'Admin',
  'kube-admin': 'Admin',
  baseline: 'Baseline',
  'kube-baseline': 'Baseline',
};

/** Policies by tier; a tier takes the policies of one stage, because it has but one order. */
function tiersOf(set: PolicySet, tier: Tier | undefined, refusals: Refusal[]): ReadonlyMap<Tier, Member> {
  const placed = new Map<Tier, Member>();
  const stages = [...set.stages].sort((a, b) => a.order - b.order);
  for (const stage of stages) {
    const members = set.policies.filter((policy) => policy.stage === stage.name);
    const policies = members.filter(({ staged }) => !staged);
    refuse(
      members.filter(({ staged }) => staged),
      'there is no way to stage a policy',
      refusals,
    );
    const target = TIERS[stage.name] ?? tier;
    if (policies.length === 0) continue;
    if (target === undefined) refuse(policies, `there is no tier for what lives in "${stage.name}"`, refusals);
    else if (placed.has(target))
      refuse(policies, `tier ${target} already holds the policies of another stage`, refusals);
    else placed.set(target, { stage, policies });
  }
  return placed;
}

function refuse(policies: readonly Policy[], reason: string, refusals: Refusal[]): void {
  refusals.push(...policies.map(({ ref }) => ({ policy: ref, reason })));
}

interface Task {
  readonly set: PolicySet;
  readonly options: ClusterOptions;
  readonly api: Api;
  readonly spelling: Spelling;
  readonly names: Names;
  readonly refusals: Refusal[];
}

/** Documents of one tier in the order in which they have to be looked at, still without priorities. */
function contentsOf({ stage, policies }: Member, task: Task): Content[] {
  const refused = new Set<Policy>();
  const written = turnsOf(stage, policies).map((turn) => {
    if (refused.has(turn.policy)) return [];
    try {
      return contents(turn, task);
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      refused.add(turn.policy);
      task.refusals.push({ policy: turn.policy.ref, reason: error.message });
      return [];
    }
  });
  return distinctIsolation(written.flat().filter(({ turn }) => !refused.has(turn.policy)));
}

function contents(turn: Turn, task: Task): Content[] {
  const { policy } = turn;
  const options: PeerOptions = {
    ipBlockMatchesPods: task.set.profile.ipBlockMatchesPods,
    podsOnlyIngress: task.options.podsOnlyIngress ?? false,
  };
  const parts = { spelling: task.spelling, options };
  const rules = (side: Side): (readonly PlainObject[])[] => [
    ...chunks(
      (turn[side] ?? []).flatMap((rule) => writeRule(rule, side, parts)),
      task.api.mostRules,
    ),
  ];
  const [ingress, egress] = [rules('ingress'), rules('egress')];
  const { namespace, name } = policy.ref;
  const suffix = turn.part === 'rules' ? '' : `-${turn.part === 'denies' ? 'deny' : 'default-deny'}`;
  const base = `${namespace === '' ? '' : `${namespace}-`}${name}${suffix}`;
  const halves = Array.from({ length: Math.max(ingress.length, egress.length) }, (_, index) => ({
    ...(ingress[index]?.length && { ingress: ingress[index] }),
    ...(egress[index]?.length && { egress: egress[index] }),
  }));
  return writeSubjects(policy.subject, options).flatMap((subject) =>
    halves.map((half) => {
      const metadata = { name: task.names.unique(base), ...task.options.metadata?.(policy) };
      return { turn, metadata, priority: 0, subject, ...half };
    }),
  );
}

/** Many policies may isolate the same pods; once is enough. */
function distinctIsolation(documents: readonly Content[]): Content[] {
  const seen = new Set<string>();
  return documents.filter(({ turn, subject, ingress, egress }) => {
    if (turn.part !== 'isolation') return true;
    const key = JSON.stringify([subject, ingress, egress]);
    return !seen.has(key) && seen.add(key);
  });
}

function ranksOf(documents: readonly Content[]): readonly Content[] | undefined {
  const priorities = prioritiesOf(documents, PRIORITIES);
  return priorities && documents.map((one, index) => ({ ...one, priority: priorities[index] as number }));
}
