import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { sarif } from '../../src/report/lint/sarif.ts';

const finding = (rule: string, line: number, file = './a b/x.yaml'): Finding => ({
  severity: 'warning',
  rule,
  message: 'it is odd',
  remedy: 'Change it.',
  location: { file, document: 1, line },
});

test('writes what SARIF 2.1.0 asks for: version, tool, rules by number, levels, places from line 1', () => {
  const rules = [{ id: 'odd', intent: 'Odd things surprise people.' }];
  const log = JSON.parse(sarif([finding('odd', 3), finding('unread', 0, '<stdin>')], rules));
  expect(log.version).toBe('2.1.0');
  const [run] = log.runs;
  expect(run.tool.driver.name).toBe('microwall');
  expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['odd', 'unread']);
  expect(run.results).toMatchObject([
    {
      ruleId: 'odd',
      ruleIndex: 0,
      level: 'warning',
      message: { text: 'it is odd. Change it.' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b/x.yaml' }, region: { startLine: 3 } } }],
    },
    { ruleId: 'unread', ruleIndex: 1, locations: [{ physicalLocation: { artifactLocation: { uri: 'stdin' } } }] },
  ]);
  expect(run.results[1].locations[0].physicalLocation.region).toBeUndefined();
});
