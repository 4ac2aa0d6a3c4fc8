import { expect, test } from 'vitest';
import { separatePeers } from '../../../src/evaluate/lint/rules/separate-peers.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const rule = (peers: string) => networkPolicy(`{podSelector: {}, ingress: [{from: ${peers}}]}`);

test('finds a namespaceSelector and a podSelector in two items', () => {
  const peers = '[{namespaceSelector: {matchLabels: {team: a}}}, {podSelector: {matchLabels: {app: web}}}]';
  expect(problems(separatePeers, rule(peers))).toHaveLength(1);
});

test('is content with one item that has both, and with two of a kind', () => {
  const both = '[{namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: web}}}]';
  const twoPods = '[{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: cart}}}]';
  expect([both, twoPods].flatMap((peers) => problems(separatePeers, rule(peers)))).toEqual([]);
});
