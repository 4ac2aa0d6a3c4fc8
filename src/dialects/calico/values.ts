import type { PortMatcher } from '../../model/policy.ts';
import { type PortRange, PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { parseAddress, parseCidr } from '../../util/ip.ts';
import { converted, integer, type Read, text, wrong } from '../document/fields.ts';
import { parseSelector, type SelectorNode } from './selector-syntax.ts';

/** An address block; a bare address stands for itself alone (P33). */
export const net: Read<string> = converted(text, (value, field) => {
  if (parseCidr(value) !== undefined) return value;
  if (parseAddress(value) !== undefined) return `${value}/${value.includes(':') ? 128 : 32}`;
  const remedy = 'Write address/length, or a single address.';
  return wrong(field, 'bad-cidr', `"${value.slice(0, 80)}" is no address block`, remedy);
});

/** Any number, also a fraction: the order of tiers and policies. */
export const order: Read<number> = (field) =>
  typeof field.value === 'number' && Number.isFinite(field.value)
    ? field.value
    : wrong(field, 'wrong-type', 'a number is expected', 'Write the number without quotes.');

const NAMES = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'] as const;

/** Protocol name or number (P23). */
export const protocol: Read<number> = (field) => {
  if (typeof field.value === 'number') return integer(1, 255)(field);
  const name = NAMES.find((one) => one === field.value);
  if (name !== undefined) return PROTOCOL_NUMBERS[name];
  return wrong(field, 'unknown-value', `protocols are ${NAMES.join(', ')} or a number`, 'Write TCP, perhaps.');
};

/** A port of a rule before its protocol is known: a range, or the name of a port of the endpoint (P31). */
export type PortItem = PortRange | string;

export const port: Read<PortItem> = (field) => {
  if (typeof field.value === 'number') {
    return converted(integer(0, 65_535), (number): PortItem => ({ from: number, to: number }))(field);
  }
  return converted(text, (value, at): PortItem | undefined => {
    const range = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(value);
    if (range === null && /^(?=.*[A-Za-z_.-])[A-Za-z0-9_.-]{1,128}$/.test(value)) return value;
    const [from, to] = [Number(range?.[1] ?? Number.NaN), Number(range?.[2] ?? range?.[1])];
    if (from <= to && to <= 65_535) return { from, to };
    const remedy = 'Write a number, "first:last", or the name of a port.';
    return wrong(at, 'bad-port', `"${value.slice(0, 80)}" is no port, range of ports or port name`, remedy);
  })(field);
};

export function portMatcher(item: PortItem, of: number | undefined): PortMatcher {
  const bound = of !== undefined && { protocol: of };
  return typeof item === 'string' ? { portName: item, ...bound } : { ports: [item], ...bound };
}

/** A selector text; `''` is the same as absent and gives `null`. */
export const selector: Read<SelectorNode | null> = converted(text, (value, field) => {
  if (value === '') return null;
  const parsed = parseSelector(value);
  if ('node' in parsed) {
    if (!usesGlobal(parsed.node)) return parsed.node;
    const remedy = 'Write global() alone, as the namespaceSelector of a source or destination.';
    return wrong(field, 'bad-selector', 'global() has no meaning here', remedy);
  }
  const remedy = 'Compare labels with ==, !=, in, not in, contains, starts with, ends with or has(), values in quotes.';
  return wrong(field, 'bad-selector', `${parsed.error} (character ${parsed.at + 1} of the selector)`, remedy);
});

/** The same, where `global()` may stand alone (P21). */
export const namespaceSelector: Read<SelectorNode | null> = (field) =>
  typeof field.value === 'string' && /^[ \t]*global\([ \t]*\)[ \t]*$/.test(field.value)
    ? { op: 'global' }
    : selector(field);

function usesGlobal(node: SelectorNode): boolean {
  if (node.op === '&&' || node.op === '||') return node.of.some(usesGlobal);
  return node.op === '!' ? usesGlobal(node.of) : node.op === 'global';
}
