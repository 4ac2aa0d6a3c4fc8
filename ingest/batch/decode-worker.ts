import { parentPort } from 'node:worker_threads';
import { LabelInterner } from '../../src/model/labels.ts';
import { LABEL_SET_LIMIT } from './builder.ts';
import { type DecodeAnswer, type DecodeRequest, packBuilt, unpackMessages } from './decode-messages.ts';
import type { RangeBuilder } from './lane.ts';
import { messageBuilder } from './message-builder.ts';

/**
 * A thread that decodes: it does with the messages of its partitions what `message-builder.ts` does, and nothing else.
 * Ids of label sets are hashes of their content, so threads need not agree about them. An error ends the thread.
 */
const interner = new LabelInterner(LABEL_SET_LIMIT);
const builders = new Map<number, RangeBuilder>();

function tell(answer: DecodeAnswer, blocks: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(answer, blocks);
}

async function handle(request: DecodeRequest): Promise<void> {
  const { kind, builder: id } = request;
  if (kind === 'open') builders.set(id, messageBuilder({ ...request.settings, interner }));
  const builder = builders.get(id);
  if (builder === undefined) throw new Error(`there is no builder ${id} in this thread`);
  if (kind === 'add')
    builder.add(unpackMessages(request.packed), (decoded) => tell({ kind: 'decoded', builder: id, decoded }));
  else if (kind === 'build') {
    const { built, block } = packBuilt(await builder.build(request.token));
    tell({ kind: 'built', builder: id, built }, [block]);
  } else if (kind === 'close') {
    builders.delete(id);
    tell({ kind: 'closed', builder: id });
  }
}

parentPort?.on('message', (request: DecodeRequest) => void handle(request));
