import { describe, expect, it } from 'vitest';
import { workloadOfPod } from '../../ingest/decode/workload-name.ts';

describe('workloadOfPod', () => {
  it.each([
    ['cart-6b687c8dcb-zn5s2', 'cart', 'Deployment'],
    ['db-0', 'db', 'StatefulSet'],
    ['nightly-report-29459670-77sg4', 'nightly-report', 'CronJob'],
    ['nightly-report-29464545-77sg4', 'nightly-report', 'CronJob'],
    ['agent-x7k2p', 'agent', ''],
    ['alone', 'alone', 'Pod'],
    ['', '', ''],
  ])('%s belongs to %s (%s)', (pod, workload, workloadKind) => {
    expect(workloadOfPod(pod)).toEqual({ workload, workloadKind });
  });
});
