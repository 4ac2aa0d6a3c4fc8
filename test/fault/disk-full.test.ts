import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

/** A small disk of its own needs root; elsewhere this test is reported as skipped. */
const disk = mkdtempSync(join(tmpdir(), 'microwall-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk]).status === 0;
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(async () => {
  await session.close();
  if (mounted) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

function fill(path: string): void {
  const file = openSync(path, 'w');
  // Large steps first, then small ones up to the last page.
  for (const step of [1 << 20, 1 << 12]) {
    const block = Buffer.alloc(step, 1);
    try {
      for (;;) if (writeSync(file, block) < step) break;
    } catch {
      // The disk is full, which is what was wanted.
    }
  }
  closeSync(file);
}

test.skipIf(!mounted)('a full disk is waited out; what it refused is stored once there is room', async () => {
  const topic = await session.topic();
  const stage = scene({ brokers: session.brokers, topic, data: join(disk, 'data') });
  const first = mixedMessages(0, 1_000);
  await session.produce(topic, first.messages);
  const consumer = stage.start();
  await consumer.line(({ message }) => message === 'confirmed');
  fill(join(disk, 'ballast'));
  const refused = consumer.line(({ message }) => String(message).startsWith('the store or broker did not take'));
  const second = mixedMessages(1_000, 3_000);
  await session.produce(topic, second.messages);
  await refused;
  await sleep(2_000);
  rmSync(join(disk, 'ballast'));
  const committed = async () => (await session.committed(stage.group, topic))[0]?.offset;
  await expect.poll(committed, { timeout: 90_000 }).toBe(3_000);
  expect(await consumer.kill('SIGTERM')).toBe(0);
  const [flows, poison] = [first.flows + second.flows, first.poison + second.poison];
  expect(await storedTotals({ data: stage.data }, topic)).toEqual({
    rows: flows,
    doubles: 0,
    rejects: poison,
    rejectDoubles: 0,
    edgeRecords: flows,
  });
  stage.remove();
});
