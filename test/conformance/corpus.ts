import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import type { PolicySet } from '../../src/model/policy.ts';

const ROOT = join(process.env.MICROWALL_SHARED ?? '../shared', 'data/policies');

/** A corpus of outside verdicts, read where it lies. */
export interface Corpus {
  json<T>(name: string): T;
  /** Policies of one file; anything that is not read without objection fails. */
  policies(name: string): PolicySet;
}

/** Runs `body` when the corpus is there; otherwise one test reports why it was skipped. */
export function describeCorpus(title: string, folder: string, body: (corpus: Corpus) => void): void {
  const path = join(ROOT, folder);
  if (!existsSync(path)) {
    describe(title, () => {
      test.skip(`skipped: corpus absent (${path})`, () => {});
    });
    return;
  }
  const text = (name: string): string => readFileSync(join(path, name), 'utf8');
  describe(title, () =>
    body({
      json: (name) => JSON.parse(text(name)),
      policies: (name) => {
        const { policySet, findings } = readPolicies([{ name, text: text(name) }]);
        const errors = findings.filter(({ severity }) => severity === 'error');
        if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`);
        return policySet;
      },
    }),
  );
}

/** Counts agreement and keeps the first disagreements for the message of a failing test. */
export class Tally {
  agree = 0;
  total = 0;
  readonly differences: string[] = [];

  count(name: string, actual: unknown, expected: unknown): void {
    this.total++;
    if (actual === expected) this.agree++;
    else if (this.differences.length < 10) this.differences.push(`${name}: ${actual}, expected ${expected}`);
  }

  /** Prints `corpus: agree/total`. */
  print(corpus: string): void {
    process.stdout.write(`${corpus}: ${this.agree}/${this.total}\n`);
  }
}
