import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { contains, isIpv4, overlaps, parseAddress, parseAddressRange, parseCidr } from '../../src/util/ip.ts';

describe('addresses', () => {
  test.each(['', 'x', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.4/8', '::1%eth0', ':::', '01234.1.1.1'])(
    '%s is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('IPv4 in IPv6 clothes is IPv4', () => {
    expect(parseAddress('::ffff:10.0.0.1')).toBe(parseAddress('10.0.0.1'));
    expect(parseCidr('::ffff:10.0.0.0/104')).toEqual(parseCidr('10.0.0.0/8'));
  });

  test('the families never overlap', () => {
    const [all4, all6] = [parseCidr('0.0.0.0/0'), parseCidr('::/0')];
    expect(all4 && all6 && overlaps(all4, all6)).toBe(false);
    expect([isIpv4(parseAddress('0.0.0.0') as bigint), isIpv4(parseAddress('ffff::') as bigint)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('blocks', () => {
  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '::/129',
    'x/8',
    '::ffff:10.0.0.0/95',
  ])('%s is none', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('host bits do not count', () => {
    expect(parseCidr('10.1.2.3/8')).toEqual(parseCidr('10.0.0.0/8'));
  });

  test('agree with ipaddr.js on what they contain', () => {
    const mapped = (text: string): boolean => ipaddr.IPv6.parse(text).isIPv4MappedAddress();
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((text) => !mapped(text)),
    );
    fc.assert(
      fc.property(address, address, fc.nat(128), (base, text, length) => {
        const [outer, inner] = [ipaddr.parse(base), ipaddr.parse(text)];
        const bits = Math.min(length, outer.kind() === 'ipv4' ? 32 : 128);
        const block = parseCidr(`${base}/${bits}`);
        const point = parseAddressRange(text);
        const expected = outer.kind() === inner.kind() && inner.match(outer as never, bits as never);
        expect(block && point && contains(block, point)).toBe(expected);
      }),
    );
  });
});

test('a range goes from its first to its last address, in one family', () => {
  expect(parseAddressRange('10.0.0.0-10.255.255.255')).toEqual(parseCidr('10.0.0.0/8'));
  expect(parseAddressRange('10.0.0.7')).toEqual(parseCidr('10.0.0.7/32'));
  for (const text of ['10.0.0.2-10.0.0.1', '10.0.0.1-::1', '1.1.1.1-', '1.1.1.1-1.1.1.2-1.1.1.3']) {
    expect(parseAddressRange(text)).toBeUndefined();
  }
});
