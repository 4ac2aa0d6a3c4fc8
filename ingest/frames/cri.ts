/** Where a record begins. */
export interface Place {
  /** Byte offset in the stream. */
  readonly start: number;
  /** From 1. */
  readonly line: number;
}

/** Content of a container's log line, joined from its parts. */
export interface CriContent extends Place {
  readonly content: string;
}

const CRI_LINE = /^\d{4}-\d\d-\d\dT\S+ (stdout|stderr) ([FP])(?::\S*)? ?(.*)$/s;

interface Partial extends Place {
  readonly parts: string[];
  length: number;
}

/**
 * Takes the prefix `<time> stdout F ` off lines that a kubelet wrote (Kubernetes CRI logging format), and joins lines
 * that it split (`P`) until the last part (`F`) of the same stream.
 */
export class CriJoiner {
  readonly #limit: number;
  readonly #open = new Map<string, Partial>();

  /** Longer records are given up; `limit` counts characters. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Where the earliest unfinished record began; `undefined` when none is open. */
  get openSince(): number | undefined {
    let since: number | undefined;
    for (const { start } of this.#open.values()) if (since === undefined || start < since) since = start;
    return since;
  }

  /** The record that `text` ends; `partial` when it goes on, `too-long` beyond the limit, `undefined` without prefix. */
  join(text: string, place: Place): CriContent | 'partial' | 'too-long' | undefined {
    const match = CRI_LINE.exec(text);
    if (match === null) return undefined;
    const [, stream = '', tag = '', content = ''] = match;
    const begun = this.#open.get(stream) ?? { ...place, parts: [], length: 0 };
    begun.parts.push(content);
    begun.length += content.length;
    this.#open.delete(stream);
    if (begun.length > this.#limit) return 'too-long';
    if (tag === 'F') return { start: begun.start, line: begun.line, content: begun.parts.join('') };
    this.#open.set(stream, begun);
    return 'partial';
  }

  /** What was left unfinished, and forgets it. */
  drain(): CriContent[] {
    const left = [...this.#open.values()].map(({ start, line, parts }) => ({ start, line, content: parts.join('') }));
    this.#open.clear();
    return left.sort((a, b) => a.start - b.start);
  }
}
