import { BatchBuilder } from '../../ingest/batch/builder.ts';
import type { Batch, PositionedFlow } from '../../src/model/batch.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { openStore } from '../../src/store/client.ts';
import { mixedMessages } from './kafka-flows.ts';
import type { KafkaSession } from './kafka-session.ts';

/** All that a fault could lose, double or mix up, in a form that is compared as a whole. */
export interface Contents {
  readonly rows: number;
  /** Rows whose place occurs more than once; `rejectDoubles` likewise. */
  readonly doubles: number;
  /** Sums over all rows of their ids (64 bits) and of their places, so that no row can stand in for another. */
  readonly ids: string;
  readonly places: string;
  readonly rejects: number;
  readonly rejectDoubles: number;
  readonly rejectPlaces: string;
  /** `reason count`. */
  readonly reasons: readonly string[];
  /** `hour client server records connections` of the hourly edges. */
  readonly edges: readonly string[];
  /** Events that sources say they lost. */
  readonly lost: number;
  /** Rows with a label set that the store does not know. */
  readonly unlabelled: number;
}

const HOUR = 3_600_000;
const place = (partition: number, offset: number, index: number) =>
  BigInt(partition + 1) * BigInt(offset + 1) * BigInt(index + 1);
const wrapped = (sum: bigint) => String(BigInt.asUintN(64, sum));

/** Messages sent to one topic, and what has to be in the store once all of them are, however often that was disturbed. */
export class Traffic {
  readonly topic: string;
  readonly #session: KafkaSession;
  readonly #segments: { readonly partition: number; readonly from: number; readonly to: number }[] = [];
  #sent = 0;

  constructor(session: KafkaSession, topic: string) {
    this.#session = session;
    this.topic = topic;
  }

  /** Messages sent so far; every one takes one offset. */
  get sent(): number {
    return this.#sent;
  }

  /** Sends the next `count` messages: flows, one percent of poison, and reports of losses. */
  async send(partition: number, count: number): Promise<void> {
    const segment = { partition, from: this.#sent, to: this.#sent + count };
    this.#sent = segment.to;
    this.#segments.push(segment);
    await this.#session.produce(this.topic, mixedMessages(segment.from, segment.to).messages, partition);
  }

  /** Whether the group has confirmed every message. */
  async confirmed(group: string): Promise<boolean> {
    const offsets = await this.#session.committed(group, this.topic);
    return offsets.reduce((sum, { offset }) => sum + Math.max(0, offset), 0) === this.#sent;
  }

  /** What the store has to hold. Made at the end: whoever waits for a moment to kill at must not be busy. */
  expected(): Expected {
    const sums = new Sums();
    const next: number[] = [];
    const builders: BatchBuilder[] = [];
    const interner = new LabelInterner();
    for (const { partition, from, to } of this.#segments) {
      const source = { topic: this.topic, partition, format: 'hubble', cluster: 'prod', interner, now: Date.now };
      const builder = builders[partition] ?? new BatchBuilder({ ...source, watch: (row) => sums.row(row) });
      builders[partition] = builder;
      let offset = next[partition] ?? 0;
      for (const message of mixedMessages(from, to).messages) builder.add(message, offset++, Date.now());
      next[partition] = offset;
      sums.rest(builder.build(''));
    }
    return sums.all();
  }
}

/** The contents, and `partition/offset` of the messages that could not be decoded. */
export interface Expected {
  readonly contents: Contents;
  readonly rejected: readonly string[];
}

class Sums {
  readonly #reasons = new Map<string, number>();
  readonly #edges = new Map<string, { records: number; connections: number }>();
  readonly #rejected = new Set<string>();
  readonly #totals = { rows: 0, rejects: 0, lost: 0, ids: 0n, places: 0n, rejectPlaces: 0n };

  row({ position: { partition, offset, index }, flow }: PositionedFlow): void {
    this.#totals.rows += 1;
    this.#totals.ids += BigInt(flow.eventId);
    this.#totals.places += place(partition, offset, index);
    const hour = Math.floor(flow.time / HOUR) * (HOUR / 1_000);
    const edge = `${hour} ${flow.client.workload} ${flow.server.workload}`;
    const { records, connections } = this.#edges.get(edge) ?? { records: 0, connections: 0 };
    this.#edges.set(edge, { records: records + 1, connections: connections + flow.connections });
  }

  rest({ rejects, losses = [] }: Batch): void {
    this.#totals.rejects += rejects.length;
    for (const { events } of losses) this.#totals.lost += events;
    for (const { position, reason } of rejects) {
      this.#rejected.add(`${position.partition}/${position.offset}`);
      this.#totals.rejectPlaces += place(position.partition, position.offset, position.index);
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    }
  }

  all(): Expected {
    const { rows, rejects, lost, ids, places, rejectPlaces } = this.#totals;
    const contents = {
      ...{ rows, doubles: 0, ids: wrapped(ids), places: wrapped(places) },
      ...{ rejects, rejectDoubles: 0, rejectPlaces: wrapped(rejectPlaces) },
      reasons: [...this.#reasons].map(([reason, count]) => `${reason} ${count}`).sort(),
      edges: [...this.#edges].map(([edge, { records, connections }]) => `${edge} ${records} ${connections}`).sort(),
      ...{ lost, unlabelled: 0 },
    };
    return { contents, rejected: [...this.#rejected].sort() };
  }
}

const PLACES = 'sum(toUInt64(partition + 1) * toUInt64(offset + 1) * toUInt64(index + 1))';
const OF_TOPIC = 'WHERE topic = {topic:String}';
const KNOWN = 'IN (SELECT id FROM label_sets)';

const TOTALS = `SELECT
  (SELECT count() FROM flows ${OF_TOPIC}),
  (SELECT count() - uniqExact(topic, partition, offset, index) FROM flows ${OF_TOPIC}),
  (SELECT toString(sum(event_id)) FROM flows ${OF_TOPIC}),
  (SELECT toString(${PLACES}) FROM flows ${OF_TOPIC}),
  (SELECT count() FROM rejects ${OF_TOPIC}),
  (SELECT count() - uniqExact(topic, partition, offset, index) FROM rejects ${OF_TOPIC}),
  (SELECT toString(${PLACES}) FROM rejects ${OF_TOPIC}),
  (SELECT sum(events) FROM losses ${OF_TOPIC}),
  (SELECT count() FROM flows ${OF_TOPIC} AND NOT (src_labels ${KNOWN} AND dst_labels ${KNOWN}))`;

const REASONS = `SELECT concat(reason, ' ', toString(count())) FROM rejects ${OF_TOPIC} GROUP BY reason`;

/** Edges know nothing of topics: a store that is compared holds one topic. */
const EDGES = `SELECT concat(toString(toUnixTimestamp(hour)), ' ', src_wl, ' ', dst_wl, ' ',
  toString(sum(records)), ' ', toString(sum(connections))) FROM edges_1h GROUP BY hour, src_wl, dst_wl`;

/** A process holds one embedded folder at a time, so what is compared takes turns. */
let turn: Promise<unknown> = Promise.resolve();

/** What the store holds of `topic`; an embedded one must not be in use by another process. */
export function storedContents(where: StoreAt, topic: string): Promise<Contents> {
  const contents = turn.then(() => readContents(where, topic));
  turn = contents.catch(() => undefined);
  return contents;
}

interface StoreAt {
  readonly data: string;
  readonly clickhouse?: string;
}

async function readContents(where: StoreAt, topic: string): Promise<Contents> {
  const store = await openStore({ ...where, migrate: false });
  try {
    const [[rows, doubles, ids, places, rejects, rejectDoubles, rejectPlaces, lost, unlabelled] = []] =
      await store.query(TOTALS, { topic });
    const texts = async (sql: string) => (await store.query(sql, { topic })).map(([text]) => String(text)).sort();
    return {
      ...{ rows: Number(rows), doubles: Number(doubles), ids: String(ids), places: String(places) },
      ...{ rejects: Number(rejects), rejectDoubles: Number(rejectDoubles), rejectPlaces: String(rejectPlaces) },
      ...{ reasons: await texts(REASONS), edges: await texts(EDGES) },
      ...{ lost: Number(lost), unlabelled: Number(unlabelled) },
    };
  } finally {
    await store.close();
  }
}
