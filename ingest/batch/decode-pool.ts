import { Worker } from 'node:worker_threads';
import { type DecodeAnswer, type DecodeRequest, packMessages, unpackBuilt } from './decode-messages.ts';
import type { BuiltRange, Decoded, RangeBuilder } from './lane.ts';
import type { PartitionSettings } from './message-builder.ts';

/** Threads that decode; each partition belongs to one of them for as long as it is claimed. */
export interface DecodePool {
  builder(settings: PartitionSettings): RangeBuilder;
  /** Ends the threads; ranges that are not built yet never will be. */
  close(): Promise<void>;
}

/** Records live for microseconds: a large young generation saves a tenth of all CPU while reading them. */
const YOUNG_GENERATION_MB = 96;

interface Waiting {
  readonly decoded: ((decoded: Decoded) => void)[];
  readonly built: { readonly resolve: (built: BuiltRange) => void; readonly reject: (error: Error) => void }[];
}

interface Thread {
  readonly worker: Worker;
  /** Questions without an answer yet, by builder; answers come in the order of the questions. */
  readonly waiting: Map<number, Waiting>;
  open: number;
}

/** Starts `count` threads. `failed` is called when one ends by itself, which only a mistake of ours can cause. */
export function startDecodePool(count: number, failed: (error: Error) => void): DecodePool {
  let closing = false;
  let builders = 0;
  const fail = (thread: Thread, error: Error) => {
    for (const { built } of thread.waiting.values()) for (const { reject } of built) reject(error);
    thread.waiting.clear();
    if (!closing) failed(error);
  };
  const threads = Array.from({ length: count }, () => startThread(fail));
  return {
    builder(settings) {
      const thread = threads.reduce((least, other) => (other.open < least.open ? other : least));
      return threadBuilder(thread, builders++, settings);
    },
    async close() {
      closing = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(fail: (thread: Thread, error: Error) => void): Thread {
  const worker = new Worker(new URL('./decode-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const thread: Thread = { worker, waiting: new Map(), open: 0 };
  worker.on('message', (answer: DecodeAnswer) => settle(thread, answer));
  worker.on('error', (cause) => fail(thread, new Error('a thread that decodes has failed', { cause })));
  worker.on('exit', (code) => fail(thread, new Error(`a thread that decodes has ended with code ${code}`)));
  return thread;
}

function settle({ waiting }: Thread, answer: DecodeAnswer): void {
  const asked = waiting.get(answer.builder);
  if (answer.kind === 'decoded') asked?.decoded.shift()?.(answer.decoded);
  else if (answer.kind === 'built') asked?.built.shift()?.resolve(unpackBuilt(answer.built));
  else waiting.delete(answer.builder);
}

function threadBuilder(thread: Thread, builder: number, settings: PartitionSettings): RangeBuilder {
  const ask = (request: DecodeRequest, blocks: readonly ArrayBuffer[] = []) =>
    thread.worker.postMessage(request, blocks);
  const waiting: Waiting = { decoded: [], built: [] };
  thread.waiting.set(builder, waiting);
  thread.open += 1;
  ask({ kind: 'open', builder, settings });
  return {
    add(messages, done) {
      waiting.decoded.push(done);
      const packed = packMessages(messages);
      ask({ kind: 'add', builder, packed }, [packed.values.buffer, packed.places.buffer]);
    },
    build(token) {
      return new Promise((resolve, reject) => {
        waiting.built.push({ resolve, reject });
        ask({ kind: 'build', builder, token });
      });
    },
    close() {
      thread.open -= 1;
      ask({ kind: 'close', builder });
    },
  };
}
