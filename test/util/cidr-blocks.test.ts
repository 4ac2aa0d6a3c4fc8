import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intersectCidrs, subtractCidrs } from '../../src/util/cidr-blocks.ts';
import { contains, parseAddressRange, parseCidr } from '../../src/util/ip.ts';

test.each([
  [['10.0.0.0/8'], ['10.128.0.0/9'], ['10.0.0.0/9']],
  [['10.0.0.0/30'], ['10.0.0.1/32'], ['10.0.0.0/32', '10.0.0.2/31']],
  [['10.0.0.0/9', '10.128.0.0/9'], [], ['10.0.0.0/8']],
  [['10.0.0.0/8'], ['10.0.0.0/8'], []],
  [['10.0.0.0/8'], ['11.0.0.0/8', '::/0'], ['10.0.0.0/8']],
  [['2001:db8::/126'], ['2001:db8::3/128'], ['2001:db8::/127', '2001:db8::2/128']],
  [['0.0.0.0/0', '::/0'], [], ['::/0', '0.0.0.0/0']],
])('%j without %j is %j', (cidrs, except, expected) => {
  expect(subtractCidrs(cidrs, except)).toEqual(expected);
});

const block = fc
  .record({
    octet: fc.integer({ min: 0, max: 255 }),
    last: fc.integer({ min: 0, max: 255 }),
    length: fc.integer({ min: 20, max: 32 }),
  })
  .map(({ octet, last, length }) => `10.0.${octet & 15}.${last}/${length}`);
const blocks = fc.array(block, { maxLength: 4 });
const address = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 255 }))
  .map(([a, b]) => `10.0.${a}.${b}`);

function holds(cidrs: readonly string[], text: string): boolean {
  const range = parseAddressRange(text);
  return cidrs.some((cidr) => {
    const outer = parseCidr(cidr);
    return outer !== undefined && range !== undefined && contains(outer, range);
  });
}

test('every address is in the result exactly when it should be', () => {
  fc.assert(
    fc.property(blocks, blocks, address, (a, b, one) => {
      expect(holds(subtractCidrs(a, b), one)).toBe(holds(a, one) && !holds(b, one));
      expect(holds(intersectCidrs(a, b), one)).toBe(holds(a, one) && holds(b, one));
    }),
    { numRuns: 2000 },
  );
});
