import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge } from '../../src/model/edge.ts';
import { composeWeek } from '../../src/report/week/compose-week.ts';
import { weekJson } from '../../src/report/week/json.ts';
import { weekMarkdown } from '../../src/report/week/markdown.ts';
import { weekTable } from '../../src/report/week/table.ts';
import type { WeekReport } from '../../src/report/week/week.ts';
import { expectGolden } from '../helpers/golden.ts';
import { MONDAY } from './build.ts';
import { openScenario, type Scenario, scenarios } from './scenario.ts';

const WEEK = 604_800_000;

function report(scenario: Scenario, edges: readonly Edge[], previous: readonly Edge[]): WeekReport {
  const { policies, inventory, decide, decision, grantsOf } = scenario;
  const window = { from: MONDAY, to: MONDAY + WEEK };
  const before = { from: MONDAY - WEEK, to: MONDAY };
  return composeWeek({
    window,
    before,
    edges,
    previous,
    earlier: previous,
    policies,
    inventory,
    decide,
    decision,
    grantsOf,
  });
}

describe.each(scenarios('report-'))('%s', (name) => {
  const scenario = openScenario(name);
  const edges = scenario.edges('edges.txt');
  const previous = scenario.edges('previous.txt');
  const week = report(scenario, edges, previous);

  it.each([
    ['json', weekJson],
    ['md', weekMarkdown],
    ['txt', weekTable],
  ])('gives the expected %s', (extension, format) => {
    expectGolden(format(week), scenario.file(`expected/report.${extension}`));
  });

  it('gives the same bytes whatever the order of edges and policy files', () => {
    const json = weekJson(week);
    const reversed = openScenario(name, { reversed: true });
    fc.assert(
      fc.property(fc.shuffledSubarray(edges, { minLength: edges.length }), (shuffled) => {
        expect(weekJson(report(reversed, shuffled, [...previous].reverse()))).toBe(json);
      }),
      { numRuns: 20 },
    );
  });
});
