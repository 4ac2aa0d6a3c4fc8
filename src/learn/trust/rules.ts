import { at } from '../links/links.ts';

/** Verdicts on links; the first three grant. */
export const TRUST_RULES = [
  'trusted',
  'trusted-in-copies',
  'kept',
  'own-node',
  'rejected',
  'not-oriented',
  'never-passed',
  'unclear-outcome',
  'unknown-endpoint',
  'metadata-address',
  'scan-episode',
  'one-day',
  'one-client',
  'seen-once',
] as const;
export type TrustRule = (typeof TRUST_RULES)[number];

/** Why a rule held a link back, for people. */
export const TRUST_SENTENCES: Readonly<Record<TrustRule, string>> = {
  trusted: 'seen from several clients on several days',
  'trusted-in-copies': 'seen from several clients on several days in all copies of the application together',
  kept: 'granted by an earlier run, and not withdrawn',
  rejected: 'a person rejected it',
  'own-node': 'probes and other traffic from the node that runs the pod are always let in; no rule is needed',
  'not-oriented': 'it is not known who opened these connections',
  'never-passed': 'every attempt was denied by a policy',
  'unclear-outcome': 'no attempt is known to have got through',
  'unknown-endpoint': 'one end could not be identified',
  'metadata-address': 'the metadata address hands out credentials; grant it by hand if it is meant',
  'scan-episode': 'first seen while one replica tried many new targets within hours',
  'one-day': 'seen from several clients, but within one day only',
  'one-client': 'seen on several days, but from one of several replicas only',
  'seen-once': 'seen from one client on one day only',
};

/** Position of each rule in `TRUST_RULES`. */
export const RULE_CODE = Object.fromEntries(TRUST_RULES.map((rule, code) => [rule, code])) as Record<TrustRule, number>;

/** Rules whose links are likely needed, and not proven. */
export const PROPOSED: ReadonlySet<number> = new Set([RULE_CODE['one-day'], RULE_CODE['one-client']]);

/** Code of a rule by link. */
export type Trust = Uint8Array;

/** Whether a link may be granted. */
export function isTrusted(trust: Trust, link: number): boolean {
  return at(trust, link) <= RULE_CODE.kept;
}
