import type { SidePlan } from './plan.ts';
import type { Segment, SubjectGroup } from './subject-group.ts';

/** In place of a start: this group has to be walked in full. */
export const NO_PROGRAM = -1;
/** In place of a number of words: the program ends. */
export const END = -1;

/**
 * The segments of all subject groups of a side, one after the other in one array, because a walk that follows objects
 * waits for memory at every step. A segment is its number of words, its stage and whether it isolates, and then for
 * each word: which one, the rules that may select the subject, and the plain rules that surely do.
 */
export class Programs {
  data = new Int32Array(1024);
  #used = 0;
  readonly #starts = new Map<SubjectGroup, number>();

  /** Where the group's program starts; `NO_PROGRAM` where layers or protocols make it more than one walk. */
  startOf(group: SubjectGroup, plan: SidePlan): number {
    const known = this.#starts.get(group);
    if (known !== undefined) return known;
    const spoken = group.layers.filter((segments) => segments.length > 0);
    const whole = (segment: Segment) => plan.stages[segment.stageIndex]?.stage.protocols === undefined;
    const simple = spoken.length <= 1 && (spoken[0]?.every(whole) ?? true);
    const start = simple ? this.#add(spoken[0] ?? [], plan) : NO_PROGRAM;
    this.#starts.set(group, start);
    return start;
  }

  #add(segments: readonly Segment[], { table }: SidePlan): number {
    const numbers: number[] = [];
    for (const { stageIndex, isolates, words } of segments) {
      numbers.push(words.length / 3, stageIndex, isolates);
      for (let at = 0; at < words.length; at += 3) {
        const word = words[at] as number;
        numbers.push(word, words[at + 1] as number, (words[at + 2] as number) & (table.plain[word] as number));
      }
    }
    return this.#append([...numbers, END]);
  }

  #append(numbers: readonly number[]): number {
    const start = this.#used;
    this.#used += numbers.length;
    if (this.#used > this.data.length) {
      const grown = new Int32Array(Math.max(this.#used, this.data.length * 2));
      grown.set(this.data);
      this.data = grown;
    }
    this.data.set(numbers, start);
    return start;
  }
}
