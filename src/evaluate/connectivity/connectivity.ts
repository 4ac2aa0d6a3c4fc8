import type { EdgeEndpoint } from '../../model/edge.ts';
import { type Compiled, classOf, prepare } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import { SideMemo } from './memo.ts';
import type { PortSpace } from './ports.ts';
import { NOTHING, type ServiceSets } from './service-sets.ts';

/** A workload or a range of addresses, as a report shows it. */
export interface ConnectivityEnd {
  readonly shown:
    | { readonly namespace: string; readonly name: string; readonly kind: string }
    | { readonly cidr: string };
  /** The forms it occurs in: pods of one owner with different labels or addresses. */
  readonly members: readonly EdgeEndpoint[];
}

export function isOutside({ shown }: ConnectivityEnd): boolean {
  return 'cidr' in shown;
}

export interface ConnectivityParts {
  readonly compiled: Compiled;
  readonly ends: readonly ConnectivityEnd[];
  readonly space: PortSpace;
  readonly sets: ServiceSets;
}

/** Members that no policy tells apart: as subject and as far end of either side they carry the same numbers. */
interface Kind {
  readonly of: EndpointClass;
  readonly egressSubject: number;
  readonly egressPeer: number;
  readonly ingressSubject: number;
  readonly ingressPeer: number;
}

/**
 * Everything that policies allow between all ends, without any traffic. Members that no policy tells apart are decided
 * once; services are sets, never single ports.
 */
export class Connectivity {
  readonly #ends: readonly ConnectivityEnd[];
  readonly #sets: ServiceSets;
  readonly #egress: SideMemo;
  readonly #ingress: SideMemo;
  readonly #kinds: readonly (readonly Kind[])[];
  /** Outcomes by what the client is to a side, then by what the server is to it; -1 = not decided yet. */
  readonly #egressRows = new Map<number, Int32Array>();
  readonly #ingressRows = new Map<number, Int32Array>();
  readonly #numbers = new Map<unknown, number>();
  readonly #distinct = new Set<Kind>();

  constructor({ compiled, ends, space, sets }: ConnectivityParts) {
    this.#ends = ends;
    this.#sets = sets;
    this.#egress = new SideMemo({ compiled, side: 'egress', space, sets });
    this.#ingress = new SideMemo({ compiled, side: 'ingress', space, sets });
    prepare(
      compiled,
      ends.flatMap(({ members }) => members),
    );
    const known = new Map<string, Kind>();
    this.#kinds = ends.map(({ members }) => [
      ...new Set(members.map((member) => this.#kindOf(classOf(compiled, member), known))),
    ]);
  }

  /** How many kinds of ends the policies tell apart. */
  get distinct(): number {
    return this.#distinct.size;
  }

  /**
   * Outcomes of the connections from one end to all others, as numbers of the table of sets by number of the end. An end
   * with itself and two ends outside have none.
   */
  outcomesFrom(from: number): Int32Array {
    const outcomes = new Int32Array(this.#ends.length);
    const source = this.#ends[from] as ConnectivityEnd;
    for (const client of this.#kinds[from] ?? []) this.#addOutcomes(client, outcomes);
    outcomes[from] = NOTHING;
    if (isOutside(source)) for (const [to, end] of this.#ends.entries()) if (isOutside(end)) outcomes[to] = NOTHING;
    return outcomes;
  }

  #addOutcomes(client: Kind, outcomes: Int32Array): void {
    const egress = this.#row(this.#egressRows, client.egressSubject);
    const ingress = this.#row(this.#ingressRows, client.ingressPeer);
    for (let to = 0; to < outcomes.length; to++) {
      for (const server of this.#kinds[to] as readonly Kind[]) {
        let out = egress[server.egressPeer] as number;
        if (out < 0) {
          out = this.#egress.outcome({ client: client.of, server: server.of });
          egress[server.egressPeer] = out;
        }
        if (out === NOTHING) continue;
        let into = ingress[server.ingressSubject] as number;
        if (into < 0) {
          into = this.#ingress.outcome({ client: client.of, server: server.of });
          ingress[server.ingressSubject] = into;
        }
        const known = outcomes[to] as number;
        outcomes[to] = this.#sets.either(known, this.#sets.both(out, into));
      }
    }
  }

  #row(rows: Map<number, Int32Array>, number: number): Int32Array {
    const known = rows.get(number);
    if (known !== undefined) return known;
    const created = new Int32Array(this.#numbers.size).fill(-1);
    rows.set(number, created);
    return created;
  }

  /** Where rules compare both ends with each other, only the very same class is alike. */
  #kindOf(one: EndpointClass, known: Map<string, Kind>): Kind {
    const alone = this.#egress.comparesEnds(one) || this.#ingress.comparesEnds(one) ? this.#number(one) : '';
    const { egress, ingress } = one;
    const ports = { egress: this.#egress.portList(one), ingress: this.#ingress.portList(one) };
    const kind = {
      of: one,
      egressSubject: this.#number(`${alone} out ${this.#number(egress.group)}`),
      egressPeer: this.#number(`${alone} to ${egress.offset} ${ports.egress}`),
      ingressSubject: this.#number(`${alone} in ${this.#number(ingress.group)} ${ports.ingress}`),
      ingressPeer: this.#number(`${alone} from ${ingress.offset}`),
    };
    const key = [kind.egressSubject, kind.egressPeer, kind.ingressSubject, kind.ingressPeer].join();
    const found = known.get(key) ?? kind;
    known.set(key, found);
    this.#distinct.add(found);
    return found;
  }

  #number(thing: unknown): number {
    const known = this.#numbers.get(thing) ?? this.#numbers.size;
    this.#numbers.set(thing, known);
    return known;
  }
}
