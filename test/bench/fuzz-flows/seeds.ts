import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Bytes of which mutants are made. */
export interface FlowSeed {
  readonly name: string;
  readonly text: string;
  /** Given where the reader takes options. */
  readonly options: Readonly<Record<string, string>>;
}

/** Scenarios of decoders begin like this; the others hold policies and graphs. */
const DECODED =
  /^(antrea|aws-vpc|azure|calico-enterprise|envelopes|gadget|gcp|goflow2|goldmane|hubble|istio|kubescape|netobserv|obi|ztunnel)/;

/** Benchmarks run with the checkout as their working directory. */
const SCENARIOS = resolve('test', 'scenarios');
const OUTSIDE = join(process.env.MICROWALL_SHARED ?? resolve('..', 'shared'), 'data', 'flows');

/** Whole files of a few records are inputs too, longer ones only line by line. */
const WHOLE = 3_000;

/**
 * Every record of the scenarios of every format, each line by itself, and the shorter files whole. Outside samples
 * join them where they are present, unless only the scenarios are wanted.
 */
export function flowSeeds(outside: boolean): { readonly seeds: readonly FlowSeed[]; readonly outside: boolean } {
  const own = readdirSync(SCENARIOS)
    .filter((name) => DECODED.test(name))
    .flatMap((name) => scenarioSeeds(join(SCENARIOS, name), name));
  if (!outside || !existsSync(OUTSIDE)) return { seeds: own, outside: false };
  const others = readdirSync(OUTSIDE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(csv|json|jsonl|log|ndjson|txt|yaml)$/.test(name))
    .sort()
    .flatMap((name) => seedsOf(readFileSync(join(OUTSIDE, name), 'utf8'), name, {}));
  return { seeds: [...own, ...others], outside: true };
}

function scenarioSeeds(folder: string, name: string): FlowSeed[] {
  const input = readdirSync(folder).find((file) => file.startsWith('input.'));
  if (input === undefined) return [];
  const settings = join(folder, 'settings.json');
  const told = existsSync(settings) ? (JSON.parse(readFileSync(settings, 'utf8')) as Partial<FlowSeed>) : {};
  return seedsOf(readFileSync(join(folder, input), 'utf8'), name, told.options ?? {});
}

function seedsOf(text: string, name: string, options: FlowSeed['options']): FlowSeed[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isSpread = lines.length > 1 && /^[{[]\s*$/.test(lines[0] ?? '');
  const parts = isSpread ? [JSON.stringify(JSON.parse(text))] : lines;
  const whole = lines.length > 1 && text.length <= WHOLE ? [text] : [];
  return [...whole, ...parts].map((part) => ({ name, text: part, options }));
}
