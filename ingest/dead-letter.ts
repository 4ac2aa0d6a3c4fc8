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

/** The message with its own headers and the reason and origin beside them. */
export function deadLetter(topic: string, partition: number, message: SourceMessage, reason: string): DeadLetter {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'microwall-reason': reason,
      'microwall-topic': topic,
      'microwall-partition': String(partition),
      'microwall-offset': String(message.offset),
      'microwall-timestamp': String(message.timestamp),
    },
  };
}
