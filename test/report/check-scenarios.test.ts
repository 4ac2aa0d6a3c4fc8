import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge } from '../../src/model/edge.ts';
import { checkJson } from '../../src/report/check/json.ts';
import { judgeEdges } from '../../src/report/check/judge.ts';
import { checkResult } from '../../src/report/check/result.ts';
import { checkTable } from '../../src/report/check/table.ts';
import { expectGolden } from '../helpers/golden.ts';
import { MONDAY } from './build.ts';
import { openScenario, type Scenario, scenarios } from './scenario.ts';

function check(scenario: Scenario, edges: readonly Edge[]) {
  const window = { from: MONDAY, to: MONDAY + 604_800_000 };
  return checkResult(edges, judgeEdges(edges, scenario.decide), { policies: scenario.policies.length, window });
}

describe.each(scenarios('check-'))('%s', (name) => {
  const scenario = openScenario(name);
  const edges = scenario.edges('edges.txt');
  const result = check(scenario, edges);

  it('gives the expected JSON', () => {
    expectGolden(checkJson(result, true), scenario.file('expected/check.json'));
  });

  it('gives the expected table', () => {
    expectGolden(checkTable(result, false), scenario.file('expected/check.txt'));
  });

  it('gives the same bytes whatever the order of edges and policy files', () => {
    const json = checkJson(result, true);
    const reversed = openScenario(name, { reversed: true });
    fc.assert(
      fc.property(fc.shuffledSubarray(edges, { minLength: edges.length }), (shuffled) => {
        expect(checkJson(check(reversed, shuffled), true)).toBe(json);
      }),
      { numRuns: 20 },
    );
  });
});
