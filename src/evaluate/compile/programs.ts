import { Int32List } from '../../util/int32-list.ts';
import type { SidePlan } from './plan.ts';
import type { Segment, SubjectGroup } from './subject-group.ts';

/** In place of a number of words: the program ends. */
export const END = -1;

/**
 * The segments of all subject groups of a side, one after the other in one array, because a walk that follows objects
 * waits for memory at every step. A group is its number of layers in which a policy speaks, where each of them starts,
 * and the layers. A segment is its number of words, its stage and whether it isolates, and then for each word: which
 * one, the rules that may select the subject, and the plain rules that surely do.
 */
export class Programs {
  readonly #numbers = new Int32List();
  readonly #starts = new Map<SubjectGroup, number>();

  get data(): Int32Array {
    return this.#numbers.data;
  }

  /** Where the group's program starts. */
  startOf(group: SubjectGroup, plan: SidePlan): number {
    const known = this.#starts.get(group);
    if (known !== undefined) return known;
    const layers = group.layers.filter((segments) => segments.length > 0).map((one) => layerNumbers(one, plan));
    const first = this.#numbers.length + 1 + layers.length;
    const start = this.#numbers.append([layers.length, ...startsOf(first, layers), ...layers.flat()]);
    this.#starts.set(group, start);
    return start;
  }
}

function startsOf(first: number, layers: readonly (readonly number[])[]): number[] {
  let next = first;
  return layers.map((layer) => {
    const start = next;
    next += layer.length;
    return start;
  });
}

function layerNumbers(segments: readonly Segment[], { table }: SidePlan): number[] {
  const numbers: number[] = [];
  for (const { stageIndex, isolates, words } of segments) {
    numbers.push(words.length / 3, stageIndex, isolates);
    for (let at = 0; at < words.length; at += 3) {
      const word = words[at] as number;
      numbers.push(word, words[at + 1] as number, (words[at + 2] as number) & (table.plain[word] as number));
    }
  }
  return [...numbers, END];
}
