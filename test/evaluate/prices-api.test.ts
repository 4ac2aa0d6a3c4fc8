import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import { explain } from '../../src/evaluate/explain/explain.ts';
import { expectGolden } from '../helpers/golden.ts';
import { outside, pod, type Service, traffic, trail } from './harness.ts';

const FOLDER = 'test/scenarios/prices-api';

const server = pod('pricing-ns/prices-api');
const cases = {
  'a consumer in the namespace': [pod('pricing-ns/prices-api-consumer'), 'TCP/5000'],
  'a bare pod in the namespace': [pod('pricing-ns/bare', ''), 'TCP/5000'],
  'a bare pod elsewhere': [pod('elsewhere/bare', ''), 'TCP/5000'],
  'a consumer elsewhere': [pod('elsewhere/prices-api-consumer'), 'TCP/5000'],
  'a bare pod in the labelled namespace, although both conditions were meant': [
    pod('critical-ns/bare', ''),
    'TCP/5000',
  ],
  'a consumer on another port': [pod('pricing-ns/prices-api-consumer'), 'TCP/8080'],
  'somebody outside': [outside('external', '93.184.216.34'), 'TCP/5000'],
} as const;

test('the tutorial policy with two separate peers: each verdict with its trail', () => {
  const name = 'manifests.yaml';
  const read = readPolicies([{ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }]);
  expect(read.findings.map(({ severity }) => severity)).toEqual(['note']);
  const namespaces = new Map([...read.namespaces].map(([namespace, labels]) => [`test/${namespace}`, labels]));
  const compiled = compile(read.policySet, { workloads: [], namespaces });
  const verdicts = Object.entries(cases).map(([who, [client, service]]) => {
    const packet = traffic(client, server, service as Service);
    const verdict = decide(compiled, packet);
    const sides = [trail(verdict.egress), trail(verdict.ingress)];
    return { who, service, decision: verdict.decision, sides, words: explain(verdict, packet) };
  });
  expectGolden(`${JSON.stringify(verdicts, null, 2)}\n`, `${FOLDER}/expected/trails.json`);
});
