import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTeams, type TeamOf, teamFinder } from '../../src/app/learn/teams.ts';
import { buildEstate } from '../learn/estate.ts';

function teamsFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'microwall-teams-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'teams.yaml');
  writeFileSync(file, text);
  return file;
}

function finder(text: string): TeamOf {
  const workloads = {
    'shop/Deployment/web': { labels: { team: 'front', app: 'web' } },
    'shop/Deployment/cart': { labels: { app: 'cart' } },
    'data/StatefulSet/redis': { labels: null },
  };
  const { inventory } = buildEstate({ workloads, traffic: [] });
  return teamFinder(readTeams(teamsFile(text)), inventory.workloads);
}

const web = { namespace: 'shop', kind: 'Deployment', name: 'web' };
const cart = { namespace: 'shop', kind: 'Deployment', name: 'cart' };
const redis = { namespace: 'data', kind: 'StatefulSet', name: 'redis' };

test('a team is found by namespace, by all its labels, or by pattern', () => {
  const byNamespace = finder('teams: { a: { owners: ["@x"], namespaces: [data] } }');
  expect([web, cart, redis].map(byNamespace)).toEqual([undefined, undefined, 'a']);
  const byLabels = finder('teams: { a: { owners: ["@x"], labels: { team: front, app: web } } }');
  expect([web, cart, redis].map(byLabels)).toEqual(['a', undefined, undefined]);
  const byPattern = finder('teams: { a: { owners: ["@x/y"], pattern: "^shop/.*/c" } }');
  expect([web, cart, redis].map(byPattern)).toEqual([undefined, 'a', undefined]);
});

test('the first team of the file that fits owns a workload; no labels fit nobody', () => {
  const teamOf = finder(`
teams:
  b: { owners: ["@x"], labels: { team: front } }
  a: { owners: ["ann@example.com"], namespaces: [shop] }
  c: { owners: ["@x"], labels: {} }`);
  expect([web, cart, redis].map(teamOf)).toEqual(['b', 'a', undefined]);
});

test.each([
  ['teams: { a: { namespaces: [shop] } }', ':1: teams.a.owners: must be a list of owners'],
  ['teams:\n  a:\n    owners: [ann]', ':3: teams.a.owners[0]: must be @user, @organisation/team or an e-mail address'],
  ['teams:\n  a:\n    owners: ["@x"]\n    pattern: "("', ':4: teams.a.pattern: is not a regular expression'],
  ['teams:\n  A b:\n    owners: ["@x"]', ':2: teams.A b: must be lower case letters'],
  ['teams: { a: { owners: ["@x"] } }\ndefault: { folder: a }', ':2: default.folder: a is a team'],
  ['team: {}', ' has no field team; did you mean teams?'],
  ['teams: {labels: {owners: ["@acme/labels"]}}', 'what the folder of label patches is called'],
])('%j is refused with its line', (text, says) => {
  expect(() => readTeams(teamsFile(text))).toThrow(says);
});
