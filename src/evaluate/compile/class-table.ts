import { Int32List } from '../../util/int32-list.ts';
import { YES } from '../match/truth.ts';
import type { EndpointClass } from './endpoint-class.ts';

/** Numbers of one class: where its program and its row start on each side, and what it is. */
const WIDTH = 5;
const [EGRESS, INGRESS, FLAGS] = [0, 2, 4];
const NODE = 1;
const MANY_ADDRESSES = 2;

/** What quick walks read of classes, by their numbers: a few numbers side by side instead of objects here and there. */
export class ClassTable {
  readonly #numbers = new Int32List();

  add({ egress, ingress, facts, node }: EndpointClass): void {
    const flags = (node ? NODE : 0) | (facts.pod === YES && facts.range === undefined ? MANY_ADDRESSES : 0);
    this.#numbers.append([egress.start, egress.offset, ingress.start, ingress.offset, flags]);
  }

  /** Where the program of its policies starts. */
  startOf(number: number, egress: boolean): number {
    return this.#numbers.data[number * WIDTH + (egress ? EGRESS : INGRESS)] as number;
  }

  /** Where its row as the far end starts. */
  offsetOf(number: number, egress: boolean): number {
    return this.#numbers.data[number * WIDTH + (egress ? EGRESS : INGRESS) + 1] as number;
  }

  isNode(number: number): boolean {
    return ((this.#numbers.data[number * WIDTH + FLAGS] as number) & NODE) !== 0;
  }

  /** It stands for pods whose addresses only traffic tells. */
  hasManyAddresses(number: number): boolean {
    return ((this.#numbers.data[number * WIDTH + FLAGS] as number) & MANY_ADDRESSES) !== 0;
  }
}
