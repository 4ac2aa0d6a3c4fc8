import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type ClusterSize, writeCluster } from './connectivity-input.ts';

/**
 * `microwall connectivity` and `diff` as people run them: a process of its own that reads manifests from files and
 * prints JSON. The targets are those of 200 namespaces, 2,000 workloads and 1,000 NetworkPolicies.
 */
const SIZE: ClusterSize = { namespaces: 200, workloads: 2000, policies: 1000 };
const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
  readonly outputMegabytes: number;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [bytes, peak] = [0, 0];
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(child.pid ?? 0));
  }, 20);
  child.stdout.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  await once(child, 'close');
  clearInterval(watch);
  return { seconds: (performance.now() - start) / 1000, megabytes: peak, outputMegabytes: bytes / 1e6 };
}

/** Highest resident memory so far, as Linux tells it. */
function residentMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function print(title: string, { seconds, megabytes, outputMegabytes }: Measured): void {
  console.log(
    `${title.padEnd(58)} ${seconds.toFixed(2).padStart(6)} s  ${megabytes.toFixed(0).padStart(5)} MB peak  ${outputMegabytes.toFixed(1).padStart(6)} MB of JSON`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
try {
  const [old, fresh] = [join(folder, 'old'), join(folder, 'new')];
  writeCluster(old, SIZE);
  writeCluster(fresh, { ...SIZE, changed: 0.05 });
  const inventory = ['--inventory', join(old, 'apps'), '-q', '-o', 'json'];
  const policies = join(old, 'policies');
  console.log('200 namespaces, 2,000 workloads, 1,000 NetworkPolicies');
  print('connectivity', await measure(['connectivity', '--policies', policies, ...inventory]));
  const external = ['connectivity', '--policies', policies, '--ip-blocks', 'external', ...inventory];
  print('connectivity --ip-blocks external', await measure(external));
  const few = join(folder, 'few');
  writeCluster(few, { ...SIZE, policies: 200 });
  const open = ['connectivity', '--policies', join(few, 'policies'), ...inventory];
  print('connectivity with 200 policies', await measure(open));
  const diff = ['diff', policies, join(fresh, 'policies'), '--no-store', ...inventory];
  print('diff against a version with 5 % of the policies changed', await measure(diff));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
