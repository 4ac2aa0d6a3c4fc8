/**
 * An expected failure at the edge: what happened, where, and what to do. The command line prints message and remedy on
 * one line each and exits with the code of `kind`: 2 for wrong usage or input, 3 when store or broker is out of reach.
 */
export class Failure extends Error {
  readonly kind: 'input' | 'unreachable';
  readonly remedy: string;

  constructor(kind: 'input' | 'unreachable', message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.kind = kind;
    this.remedy = remedy;
  }
}
