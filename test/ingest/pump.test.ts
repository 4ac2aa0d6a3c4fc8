import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newCounts } from '../../ingest/batch/builder-counts.ts';
import type { Decoded, RangeBuilder } from '../../ingest/batch/lane.ts';
import { createMetrics } from '../../ingest/consume/metrics.ts';
import { Pump, type PumpOptions } from '../../ingest/consume/pump.ts';
import type { DeadLetter } from '../../ingest/kafka/dead-letter.ts';
import type { Claim, SourceMessage } from '../../ingest/kafka/source.ts';
import type { Batch, Reject } from '../../src/model/batch.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { type ModelBroker, ModelSource } from '../helpers/kafka-model.ts';

const metrics = createMetrics();
const log = createLog({ write: () => undefined, now: () => 0, level: 'error' });

/** One reject per message stands for its rows: the pump does not look into a batch. */
function builder({ topic, partition }: Claim): RangeBuilder {
  let rejects: Reject[] = [];
  return {
    add: (messages, done) => {
      for (const { offset, value } of messages) {
        const reason = value?.toString() ?? '';
        rejects.push({ position: { topic, partition, offset, index: 0 }, line: 0, reason, detail: '', sample: '' });
      }
      const bad = messages.filter(({ value }) => value?.toString() === 'bad');
      const held = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      done({ rows: messages.length, held, rejected: bad.map(({ offset }) => offset) });
    },
    build: async (token) => {
      const batch = { token, flows: { rows: 0, pieces: [] }, rejects, labelSets: [], namespaces: [] };
      rejects = [];
      return { batch, counts: newCounts() };
    },
    close: () => {
      rejects = [];
    },
  };
}

/** The same in another thread: everything is answered later, in order. */
function threaded(claim: Claim): RangeBuilder {
  const inner = builder(claim);
  let last: Promise<unknown> = Promise.resolve();
  const later = <T>(act: () => T | Promise<T>): Promise<T> => {
    const done = last.then(() => turn()).then(act);
    last = done;
    return done;
  };
  return {
    add: (messages, done) => {
      const told = new Promise<Decoded>((resolve) => void later(() => inner.add(messages, resolve)));
      void later(async () => done(await told));
    },
    build: (token) => later(() => inner.build(token)),
    close: () => void later(() => inner.close()),
  };
}

class Store {
  readonly batches = new Map<string, Batch>();
  /** Called before and after a batch is stored; may throw. */
  before: () => Promise<void> = () => Promise.resolve();
  after: () => Promise<void> = () => Promise.resolve();

  readonly write = async (batch: Batch): Promise<void> => {
    await this.before();
    if (!this.batches.has(batch.token)) this.batches.set(batch.token, batch);
    await this.after();
  };

  offsets(): number[] {
    const all = [...this.batches.values()].flatMap(({ rejects }) => rejects.map(({ position }) => position.offset));
    return all.sort((a, b) => a - b);
  }
}

const messagesAt = (offsets: readonly number[], value = 'ok'): SourceMessage[] =>
  offsets.map((offset) => ({ offset, timestamp: 1_700 + offset, key: null, value: Buffer.from(value), headers: {} }));
const counting = (count: number) => Array.from({ length: count }, (_, index) => index);
const brokerOf = (...logs: SourceMessage[][]): ModelBroker => ({ logs, committed: [], generation: 0 });

function pumpOn(source: ModelSource, store: Store, options: Partial<PumpOptions> = {}): Pump {
  return new Pump({
    source,
    builder,
    write: store.write,
    passing: (error) => error instanceof Error && error.message === 'passing',
    limits: { rows: 4, bytes: 1e9, age: 1e9 },
    memory: 1e9,
    writers: 1,
    metrics,
    log,
    now: () => 0,
    sleep: () => turn(),
    failed: (error) => {
      throw error;
    },
    ...options,
  });
}

const settle = async (rounds = 30) => {
  for (let round = 0; round < rounds; round++) await turn();
};

describe('delivery', () => {
  test('announces a range, writes it, confirms it, in this order', async () => {
    const broker = brokerOf(messagesAt([0, 1, 2, 3]));
    const [source, store, events] = [new ModelSource(broker), new Store(), [] as string[]];
    source.beforeCommit = async ({ offset, metadata }) => void events.push(`commit ${offset} ${metadata}`.trim());
    store.before = async () => void events.push('insert');
    const pump = pumpOn(source, store);
    await source.start(pump);
    source.deliver(0, 10);
    await settle();
    expect(events).toEqual(['commit 0 microwall last=3 stamp=1700', 'insert', 'commit 4']);
    expect([...store.batches.keys()]).toEqual(['t:0:0-3@1700']);
  });

  test('rebuilds exactly the announced range under its token, whatever the limits are now', async () => {
    const broker = brokerOf(messagesAt(counting(20)));
    broker.committed[0] = { offset: 2, metadata: 'microwall last=12 stamp=99' };
    const [source, store] = [new ModelSource(broker), new Store()];
    const pump = pumpOn(source, store);
    await source.start(pump);
    for (const size of [1, 7, 20]) source.deliver(0, size);
    await settle();
    await pump.drain();
    expect([...store.batches.keys()][0]).toBe('t:0:2-12@99');
    expect(store.offsets()).toEqual(counting(20).slice(2));
  });

  test('an announced range whose end is gone is closed by the first later message', async () => {
    const broker = brokerOf(messagesAt([0, 1, 9, 10]));
    broker.committed[0] = { offset: 0, metadata: 'microwall last=5 stamp=7' };
    const [source, store] = [new ModelSource(broker), new Store()];
    const pump = pumpOn(source, store);
    await source.start(pump);
    source.deliver(0, 2);
    await settle();
    expect(store.batches.size).toBe(0);
    source.deliver(0, 2);
    await pump.drain();
    expect([...store.batches].map(([token, { rejects }]) => [token, rejects.length])).toEqual([
      ['t:0:0-5@7', 2],
      ['t:0:6-10@1709', 2],
    ]);
  });

  test('an error that passes is tried again until it is gone', async () => {
    const [source, store] = [new ModelSource(brokerOf(messagesAt(counting(4)))), new Store()];
    let failures = 50;
    store.after = async () => {
      if (failures-- > 0) throw new Error('passing');
    };
    const pump = pumpOn(source, store);
    await source.start(pump);
    source.deliver(0, 4);
    await settle(3);
    expect(pump.troubled).toBe(true);
    await settle(200);
    expect(pump.troubled).toBe(false);
    expect(source.broker.committed[0]).toEqual({ offset: 4, metadata: '' });
    expect(store.offsets()).toEqual([0, 1, 2, 3]);
  });

  test('an error that cannot pass ends the pump loudly and confirms nothing', async () => {
    const [source, store, errors] = [new ModelSource(brokerOf(messagesAt(counting(8)))), new Store(), [] as unknown[]];
    store.before = () => Promise.reject(new Error('wrong table'));
    const pump = pumpOn(source, store, { failed: (error) => errors.push(error) });
    await source.start(pump);
    source.deliver(0, 8);
    await settle();
    expect(errors).toEqual([new Error('wrong table')]);
    expect(source.broker.committed[0]?.offset).toBe(0);
  });

  test('a range in which sources say that they lost events, and nothing else, is written', async () => {
    const [source, store] = [new ModelSource(brokerOf(messagesAt([0]))), new Store()];
    const losses = [{ cluster: 'c', topic: 't', hour: 0, events: 7 }];
    const build = async (token: string) => ({
      batch: { token, flows: { rows: 0, pieces: [] }, rejects: [], labelSets: [], namespaces: [], losses },
      counts: newCounts(),
    });
    const pump = pumpOn(source, store, { builder: (claim) => ({ ...builder(claim), build }) });
    await source.start(pump);
    source.deliver(0, 1);
    await pump.drain();
    expect([...store.batches.values()].map((batch) => batch.losses)).toEqual([losses]);
  });

  test('messages that could not be decoded go to the dead letters before their range is confirmed', async () => {
    const broker = brokerOf([...messagesAt([0]), ...messagesAt([1], 'bad'), ...messagesAt([2, 3])]);
    const [source, store, letters] = [new ModelSource(broker), new Store(), [] as DeadLetter[]];
    const send = async (sent: readonly DeadLetter[]) => {
      expect(broker.committed[0]?.offset).toBe(0);
      letters.push(...sent);
    };
    const pump = pumpOn(source, store, { deadLetters: { send } });
    await source.start(pump);
    source.deliver(0, 4);
    await settle();
    expect(letters).toHaveLength(1);
    expect(letters[0]?.value?.toString()).toBe('bad');
    expect(letters[0]?.headers).toMatchObject({ 'microwall-reason': 'bad', 'microwall-offset': '1' });
    expect(broker.committed[0]?.offset).toBe(4);
  });
});

describe('back-pressure', () => {
  test('a partition is paused while the store does not keep up, and resumed afterwards', async () => {
    const [source, store] = [new ModelSource(brokerOf(messagesAt(counting(100)))), new Store()];
    let open: () => void = () => undefined;
    store.before = () => new Promise((resolve) => (open = resolve));
    const pump = pumpOn(source, store);
    await source.start(pump);
    let taken = 0;
    while (source.deliver(0, 2)) taken += 2;
    // One range is being written, one waits, and the one that made it two was the last to be taken.
    expect(taken).toBe(8);
    await settle();
    open();
    await settle();
    expect(source.claims[0]?.paused).toBe(false);
  });

  test('over the memory limit everything pauses and what is held is written', async () => {
    const [source, store] = [
      new ModelSource(brokerOf(messagesAt(counting(50)), messagesAt(counting(50)))),
      new Store(),
    ];
    const pump = pumpOn(source, store, { memory: 20, limits: { rows: 1e6, bytes: 1e9, age: 1e9 } });
    await source.start(pump);
    source.deliver(0, 8);
    source.deliver(1, 3);
    expect(source.claims.map(({ paused }) => paused)).toEqual([true, true]);
    await settle();
    expect(store.offsets()).toEqual(counting(8));
    expect(source.claims.map(({ paused }) => paused)).toEqual([false, false]);
  });
});

test('a range whose messages gave nothing to know yet is written whole all the same', async () => {
  const [source, store] = [new ModelSource(brokerOf(messagesAt(counting(11)))), new Store()];
  const pump = pumpOn(source, store, { builder: threaded });
  await source.start(pump);
  source.deliver(0, 11);
  await pump.drain();
  expect([...store.batches.keys()]).toEqual(['t:0:0-3@1700', 't:0:4-7@1704', 't:0:8-10@1708']);
  expect(store.offsets()).toEqual(counting(11));
});

test('a thread that fails ends the pump loudly and confirms nothing', async () => {
  const [source, store, errors] = [new ModelSource(brokerOf(messagesAt(counting(4)))), new Store(), [] as unknown[]];
  const build = () => Promise.reject(new Error('out of memory'));
  const failing = (claim: Claim) => ({ ...threaded(claim), build });
  const pump = pumpOn(source, store, { builder: failing, failed: (error) => errors.push(error) });
  await source.start(pump);
  source.deliver(0, 4);
  await settle();
  expect(errors).toEqual([new Error('out of memory')]);
  expect(store.batches.size).toBe(0);
  expect(source.broker.committed[0]).toBeUndefined();
});

test('idle time counts while nothing arrives and nothing is written', async () => {
  const [source, store] = [new ModelSource(brokerOf(messagesAt(counting(8)))), new Store()];
  let clock = 0;
  let open: () => void = () => undefined;
  store.before = () => new Promise((resolve) => (open = resolve));
  const pump = pumpOn(source, store, { now: () => clock });
  clock = 10_000;
  expect(pump.idle()).toBe(0);
  await source.start(pump);
  source.deliver(0, 3);
  clock = 12_000;
  expect(pump.idle()).toBe(2_000);
  source.deliver(0, 1);
  await settle();
  clock = 20_000;
  expect(pump.idle()).toBe(0);
  open();
  await settle();
  clock = 21_000;
  expect(pump.idle()).toBe(1_000);
});

test.each([
  ['this thread', builder],
  ['another thread', threaded],
])(
  'with any faults, rebalances and restarts every message decoded in %s is stored exactly once',
  async (_, decoder) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('deliver' as const), partition: fc.nat(1), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constantFrom('rebalance' as const, 'kill' as const, 'turn' as const) }),
      fc.record({ kind: fc.constantFrom('failBefore' as const, 'failAfter' as const) }),
    );
    const gaps = fc.array(fc.nat(2), { minLength: 1, maxLength: 40 });
    const log = gaps.map((steps) => {
      let offset = -1;
      return messagesAt(steps.map((gap) => (offset += 1 + gap)));
    });
    await fc.assert(
      fc.asyncProperty(log, log, fc.array(step, { maxLength: 40 }), async (first, second, steps) => {
        const broker = brokerOf(first, second);
        const store = new Store();
        let [source, pump] = [new ModelSource(broker), undefined as unknown as Pump];
        const restart = async () => {
          // The killed pump may still be inside an insert; it can commit nothing more.
          source.lose();
          source = new ModelSource(broker);
          const limits = { rows: 1 + (broker.generation % 5), bytes: 1e9, age: 1e9 };
          pump = pumpOn(source, store, { limits, builder: decoder });
          await source.start(pump);
        };
        await restart();
        for (const { kind, ...rest } of steps) {
          if (kind === 'deliver' && 'partition' in rest) source.deliver(rest.partition, rest.count);
          if (kind === 'rebalance') source.rebalance();
          if (kind === 'kill') await restart();
          if (kind === 'turn') await turn();
          if (kind === 'failBefore') store.before = once(store, 'before');
          if (kind === 'failAfter') store.after = once(store, 'after');
        }
        await restart();
        for (let quiet = 0; quiet < 40; quiet++) {
          if (source.deliver(0, 3) || source.deliver(1, 3)) quiet = 0;
          await turn();
        }
        await pump.drain();
        const stored = [...store.batches].flatMap(([token, { rejects }]) =>
          rejects.map(({ position }) => `${token.split(':')[1]}@${position.offset}`),
        );
        const wanted = broker.logs.flatMap((messages, partition) =>
          messages.map(({ offset }) => `${partition}@${offset}`),
        );
        expect(stored.sort()).toEqual(wanted.sort());
      }),
      { numRuns: 150 },
    );
  },
);

function once(store: Store, when: 'before' | 'after'): () => Promise<void> {
  return () => {
    store[when] = () => Promise.resolve();
    return Promise.reject(new Error('passing'));
  };
}
