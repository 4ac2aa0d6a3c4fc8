import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { adjustGraph, type GraphChanges } from '../simulate/adjust-graph.ts';
import type { Graph } from '../simulate/graph.ts';
import { graphFromTruth, isTruth, type TruthOptions } from '../simulate/graph-from-truth.ts';
import { readGraph } from '../simulate/read-graph.ts';
import { SHOP_GRAPH } from '../simulate/shop-graph.ts';
import { Failure } from '../util/failure.ts';

export interface GraphRequest extends TruthOptions, GraphChanges {
  /** A file, `-` for standard input, or `shop` for the application of the demo. */
  readonly input: string;
  /** The input is a ground-truth file; otherwise that is found out. */
  readonly fromTruth: boolean;
}

export interface GraphInputResult {
  readonly graph: Graph;
  /** The graph was made out of a ground-truth file. */
  readonly converted: boolean;
}

const LISTED_PROBLEMS = 20;

/** Reads a graph, converts it from ground truth, changes and validates it; a Failure lists all that is wrong. */
export async function readSimulationGraph(
  request: GraphRequest,
  stdin: NodeJS.ReadableStream,
): Promise<GraphInputResult> {
  const value = request.input === 'shop' ? SHOP_GRAPH : await readJson(request.input, stdin);
  const converted = request.fromTruth || isTruth(value);
  const source = converted ? graphFromTruth(value, request) : { graph: value, problems: [] };
  const reading = source.problems.length > 0 ? source : readGraph(source.graph);
  if (!('graph' in reading) || reading.problems.length > 0) throw invalid(request.input, reading.problems);
  // Read once more, because the changes have to keep within the format's limits too.
  const adjusted = readGraph(adjustGraph(reading.graph as Graph, request));
  if (!adjusted.graph) throw invalid(request.input, adjusted.problems);
  return { graph: adjusted.graph, converted };
}

async function readJson(input: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  const name = input === '-' ? '<stdin>' : input;
  let json: string;
  try {
    json = input === '-' ? await text(stdin) : await readFile(input, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('input', `cannot read ${name}: ${reason}`, 'Name a graph file, - for standard input, or shop.', {
      cause: error,
    });
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('input', `${name} is not JSON: ${reason}`, 'See docs/graph-format.md for the format.', {
      cause: error,
    });
  }
}

function invalid(input: string, problems: readonly string[]): Failure {
  const more = problems.length > LISTED_PROBLEMS ? [`… and ${problems.length - LISTED_PROBLEMS} more`] : [];
  const list = [...problems.slice(0, LISTED_PROBLEMS), ...more].map((problem) => `\n  ${problem}`).join('');
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new Failure(
    'input',
    `${input} is no valid graph, ${count}:${list}`,
    'See docs/graph-format.md for the format.',
  );
}
