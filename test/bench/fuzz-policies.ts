import { mutant } from './fuzz/mutate.ts';
import { type Tried, tryMutant } from './fuzz/try-mutant.ts';

/**
 * Mutated policy documents of all dialects: each is read or refused with place and reason, none crashes the reader or
 * the evaluator, none takes longer than a second. `fuzz-policies [COUNT] [FIRST]`; the same number is the same text.
 */
const LIMIT_MS = 1000;
const [count = 100_000, first = 0] = process.argv.slice(2).map(Number);

const tally: Record<Tried['outcome'], number> = { read: 0, refused: 0, empty: 0, broken: 0 };
const reasons = new Map<string, number>();
const faults: string[] = [];
let slowest = { cpuMs: 0, number: 0 };

for (let number = first; number < first + count; number++) {
  const { outcome, detail, cpuMs } = tryMutant(mutant(number));
  tally[outcome]++;
  if (outcome === 'refused') reasons.set(detail, (reasons.get(detail) ?? 0) + 1);
  if (outcome === 'broken') faults.push(`${number}: ${detail}`);
  if (cpuMs > slowest.cpuMs) slowest = { cpuMs, number };
  if (cpuMs > LIMIT_MS) faults.push(`${number}: took ${cpuMs.toFixed(0)} ms`);
  if ((number + 1 - first) % 10_000 === 0) console.error(`${number + 1 - first} of ${count} …`);
}

console.log(`${count} mutants from number ${first}: ${JSON.stringify(tally)}`);
console.log(`slowest: number ${slowest.number}, ${slowest.cpuMs.toFixed(0)} ms of processor time`);
console.log('refused for:');
for (const [rule, times] of [...reasons].sort(([, a], [, b]) => b - a))
  console.log(`${String(times).padStart(8)} ${rule}`);
for (const fault of faults.slice(0, 20)) console.log(`FAULT ${fault}`);
if (faults.length > 0) {
  console.log(`${faults.length} faults`);
  process.exitCode = 1;
}
