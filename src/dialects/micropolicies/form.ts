import type { PolicyDialect, Stage } from '../../model/policy.ts';
import * as antrea from '../antrea/tiers.ts';
import * as calico from '../calico/tiers.ts';
import { ISTIO_STAGE } from '../istio/stage.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { ADMIN_STAGE, BASELINE_STAGE, NETWORK_POLICY_STAGE } from '../stages.ts';

/** Dialects in which what was learned can be written. */
export const OUTPUT_DIALECTS = [
  'kubernetes',
  'cluster',
  'calico',
  'calico-staged',
  'cilium',
  'antrea',
  'istio',
] as const;
export type OutputDialect = (typeof OUTPUT_DIALECTS)[number];

/** What people ask for. */
export interface AskedForm {
  readonly dialect: OutputDialect;
  /** A policy for each namespace, or one for all; absent = as the dialect's own kinds are. */
  readonly scope?: 'namespace' | 'global' | undefined;
  /** `NAME`, or `NAME=NUMBER` for a tier of one's own. */
  readonly tier?: string | undefined;
  /** Written in a form that is evaluated and not enforced. */
  readonly staged?: boolean | undefined;
}

/** The form in which a run writes its policies. */
export interface OutputForm {
  readonly dialect: Exclude<OutputDialect, 'calico-staged'> & PolicyDialect;
  readonly staged: boolean;
  readonly scope: 'namespace' | 'global';
  readonly stage: Stage;
  /** The tier as it was asked for; absent: the usual one. */
  readonly tier?: string;
  /** Subfolder of the manifests. */
  readonly folder: string;
}

/** Why there is no such form, and what to ask for instead. */
export interface FormProblem {
  readonly problem: string;
  readonly remedy: string;
}

export const KUBERNETES_FORM: OutputForm = {
  dialect: 'kubernetes',
  staged: false,
  scope: 'namespace',
  stage: { name: NETWORK_POLICY_STAGE, order: 0, combine: 'deny-overrides' },
  folder: 'kubernetes',
};

/** Every subfolder that manifests of some form stand in. */
export const MANIFEST_FOLDERS: readonly string[] = [...OUTPUT_DIALECTS, 'kubernetes-staged', 'istio-staged'];

interface Abilities {
  readonly scopes: readonly ('namespace' | 'global')[];
  readonly staged: boolean;
  readonly stage: (tier: string | undefined) => Stage | FormProblem;
}

/** Orders of a new tier: right before the tier in which policies stand that name none. */
const NEW_CALICO_TIER = 900_000;
const NEW_ANTREA_TIER = 240;

const ABILITIES: Readonly<Record<OutputForm['dialect'], Abilities>> = {
  kubernetes: { scopes: ['namespace'], staged: true, stage: withoutTiers('NetworkPolicy') },
  cluster: { scopes: ['global'], staged: false, stage: clusterStage },
  calico: { scopes: ['namespace', 'global'], staged: true, stage: calicoStage },
  cilium: { scopes: ['namespace', 'global'], staged: false, stage: withoutTiers('CiliumNetworkPolicy') },
  antrea: { scopes: ['namespace', 'global'], staged: false, stage: antreaStage },
  istio: { scopes: ['namespace'], staged: true, stage: withoutTiers('AuthorizationPolicy', ISTIO_STAGE) },
};

/** The form that was asked for, or why there is none. */
export function outputForm({ dialect: asked, scope, tier, staged = false }: AskedForm): OutputForm | FormProblem {
  const dialect = asked === 'calico-staged' ? 'calico' : asked;
  const isStaged = staged || asked === 'calico-staged';
  const abilities = ABILITIES[dialect];
  if (isStaged && !abilities.staged)
    return {
      problem: `${dialect} policies cannot be staged`,
      remedy: 'Staged forms: --dialect calico-staged; --staged with kubernetes, calico or istio.',
    };
  const [usual = 'namespace'] = abilities.scopes;
  if (scope !== undefined && !abilities.scopes.includes(scope))
    return {
      problem: `${dialect} policies cannot have scope ${scope}`,
      remedy: `Write --scope ${usual}, or choose calico, cilium or antrea, which have both.`,
    };
  const stage = abilities.stage(tier);
  if ('problem' in stage) return stage;
  const folder = isStaged ? `${dialect}-staged` : dialect;
  return { dialect, staged: isStaged, scope: scope ?? usual, stage, ...(tier !== undefined && { tier }), folder };
}

function withoutTiers(kind: string, stage: Stage = KUBERNETES_FORM.stage) {
  return (tier: string | undefined): Stage | FormProblem =>
    tier === undefined
      ? stage
      : { problem: `${kind} knows no tiers`, remedy: 'Leave out --tier, or choose calico, antrea or cluster.' };
}

function clusterStage(tier = 'Baseline'): Stage | FormProblem {
  const name = { admin: ADMIN_STAGE, baseline: BASELINE_STAGE }[tier.toLowerCase()];
  return name === undefined
    ? { problem: `ClusterNetworkPolicy has no tier ${tier}`, remedy: 'Write --tier Admin or --tier Baseline.' }
    : { name, order: 0, combine: 'first-match' };
}

function calicoStage(asked: string = calico.DEFAULT_TIER): Stage | FormProblem {
  const { name, number } = parseTier(asked);
  const builtIn = calico.BUILT_IN_TIERS.find((tier) => tier.name === name);
  if (builtIn?.defaultAction === 'Pass')
    return {
      problem: `tier ${name} passes what no policy matches, so nothing can be isolated in it`,
      remedy: 'Choose the tier default, or a tier of your own.',
    };
  if (!isName(name) || number === 'bad') return badTier(asked, 'NAME=ORDER');
  return calico.tierStage(builtIn ?? { name, order: number ?? NEW_CALICO_TIER, defaultAction: 'Deny' });
}

function antreaStage(asked: string = antrea.DEFAULT_TIER): Stage | FormProblem {
  const { name, number } = parseTier(asked);
  if (!isName(name) || number === 'bad') return badTier(asked, 'NAME=PRIORITY');
  const priority = antrea.BUILT_IN_TIERS.get(name) ?? number ?? NEW_ANTREA_TIER;
  const own = !antrea.BUILT_IN_TIERS.has(name);
  if (own && (priority >= antrea.FIRST_BUILT_IN_ONLY || antrea.RESERVED_NUMBERS.has(priority)))
    return {
      problem: `${priority} cannot be the priority of tier ${name}`,
      remedy: `Choose a number below ${antrea.FIRST_BUILT_IN_ONLY} that is none of ${[...antrea.RESERVED_NUMBERS].join(', ')}.`,
    };
  return antrea.tierStage(name, priority);
}

function parseTier(asked: string): { readonly name: string; readonly number?: number | 'bad' } {
  const [name = '', number] = asked.split('=', 2);
  if (number === undefined) return { name };
  return { name, number: /^\d{1,9}$/.test(number) ? Number(number) : 'bad' };
}

function isName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function badTier(asked: string, form: string): FormProblem {
  return { problem: `"${asked}" names no tier`, remedy: `Write --tier NAME, or ${form} for a tier of your own.` };
}

/** What `micropolicies.yaml` says of the form, for the next run to keep it; nothing of the usual one. */
export function formRecord({ dialect, staged, scope, stage, tier }: OutputForm): PlainObject {
  if (dialect === 'kubernetes' && !staged) return {};
  return {
    output: {
      dialect,
      ...(staged && { staged }),
      scope,
      ...(TIERED.has(dialect) && { tier: tier ?? tierName(stage) }),
    },
  };
}

const TIERED: ReadonlySet<string> = new Set(['cluster', 'calico', 'antrea']);

function tierName({ name }: Stage): string {
  return antrea.tierOfStage(name) ?? name;
}
