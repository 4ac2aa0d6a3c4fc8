/**
 * What reading edges costs: fills a fresh embedded store with so many distinct edges, each seen by both ends in two
 * hours, and reads them all. Time of the engine and of folding together, in wall clock and CPU (engine included).
 * `node dist/test/bench/store-read.js [edges …]`.
 */
import { measureReading } from './store-input.ts';

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000];

for (const size of SIZES) console.log(await measureReading(size));
