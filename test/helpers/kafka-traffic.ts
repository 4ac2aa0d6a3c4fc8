import { BatchBuilder } from '../../ingest/batch-builder.ts';
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
  readonly #interner = new LabelInterner();
  readonly #next: number[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #edges = new Map<string, { records: number; connections: number }>();
  readonly #rejected = new Set<string>();
  #sent = 0;
  #totals = { rows: 0, rejects: 0, lost: 0, ids: 0n, places: 0n, rejectPlaces: 0n };

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
    const { messages } = mixedMessages(this.#sent, this.#sent + count);
    this.#sent += count;
    await this.#session.produce(this.topic, messages, partition);
    this.#expect(partition, messages);
  }

  /** `partition/offset` of the messages that could not be decoded. */
  get rejected(): readonly string[] {
    return [...this.#rejected].sort();
  }

  /** Whether the group has confirmed every message. */
  async confirmed(group: string): Promise<boolean> {
    const offsets = await this.#session.committed(group, this.topic);
    return offsets.reduce((sum, { offset }) => sum + Math.max(0, offset), 0) === this.#sent;
  }

  /** What the store has to hold. */
  expected(): Contents {
    const { rows, rejects, lost, ids, places, rejectPlaces } = this.#totals;
    return {
      ...{ rows, doubles: 0, ids: wrapped(ids), places: wrapped(places) },
      ...{ rejects, rejectDoubles: 0, rejectPlaces: wrapped(rejectPlaces) },
      reasons: [...this.#reasons].map(([reason, count]) => `${reason} ${count}`).sort(),
      edges: [...this.#edges].map(([edge, { records, connections }]) => `${edge} ${records} ${connections}`).sort(),
      ...{ lost, unlabelled: 0 },
    };
  }

  #expect(partition: number, messages: readonly Buffer[]): void {
    const source = { topic: this.topic, partition, format: 'hubble', cluster: 'prod', interner: this.#interner };
    const builder = new BatchBuilder({ ...source, now: Date.now, watch: (row) => this.#expectRow(row) });
    let offset = this.#next[partition] ?? 0;
    for (const message of messages) builder.add(message, offset++, Date.now());
    this.#next[partition] = offset;
    this.#expectRest(builder.build(''));
  }

  #expectRow({ position: { partition, offset, index }, flow }: PositionedFlow): void {
    this.#totals.rows += 1;
    this.#totals.ids += BigInt(flow.eventId);
    this.#totals.places += place(partition, offset, index);
    const hour = Math.floor(flow.time / HOUR) * (HOUR / 1_000);
    const edge = `${hour} ${flow.client.workload} ${flow.server.workload}`;
    const sums = this.#edges.get(edge) ?? { records: 0, connections: 0 };
    this.#edges.set(edge, { records: sums.records + 1, connections: sums.connections + flow.connections });
  }

  #expectRest({ rejects, losses = [] }: Batch): void {
    this.#totals.rejects += rejects.length;
    for (const { events } of losses) this.#totals.lost += events;
    for (const { position, reason } of rejects) {
      this.#rejected.add(`${position.partition}/${position.offset}`);
      this.#totals.rejectPlaces += place(position.partition, position.offset, position.index);
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    }
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

/** What the store holds of `topic`; an embedded one must not be in use by another process. */
export async function storedContents(where: { data: string; clickhouse?: string }, topic: string): Promise<Contents> {
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
