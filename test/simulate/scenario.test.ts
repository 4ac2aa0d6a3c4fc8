import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readGraph } from '../../src/simulate/read-graph.ts';
import { runGraph } from './build.ts';

const folder = new URL('../scenarios/simulate-small/', import.meta.url);

it('writes the records and the ground truth of the small scenario as before', () => {
  const { graph, problems } = readGraph(JSON.parse(readFileSync(new URL('graph.json', folder), 'utf8')));
  expect(problems).toEqual([]);
  if (!graph) return;
  const { text, tuples } = runGraph(graph, { compact: true });
  const outputs = { 'expected/flows.jsonl': text, 'expected/tuples.json': `${JSON.stringify(tuples, null, 2)}\n` };
  for (const [name, output] of Object.entries(outputs)) {
    const file = new URL(name, folder);
    if (process.env.UPDATE) writeFileSync(file, output);
    expect(output).toBe(readFileSync(file, 'utf8'));
  }
});
