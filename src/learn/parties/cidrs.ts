import ipaddr from 'ipaddr.js';

/** Address blocks that cover some addresses, and whether more than these addresses. */
export interface Cover {
  readonly cidrs: readonly string[];
  readonly except: readonly string[];
  readonly widened: boolean;
}

interface Block {
  readonly bits: 32 | 128;
  readonly base: bigint;
  readonly prefix: number;
}

/** Public addresses: everything but private, carrier-grade, link-local and loopback ranges (RFC 6890). */
export const INTERNET: Cover = {
  cidrs: ['0.0.0.0/0', '::/0'],
  except: [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
  widened: true,
};

/** Blocks are never widened beyond these prefixes to fit a budget. */
const WIDEST: Readonly<Record<32 | 128, number>> = { 32: 24, 128: 64 };

/**
 * The fewest blocks that cover `addresses` (or CIDRs): neighbours that fill a block are joined, which grants nothing
 * more; above `budget` the closest are joined too, up to /24 and /64. Undefined when the budget cannot be met. IPv4
 * mapped into IPv6 counts as IPv4. Text that is no address is left out.
 */
export function coverAddresses(addresses: Iterable<string>, budget: number): Cover | undefined {
  const blocks = joinExactly(sortBlocks([...addresses].flatMap(parseBlock)));
  if (blocks.length <= budget) return { cidrs: blocks.map(formatBlock), except: [], widened: false };
  const fewer = widen(blocks, budget);
  return fewer && { cidrs: fewer.map(formatBlock), except: [], widened: true };
}

/** Whether text is an IP address or CIDR that a policy can name. */
export function isAddress(text: string): boolean {
  return parseBlock(text).length > 0;
}

function parseBlock(text: string): Block[] {
  const [address = '', length] = text.split('/');
  if (!ipaddr.isValid(address) || (ipaddr.IPv4.isValid(address) && !ipaddr.IPv4.isValidFourPartDecimal(address)))
    return [];
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  const bits = bytes.length === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return [];
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return [{ bits, base: truncate(value, bits, prefix), prefix }];
}

function truncate(value: bigint, bits: number, prefix: number): bigint {
  const rest = BigInt(bits - prefix);
  return (value >> rest) << rest;
}

function sortBlocks(blocks: readonly Block[]): Block[] {
  return [...blocks].sort(
    (a, b) => a.bits - b.bits || (a.base < b.base ? -1 : a.base > b.base ? 1 : a.prefix - b.prefix),
  );
}

function joinExactly(sorted: readonly Block[]): Block[] {
  const stack: Block[] = [];
  for (const block of sorted) {
    let current = block;
    let previous = stack.at(-1);
    if (previous && contains(previous, current)) continue;
    while (previous && previous.bits === current.bits && previous.prefix === current.prefix) {
      const parent = commonBlock(previous, current);
      if (parent.prefix !== current.prefix - 1) break;
      stack.pop();
      current = parent;
      previous = stack.at(-1);
    }
    stack.push(current);
  }
  return stack;
}

function widen(sorted: readonly Block[], budget: number): Block[] | undefined {
  let blocks = [...sorted];
  while (blocks.length > budget) {
    let best: { index: number; block: Block } | undefined;
    for (let i = 0; i + 1 < blocks.length; i += 1) {
      const [a, b] = [blocks[i] as Block, blocks[i + 1] as Block];
      if (a.bits !== b.bits) continue;
      const block = commonBlock(a, b);
      if (block.prefix < WIDEST[block.bits]) continue;
      if (!best || block.bits - block.prefix < best.block.bits - best.block.prefix) best = { index: i, block };
    }
    if (!best) return undefined;
    blocks = joinExactly(blocks.toSpliced(best.index, 2, best.block));
  }
  return blocks;
}

function contains(outer: Block, inner: Block): boolean {
  return (
    outer.bits === inner.bits &&
    outer.prefix <= inner.prefix &&
    truncate(inner.base, inner.bits, outer.prefix) === outer.base
  );
}

/** The smallest block that holds both. */
function commonBlock(a: Block, b: Block): Block {
  let prefix = Math.min(a.prefix, b.prefix);
  while (truncate(a.base, a.bits, prefix) !== truncate(b.base, b.bits, prefix)) prefix -= 1;
  return { bits: a.bits, base: truncate(a.base, a.bits, prefix), prefix };
}

function formatBlock({ bits, base, prefix }: Block): string {
  const bytes: number[] = [];
  for (let shift = bits - 8; shift >= 0; shift -= 8) bytes.push(Number((base >> BigInt(shift)) & 255n));
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`;
}
