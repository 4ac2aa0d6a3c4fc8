import { type ConnectivityEnd, isOutside } from '../../evaluate/connectivity/connectivity.ts';
import { type ConnectivityResult, endText, pairsOf, servicesText } from './result.ts';

/** What is allowed, as nodes and arrows. */
export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly arrows: readonly Arrow[];
}

export interface PictureNode {
  readonly id: string;
  /** `''` for addresses. */
  readonly namespace: string;
  readonly label: string;
}

export interface Arrow {
  /** Numbers of nodes. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export function pictureOf(result: ConnectivityResult): Picture {
  const { ends, space, sets } = result;
  const arrows: Arrow[] = [];
  for (const { from, to, outcome } of pairsOf(result)) {
    const { sure } = sets.get(outcome);
    if (sure.length > 0) arrows.push({ from, to, label: servicesText(space.toJson(sure)) });
  }
  return { nodes: ends.map(nodeOf), arrows };
}

function nodeOf(end: ConnectivityEnd): PictureNode {
  const id = endText(end);
  if (isOutside(end) || 'cidr' in end.shown) return { id, namespace: '', label: id };
  return { id, namespace: end.shown.namespace, label: `${end.shown.name} [${end.shown.kind}]` };
}
