import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPolicies } from '../../src/dialects/read.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { describeOutside } from '../helpers/outside-data.ts';

/** A corpus of outside verdicts, read where it lies. */
export interface Corpus {
  json<T>(name: string): T;
  /** Policies of one file; anything that is not read without objection fails. */
  policies(name: string): PolicySet;
}

/** Runs `body` over one corpus of policies, if it is there. */
export function describeCorpus(title: string, folder: string, body: (corpus: Corpus) => void): void {
  describeOutside(title, join('policies', folder), (path) => {
    const text = (name: string): string => readFileSync(join(path, name), 'utf8');
    body({
      json: (name) => JSON.parse(text(name)),
      policies: (name) => {
        const { policySet, findings } = readPolicies([{ name, text: text(name) }]);
        const errors = findings.filter(({ severity }) => severity === 'error');
        if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`);
        return policySet;
      },
    });
  });
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
