import { memo } from './memo.ts';

/** The alphabet of generated suffixes: no vowels, no digits that look like letters (k8s.io/apimachinery util/rand). */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
const DEPLOYMENT_POD = new RegExp(`^(.+)-${SAFE}{6,10}-${SAFE}{5}$`);
/** A CronJob names its Jobs after the minute of their schedule (kubernetes pkg/controller/cronjob/utils.go). */
const CRON_POD = new RegExp(`^(.+)-\\d{8}-${SAFE}{5}$`);
const OWNED_POD = new RegExp(`^(.+)-${SAFE}{5}$`);
const STATEFUL_POD = /^(.+)-\d{1,4}$/;
const DEPLOYMENT_PREFIX = new RegExp(`^(.+)-${SAFE}{6,10}-\\*$`);

/** A workload as far as the name of one of its pods tells it. */
export interface GuessedWorkload {
  readonly workload: string;
  /** `''` when the name does not tell. */
  readonly workloadKind: string;
}

const guess = (workload: string, workloadKind: string): GuessedWorkload => ({ workload, workloadKind });

/**
 * `cart-6b687c8dcb-zn5s2` → `cart` (Deployment), `db-0` → `db` (StatefulSet),
 * `report-29459670-zn5s2` → `report` (CronJob), `agent-x7k2p` → `agent`.
 */
export const workloadOfPod = memo((pod: string): GuessedWorkload => {
  // Before Deployments: a minute without 0, 1 and 3 also reads as a template hash.
  const scheduled = CRON_POD.exec(pod);
  if (scheduled?.[1] !== undefined) return guess(scheduled[1], 'CronJob');
  const deployment = DEPLOYMENT_POD.exec(pod);
  if (deployment?.[1] !== undefined) return guess(deployment[1], 'Deployment');
  const owned = OWNED_POD.exec(pod);
  if (owned?.[1] !== undefined) return guess(owned[1], '');
  const stateful = STATEFUL_POD.exec(pod);
  if (stateful?.[1] !== undefined) return guess(stateful[1], 'StatefulSet');
  return guess(pod, pod === '' ? '' : 'Pod');
});

/** The generateName prefix that Calico reports: `cart-6b687c8dcb-*` → `cart` (Deployment), `agent-*` → `agent`. */
export const workloadOfPrefix = memo((prefix: string): GuessedWorkload => {
  const deployment = DEPLOYMENT_PREFIX.exec(prefix);
  if (deployment?.[1] !== undefined) return guess(deployment[1], 'Deployment');
  return prefix.endsWith('-*') ? guess(prefix.slice(0, -2), '') : guess(prefix, '');
});
