import { calicoRef, type PolicyHit } from './calico-trace.ts';
import { text } from './fields.ts';
import { memo } from './memo.ts';
import type { PolicyRefKind } from './policy-ref.ts';

/** Kinds that newer builds write before the name (felix/collector): `index|tier|kind:[namespace/]name|action|rule`. */
const WRITTEN_KINDS = new Map<string, PolicyRefKind>([
  ['np', 'np'],
  ['gnp', 'gnp'],
  ['knp', 'knp'],
  ['kcnp', 'gcnp'],
  ['kanp', 'anp'],
  ['kbanp', 'banp'],
  ['snp', 'snp'],
  ['sgnp', 'sgnp'],
  ['sknp', 'sknp'],
]);

/** How older builds mark policies that are not Calico's own: by the beginning of the name. */
const NAME_MARKS: readonly (readonly [string, PolicyRefKind])[] = [
  ['knp.default.', 'knp'],
  ['kanp.adminnetworkpolicy.', 'anp'],
  ['kbanp.baselineadminnetworkpolicy.', 'banp'],
];

interface Named {
  readonly kind: PolicyRefKind;
  readonly namespace: string;
  readonly name: string;
}

function stagedKind(kind: PolicyRefKind): PolicyRefKind {
  if (kind === 'np') return 'snp';
  if (kind === 'gnp') return 'sgnp';
  return kind === 'knp' ? 'sknp' : kind;
}

function namedOf(written: string): Named {
  const colon = written.indexOf(':');
  const writtenKind = colon < 0 ? undefined : WRITTEN_KINDS.get(written.slice(0, colon));
  const path = writtenKind === undefined ? written : written.slice(colon + 1);
  const slash = path.indexOf('/');
  const namespace = slash < 0 ? '' : path.slice(0, slash);
  const rest = path.slice(slash + 1);
  const staged = rest.startsWith('staged:');
  const name = staged ? rest.slice('staged:'.length) : rest;
  const mark = NAME_MARKS.find(([beginning]) => name.startsWith(beginning));
  const kind = writtenKind ?? mark?.[1] ?? (namespace === '' ? 'gnp' : 'np');
  return {
    kind: staged ? stagedKind(kind) : kind,
    namespace,
    name: mark === undefined ? name : name.slice(mark[0].length),
  };
}

/** Whether the text is a profile, which stands for "no policy selected this endpoint". */
const isProfile = (tier: string, written: string): boolean =>
  tier === '__PROFILE__' || written.startsWith('pro:') || written.startsWith('__PROFILE__.');

/** `index|tier|name|action|rule`, the rule missing in old logs → a step of the trace, or none for anything else. */
const parsePolicyString = memo((value: string): readonly PolicyHit[] => {
  const [index, tier, written, action, rule] = value.split('|');
  if (index === undefined || tier === undefined || written === undefined || action === undefined) return [];
  const ruleNumber = rule === undefined || !/^-?\d+$/.test(rule) ? -2 : Number(rule);
  const ref = isProfile(tier, written) ? '' : calicoRef({ ...namedOf(written), tier, rule: ruleNumber });
  return [{ index: Number(index) || 0, ref, action: action.toLowerCase(), rule: ruleNumber }];
});

/** The steps of a list of policy strings; unreadable ones are left out. */
export function parsePolicyStrings(value: unknown): readonly PolicyHit[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((written) => parsePolicyString(text(written)));
}

/** Whether a policy string of the older mixed list names a staged policy. */
export function isStagedPolicyString(value: unknown): boolean {
  return /\|(?:[^|/]*\/)?staged:|\|s(?:np|gnp|knp):/.test(text(value));
}
