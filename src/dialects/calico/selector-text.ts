import type { Selector } from '../../model/selector.ts';
import type { SelectorNode } from './selector-syntax.ts';

/** What no selector text can say. */
export class Inexpressible extends Error {}

/** One text for all spellings of a selector, for comparing and hashing (P22). Groups stand in parentheses. */
export function canonicalText(node: SelectorNode): string {
  switch (node.op) {
    case 'all':
    case 'global':
      return `${node.op}()`;
    case 'has':
      return `has(${node.key})`;
    case '&&':
    case '||':
      return `(${groupText(node)})`;
    case '!':
      return `!${canonicalText(node.of)}`;
    case 'in':
    case 'not in':
      return `${node.key} ${node.op} {${node.values.map(quoted).join(', ')}}`;
    default:
      return `${node.key} ${node.op} ${quoted(node.value)}`;
  }
}

function groupText({ op, of }: Extract<SelectorNode, { op: '&&' | '||' }>): string {
  return of.map(canonicalText).join(` ${op} `);
}

/** There are no escapes, so a string cannot hold both kinds of quotes. */
function quoted(value: string): string {
  if (!value.includes('"')) return `"${value}"`;
  if (!value.includes("'")) return `'${value}'`;
  throw new Inexpressible(`Calico selectors cannot hold the value ${value}, which has both kinds of quotes`);
}

/** A neutral selector in Calico's language, the way people write it: the outermost group needs no parentheses. */
export function selectorText(selector: Selector): string {
  const node = nodeOf(selector);
  return node.op === '&&' || node.op === '||' ? groupText(node) : canonicalText(node);
}

function nodeOf(selector: Selector): SelectorNode {
  switch (selector.kind) {
    case 'and':
      return groupOf('&&', selector.of);
    case 'or':
      return groupOf('||', selector.of);
    case 'not':
      return negatedNode(nodeOf(selector.of));
    case 'has':
      return { op: 'has', key: labelKey(selector.key) };
    case 'in': {
      const [value] = selector.values;
      const key = labelKey(selector.key);
      if (selector.values.length === 1 && value !== undefined) return { op: '==', key, value };
      return { op: 'in', key, values: [...new Set(selector.values)].sort() };
    }
    default:
      return { op: OPERATORS[selector.kind], key: labelKey(selector.key), value: selector.value };
  }
}

const OPERATORS = { contains: 'contains', startsWith: 'starts with', endsWith: 'ends with' } as const;

/** Groups of one kind join; an empty AND is everything and an empty OR is nothing. */
function groupOf(op: '&&' | '||', parts: readonly Selector[]): SelectorNode {
  const nodes = parts.map(nodeOf).flatMap((node) => (node.op === op ? node.of : [node]));
  const of = op === '&&' ? nodes.filter((node) => node.op !== 'all') : nodes;
  const [only] = of;
  if (only === undefined) return op === '&&' ? { op: 'all' } : { op: '!', of: { op: 'all' } };
  return of.length === 1 ? only : { op, of };
}

function negatedNode(node: SelectorNode): SelectorNode {
  if (node.op === '!') return node.of;
  if (node.op === '==') return { ...node, op: '!=' };
  return node.op === 'in' ? { ...node, op: 'not in' } : { op: '!', of: node };
}

function labelKey(key: string): string {
  if (/^[A-Za-z0-9_./-]{1,512}$/.test(key)) return key;
  throw new Inexpressible(`Calico selectors cannot name the label ${key}`);
}
