import { appendTo } from '../../util/append-to.ts';
import { visible } from '../../util/table.ts';
import type { Arrow, Picture, PictureNode } from './picture.ts';

/** Graphviz: one box per namespace, workloads in it, arrows labelled with services. Both ways alike is one line. */
export function* connectivityDot({ nodes, arrows }: Picture): Generator<string> {
  yield 'digraph connectivity {\n  rankdir=LR\n  node [shape=box, fontname="sans-serif"]\n  edge [fontname="sans-serif", fontsize=10]\n';
  const drawn = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const namespaces = new Map<string, number[]>();
  for (const [number, { namespace }] of nodes.entries()) if (drawn.has(number)) appendTo(namespaces, namespace, number);
  for (const [namespace, members] of namespaces) yield boxOf(namespace, members, nodes);
  const byKey = new Map(arrows.map((arrow) => [keyOf(arrow), arrow]));
  for (const arrow of arrows) {
    const back = byKey.get(keyOf({ ...arrow, from: arrow.to, to: arrow.from }));
    if (back !== undefined && arrow.from > arrow.to) continue;
    const both = back === undefined ? '' : ', dir=both';
    yield `  ${quoted(nodes[arrow.from]?.id ?? '')} -> ${quoted(nodes[arrow.to]?.id ?? '')} [label=${quoted(arrow.label)}${both}]\n`;
  }
  yield '}\n';
}

function keyOf({ from, to, label }: Arrow): string {
  return `${from}/${to}/${label}`;
}

function boxOf(namespace: string, members: readonly number[], nodes: readonly PictureNode[]): string {
  const lines = members.map((number) => {
    const { id, label } = nodes[number] as PictureNode;
    return `${quoted(id)} [label=${quoted(label)}${namespace === '' ? ', style=dashed' : ''}]`;
  });
  if (namespace === '') return lines.map((line) => `  ${line}\n`).join('');
  const inside = [`label=${quoted(namespace)}`, ...lines].map((line) => `    ${line}\n`).join('');
  return `  subgraph ${quoted(`cluster_${namespace}`)} {\n${inside}  }\n`;
}

function quoted(text: string): string {
  return `"${visible(text).replace(/["\\]/g, '\\$&')}"`;
}
