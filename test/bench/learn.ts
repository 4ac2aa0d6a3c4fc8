/**
 * Time and memory of the learner over synthetic edges: 100,000 pods in 10,000 workloads with as many label sets, at four
 * sizes, and apart from that, what reading edges from the embedded store costs. Sizes may be given as arguments, and are
 * then only learned from; with --expose-gc the memory figures are exact.
 */
import { learn } from '../../src/learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS } from '../../src/learn/options.ts';
import { makeLearnInput } from './learn-input.ts';
import { measureReading } from './store-input.ts';

const CURVE = [170_000, 700_000, 1_300_000, 2_600_000];
const READ = 170_000;

const sizes = process.argv.slice(2).map(Number);
for (const size of sizes.length > 0 ? sizes : CURVE) {
  const { edges, inventory } = makeLearnInput(size);
  globalThis.gc?.();
  const before = process.memoryUsage();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { learned } = learn(edges, inventory, { ...DEFAULT_LEARN_OPTIONS, cluster: 'c' });
  const seconds = (performance.now() - started) / 1000;
  const after = process.memoryUsage();
  const { user } = process.cpuUsage(cpu);
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  globalThis.gc?.();
  console.log(
    `${size} edges: ${seconds.toFixed(2)} s (${(user / 1e6).toFixed(2)} s of CPU), ${((seconds * 1e6) / size).toFixed(2)} µs an edge, ` +
      `${Math.round(held / 2 ** 20)} MB beyond the edges, ${learned.pairs.length} functions, ${learned.summary.trusted} links`,
  );
}
if (sizes.length === 0) console.log(await measureReading(READ));
