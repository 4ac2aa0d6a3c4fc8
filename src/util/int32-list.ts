/** 32-bit numbers in one array that grows. Whoever reads takes `data` anew, for growing replaces it. */
export class Int32List {
  data: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.data = new Int32Array(capacity);
  }

  /** Adds at the end and gives the place of the first. */
  append(numbers: ArrayLike<number>): number {
    const start = this.length;
    this.length += numbers.length;
    if (this.length > this.data.length) {
      const grown = new Int32Array(Math.max(this.length, this.data.length * 2));
      grown.set(this.data);
      this.data = grown;
    }
    this.data.set(numbers, start);
    return start;
  }
}
