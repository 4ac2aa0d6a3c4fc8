import type { Reject } from '../../src/model/batch.ts';
import type { SourceMessage } from './source.ts';

/** A message that could not be decoded, as it goes to the dead-letter topic. */
export interface DeadLetter {
  readonly key: Buffer | null;
  /** The bytes as they came. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** Sends dead letters. May deliver one twice after a crash, never not at all. */
export interface DeadLetterSink {
  send(letters: readonly DeadLetter[]): Promise<void>;
}

/** `messages` as dead letters: bytes and headers as they came, with reason and origin of the first reject beside them. */
export function deadLetters(messages: readonly SourceMessage[], rejects: readonly Reject[]): DeadLetter[] {
  if (messages.length === 0) return [];
  const first = new Map<number, Reject>();
  for (const reject of rejects) if (!first.has(reject.position.offset)) first.set(reject.position.offset, reject);
  return messages.flatMap((message) => {
    const reject = first.get(message.offset);
    return reject ? [deadLetter(message, reject)] : [];
  });
}

function deadLetter(message: SourceMessage, { position, reason, detail }: Reject): DeadLetter {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'microwall-reason': reason,
      'microwall-detail': detail,
      'microwall-topic': position.topic,
      'microwall-partition': String(position.partition),
      'microwall-offset': String(message.offset),
      'microwall-timestamp': String(message.timestamp),
    },
  };
}
