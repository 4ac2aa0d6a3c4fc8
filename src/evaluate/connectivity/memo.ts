import type { Side } from '../../model/policy.ts';
import type { Compiled } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import type { PeerRows } from '../compile/peer-rows.ts';
import type { SubjectGroup } from '../compile/subject-group.ts';
import type { PortSpace } from './ports.ts';
import { type Pair, type SideRules, sideRules } from './rules.ts';
import type { ServiceSets } from './service-sets.ts';
import { sideServices } from './side.ts';

/** Outcomes by what decides them, word by word: the rules of the subject that may and that surely name the far end. */
interface Branch {
  outcome: number;
  readonly next: Map<number, Branch>;
}

interface GroupMemo {
  /** Three numbers per word in which the group has rules: the word, its rules, and the relational among them. */
  readonly words: Int32Array;
  readonly named: boolean;
  /** By number of the server's list of container ports, when names matter. */
  readonly roots: Map<number, Branch>;
}

export interface MemoParts {
  readonly compiled: Compiled;
  readonly side: Side;
  readonly space: PortSpace;
  readonly sets: ServiceSets;
}

const UNKNOWN = -1;

/** Outcomes of one side. Most pairs meet in the same few rules, so most are answered by looking up which. */
export class SideMemo {
  readonly #parts: MemoParts;
  readonly #rules: SideRules;
  readonly #rows: PeerRows;
  readonly #groups = new Map<SubjectGroup, GroupMemo>();
  /** Bits of the rules that compare both ends. */
  readonly #relational: readonly number[];
  readonly #portLists = new Map<EndpointClass['namedPorts'], number>();
  readonly #portTexts = new Map<string, number>();
  /** How often a walk was needed. */
  walks = 0;

  constructor(parts: MemoParts) {
    this.#parts = parts;
    const { plan, rows } = parts.compiled[parts.side];
    this.#rules = sideRules(plan, parts.space);
    this.#rows = rows;
    this.#relational = this.#rules.relational.flatMap((is, bit) => (is ? [bit] : []));
  }

  /** Whether this side compares the two ends, so that classes alike on their own may differ in a pair. */
  comparesEnds({ [this.#parts.side]: { group, offset } }: EndpointClass): boolean {
    const { possible } = this.#rows;
    const { words } = this.#memoOf(group);
    for (let at = 2; at < words.length; at += 3) if (words[at] !== 0) return true;
    return this.#relational.some((bit) => (((possible[offset + (bit >> 5)] as number) >>> (bit & 31)) & 1) === 1);
  }

  /** Number of the list of container ports of a class; 0 where no rule of this side names ports. */
  portList({ namedPorts }: EndpointClass): number {
    if (!this.#rules.named.includes(true)) return 0;
    const known = this.#portLists.get(namedPorts);
    if (known !== undefined) return known;
    const text = JSON.stringify(namedPorts) ?? '';
    const number = this.#portTexts.get(text) ?? this.#portTexts.size;
    this.#portTexts.set(text, number);
    this.#portLists.set(namedPorts, number);
    return number;
  }

  outcome(pair: Pair): number {
    const { side } = this.#parts;
    const [subject, peer] = side === 'egress' ? [pair.client, pair.server] : [pair.server, pair.client];
    const memo = this.#memoOf(subject[side].group);
    const { possible, sure, uncertain } = this.#rows;
    const { offset } = peer[side];
    const branchRoot = this.#rootOf(memo, pair.server);
    let branch = branchRoot;
    for (let at = 0; at < memo.words.length; at += 3) {
      const word = memo.words[at] as number;
      const bits = (memo.words[at + 1] as number) & (possible[offset + word] as number);
      if ((bits & (memo.words[at + 2] as number)) !== 0) return this.#walk(pair);
      branch = next(branch, bits);
      if (uncertain) branch = next(branch, (memo.words[at + 1] as number) & (sure[offset + word] as number));
    }
    if (branch.outcome === UNKNOWN) branch.outcome = this.#walk(pair);
    return branch.outcome;
  }

  #walk(pair: Pair): number {
    this.walks++;
    const { compiled, side, sets } = this.#parts;
    return sets.intern(sideServices({ compiled, rules: this.#rules, side, pair }));
  }

  #rootOf({ named, roots }: GroupMemo, server: EndpointClass): Branch {
    const list = named ? this.portList(server) : 0;
    const known = roots.get(list);
    if (known !== undefined) return known;
    const created: Branch = { outcome: UNKNOWN, next: new Map() };
    roots.set(list, created);
    return created;
  }

  #memoOf(group: SubjectGroup): GroupMemo {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const words: number[] = [];
    let named = false;
    for (const segment of group.layers.flat()) {
      for (let at = 0; at < segment.words.length; at += 3) {
        const [word, bits] = [segment.words[at] as number, segment.words[at + 1] as number];
        words.push(word, bits, this.#bitsOf(this.#rules.relational, word) & bits);
        named ||= (this.#bitsOf(this.#rules.named, word) & bits) !== 0;
      }
    }
    const created = { words: Int32Array.from(words), named, roots: new Map<number, Branch>() };
    this.#groups.set(group, created);
    return created;
  }

  #bitsOf(flags: readonly boolean[], word: number): number {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (flags[word * 32 + bit]) bits |= 1 << bit;
    return bits;
  }
}

function next(branch: Branch, bits: number): Branch {
  const known = branch.next.get(bits);
  if (known !== undefined) return known;
  const created: Branch = { outcome: UNKNOWN, next: new Map() };
  branch.next.set(bits, created);
  return created;
}
