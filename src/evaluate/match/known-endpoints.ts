import type { EdgeEndpoint } from '../../model/edge.ts';

/**
 * Numbers of classes by interned endpoint. Edges come sorted by client and server, so the last two endpoints are asked
 * for again and again, and are told without a look into a table that does not fit the processor's nearest cache.
 */
export class KnownEndpoints {
  readonly #numbers = new Map<EdgeEndpoint, number>();
  #last: EdgeEndpoint | undefined;
  #lastNumber: number | undefined;
  #before: EdgeEndpoint | undefined;
  #beforeNumber: number | undefined;

  get(endpoint: EdgeEndpoint): number | undefined {
    if (endpoint === this.#last) return this.#lastNumber;
    const number = endpoint === this.#before ? this.#beforeNumber : this.#numbers.get(endpoint);
    this.#before = this.#last;
    this.#beforeNumber = this.#lastNumber;
    this.#last = endpoint;
    this.#lastNumber = number;
    return number;
  }

  set(endpoint: EdgeEndpoint, number: number): void {
    this.#numbers.set(endpoint, number);
    if (endpoint === this.#last) this.#lastNumber = number;
    if (endpoint === this.#before) this.#beforeNumber = number;
  }
}
