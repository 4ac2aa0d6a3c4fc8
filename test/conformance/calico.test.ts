import { expect, test } from 'vitest';
import { parseSelector, toSelector } from '../../src/dialects/calico/selector-syntax.ts';
import { canonicalText } from '../../src/dialects/calico/selector-text.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import { selects } from '../../src/model/selector.ts';
import { type Case, compiledCase, type Packet } from './calico-programs.ts';
import { describeCorpus, Tally } from './corpus.ts';

interface Selectors {
  readonly match: readonly {
    readonly selector: string;
    readonly matches: readonly Readonly<Record<string, string>>[];
    readonly nonMatches: readonly Readonly<Record<string, string>>[];
  }[];
  readonly mustReject: readonly string[];
  readonly canonical: readonly { readonly input: string; readonly canonical: string }[];
}

describeCorpus('Calico selectors', 'projectcalico__calico/derived-selector-tests', (corpus) => {
  const { match, mustReject, canonical } = corpus.json<Selectors>('selectors.json');

  test('pick the same labels', () => {
    const tally = new Tally();
    for (const { selector, matches, nonMatches } of match) {
      const parsed = parseSelector(selector);
      for (const [labels, expected] of [
        ...matches.map((one) => [one, true] as const),
        ...nonMatches.map((one) => [one, false] as const),
      ]) {
        const actual =
          'node' in parsed ? selects(toSelector(parsed.node), new Map(Object.entries(labels))) : parsed.error;
        tally.count(`${selector} ${JSON.stringify(labels)}`, actual, expected);
      }
    }
    tally.print('Calico selectors');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(98);
  });

  test('refuse what is no selector', () => {
    const tally = new Tally();
    for (const text of mustReject) tally.count(text, 'error' in parseSelector(text), true);
    tally.print('Calico selectors to refuse');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(26);
  });

  test('have the same canonical text', () => {
    const tally = new Tally();
    for (const { input, canonical: expected } of canonical) {
      const parsed = parseSelector(input);
      tally.count(input, 'node' in parsed ? canonicalText(parsed.node) : parsed.error, expected);
    }
    tally.print('Calico canonical selectors');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(17);
  });
});

describeCorpus('Calico policy programs', 'projectcalico__calico/derived-policy-program-tests', (corpus) => {
  test('decide every packet of a workload alike', () => {
    const tally = new Tally();
    for (const one of corpus.json<Case[]>('cases.json').filter(({ group }) => group === 'workload')) {
      const expected = [
        ...(one.allowed ?? []).map((packet) => [packet, 'allow'] as const),
        ...(one.dropped ?? []).map((packet) => [packet, 'deny'] as const),
      ];
      for (const [packet, decision] of expected) {
        tally.count(`${one.name} ${JSON.stringify(packet)}`, decidePacket(one, packet), decision);
      }
    }
    tally.print('Calico policy programs');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(523);
  });
});

function decidePacket(one: Case, packet: Packet): string {
  const { set, inventory, traffic } = compiledCase(one, packet);
  return decide(compile(set, inventory), traffic).ingress.decision;
}
