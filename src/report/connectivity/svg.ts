import { visible } from '../../util/table.ts';
import type { Picture } from './picture.ts';

const CELL = 14;
const TEXT = 11;
/** Width of a character, roughly, of the font below. */
const CHARACTER = 6.2;

/**
 * A matrix: a row per source, a column per destination, a filled cell where something is allowed and a full one where
 * everything is. Unlike arrows it stays readable when nearly everything is allowed. Cells tell their services on hover.
 */
export function* connectivitySvg({ nodes, arrows }: Picture): Generator<string> {
  const longest = nodes.reduce((most, { id }) => Math.max(most, id.length), 0);
  const margin = Math.ceil(longest * CHARACTER) + 12;
  const size = margin + nodes.length * CELL + 8;
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" role="img">\n`;
  yield '<title>What policies allow: sources are rows, destinations are columns</title>\n';
  yield `<style>text{font:${TEXT}px sans-serif;fill:#222}.some{fill:#4a90c2}.all{fill:#c0392b}.line{stroke:#ddd}</style>\n`;
  yield `<rect width="${size}" height="${size}" fill="#fff"/>\n`;
  for (const [number, { id }] of nodes.entries()) {
    const at = margin + number * CELL;
    const middle = at + CELL - 3;
    yield `<text x="${margin - 6}" y="${middle}" text-anchor="end">${escaped(id)}</text>\n`;
    yield `<text transform="translate(${middle},${margin - 6}) rotate(-90)">${escaped(id)}</text>\n`;
    yield `<path class="line" d="M${margin} ${at}H${size - 8}M${at} ${margin}V${size - 8}"/>\n`;
  }
  for (const { from, to, label } of arrows) {
    const [x, y] = [margin + to * CELL + 1, margin + from * CELL + 1];
    const title = escaped(`${nodes[from]?.id} → ${nodes[to]?.id}: ${label}`);
    const kind = label === 'all' ? 'all' : 'some';
    yield `<rect class="${kind}" x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}"><title>${title}</title></rect>\n`;
  }
  yield '</svg>\n';
}

function escaped(text: string): string {
  return visible(text).replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
