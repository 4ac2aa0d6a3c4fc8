import { hash32, Random } from '../util/random.ts';
import type { Graph } from './graph.ts';
import { GroundTruth, type Tuple } from './ground-truth.ts';
import { formatRecord } from './hubble/format-record.ts';
import { createTimestamps, uuid } from './hubble/stamp.ts';
import { type PlannedRecord, plannedRecords, type Traffic } from './planned-records.ts';
import { attackSources } from './traffic/attacks.ts';
import { callSources } from './traffic/calls.ts';
import { createLookups } from './traffic/lookups.ts';
import { platformSources } from './traffic/platform.ts';
import { buildWorld, type World } from './world/world.ts';

export interface SimulateOptions {
  /** Change the rates of what happens often so that about this many records come out, rather more than fewer. */
  readonly flows?: number;
  /** Records without interface, hardware addresses, node labels and summary. */
  readonly compact?: boolean;
}

export interface Simulation {
  readonly world: World;
  /** What the rates were multiplied by. */
  readonly scale: number;
  /** Hubble JSON lines in order of time, in pieces of about 256 KiB that end with a line; to be read once. */
  readonly pieces: Generator<SimulatedPiece>;
  /** What was simulated; complete once `pieces` has been read to its end. */
  readonly tuples: () => Iterable<Tuple>;
}

export interface SimulatedPiece {
  readonly text: string;
  readonly records: number;
}

const PIECE_CHARACTERS = 262_144;
/** A little more than asked for, because counts are drawn. */
const MARGIN = 1.01;
/** Enough to know the mean number of records per connection within about half a percent. */
const TRIAL_CONNECTIONS = 100_000;

/** Simulates a valid graph. The same graph and options always give the same bytes. */
export function simulate(graph: Graph, options: SimulateOptions = {}): Simulation {
  const world = buildWorld(graph);
  const scale = options.flows === undefined ? 1 : scaleFor(world, options.flows);
  const truth = new GroundTruth();
  const traffic = createTraffic(world, truth, scale);
  return {
    world,
    scale,
    pieces: writePieces(world, traffic, options.compact ?? false),
    tuples: () => truth.tuples,
  };
}

function createTraffic(world: World, truth: GroundTruth, scale: number): Traffic {
  return {
    sources: [...callSources(world, truth), ...platformSources(world, truth), ...attackSources(world, truth)],
    lookups: createLookups(world, truth),
    scale,
  };
}

/** Runs once without writing, on a small scale, to learn how many records scale with the rates and how many do not. */
function scaleFor(world: World, flows: number): number {
  const rates = createTraffic(world, new GroundTruth(), 1).sources.reduce((sum, source) => sum + source.rate, 0);
  const trial = Math.min(1, TRIAL_CONNECTIONS / (rates * world.span.hours));
  let scaling = 0;
  let fixed = 0;
  for (const record of plannedRecords(world, createTraffic(world, new GroundTruth(), trial))) {
    if (record.scales) scaling += record.copies;
    else fixed += record.copies;
  }
  const wanted = flows * MARGIN + 3 * Math.sqrt(flows) - fixed;
  return scaling === 0 ? 1 : (Math.max(0, wanted) / scaling) * trial;
}

function* writePieces(world: World, traffic: Traffic, compact: boolean): Generator<SimulatedPiece> {
  const timestamps = createTimestamps();
  const random = new Random(world.graph.seed, hash32('uuid'));
  let lines: string[] = [];
  let characters = 0;
  for (const record of plannedRecords(world, traffic)) {
    const line = writeRecord(record, { time: timestamps(record.time), uuid: uuid(random), compact });
    for (let copy = 0; copy < record.copies; copy++) {
      lines.push(line);
      characters += line.length;
    }
    if (characters < PIECE_CHARACTERS) continue;
    yield { text: lines.join(''), records: lines.length };
    lines = [];
    characters = 0;
  }
  if (lines.length > 0) yield { text: lines.join(''), records: lines.length };
}

function writeRecord({ content }: PlannedRecord, stamp: { time: string; uuid: string; compact: boolean }): string {
  if ('step' in content) return formatRecord(content.connection, content.step, stamp);
  const { before, between, after } = content;
  return `${before}${stamp.time}${between === '' ? '' : between + stamp.time}${after}`;
}
