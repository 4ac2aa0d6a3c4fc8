import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { storedContents, Traffic } from '../helpers/kafka-traffic.ts';

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

test.skipIf(!mounted).each(FAULT_SEEDS)(
  'seed %i: a full disk is waited out; what it refused is stored once there is room',
  async (seed) => {
    const random = seededRandom(4_000 + seed);
    const traffic = new Traffic(session, await session.topic());
    const stage = scene({ brokers: session.brokers, topic: traffic.topic, data: join(disk, `data-${seed}`) });
    await traffic.send(0, 1_000);
    let consumer = stage.start();
    await consumer.line(({ message }) => message === 'confirmed');
    await sleep(random() * 200);
    fill(join(disk, 'ballast'));
    const refused = consumer.line(({ message }) => String(message).startsWith('the store or broker did not take'));
    await traffic.send(0, 2_000);
    await refused;
    await sleep(random() * 2_000);
    // Half of the seeds lose their consumer, too, while there is no room for what it has announced.
    const dies = random() < 0.5;
    if (dies) await consumer.kill('SIGKILL');
    rmSync(join(disk, 'ballast'));
    if (dies) consumer = stage.start();
    await expect.poll(() => traffic.confirmed(stage.group), { timeout: 90_000, interval: 500 }).toBe(true);
    expect(await consumer.kill('SIGTERM')).toBe(0);
    expect(await storedContents({ data: stage.data }, traffic.topic)).toEqual(traffic.expected().contents);
    rmSync(stage.data, { recursive: true });
    stage.remove();
  },
);
