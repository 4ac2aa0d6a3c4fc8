import { writeFileSync, writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { mutant } from './mutate.ts';
import { flowSeeds } from './seeds.ts';

/** A reader that does not come back has to be seen from outside. By the clock, so it is generous. */
const PATIENCE_MS = 60_000;

/** While no input is being read, time may pass. */
export const NO_INPUT = -1;

interface Watched {
  /** Number of the input being read. */
  readonly current: SharedArrayBuffer;
  readonly outside: boolean;
  readonly folder: string;
}

/** Ends this process, with the input saved, when one input holds it up. Write the number of each input to the result. */
export function startWatchdog(outside: boolean, folder: string): Int32Array {
  const current = new SharedArrayBuffer(4);
  const watched: Watched = { current, outside, folder };
  new Worker(new URL(import.meta.url), { workerData: watched }).unref();
  return new Int32Array(current);
}

function watch({ current, outside, folder }: Watched): void {
  const numbers = new Int32Array(current);
  let [last, since] = [NO_INPUT, Date.now()];
  setInterval(() => {
    const number = Atomics.load(numbers, 0);
    if (number !== last || number === NO_INPUT) [last, since] = [number, Date.now()];
    if (Date.now() - since < PATIENCE_MS) return;
    const file = `${folder}/fuzz-flows-${number}.bin`;
    writeFileSync(file, mutant(number, flowSeeds(outside).seeds).bytes);
    writeSync(2, `FAULT input ${number} does not come to an end; it is saved as ${file}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, 1_000);
}

if (!isMainThread) watch(workerData as Watched);
