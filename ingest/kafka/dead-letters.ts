import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import type { DeadLetter, DeadLetterSink } from './dead-letter.ts';

/** A dead-letter sink with a connection of its own. */
export interface KafkaDeadLetters extends DeadLetterSink {
  close(): Promise<void>;
}

/** Sends dead letters to `topic`, acknowledged by all in-sync replicas. Connects with the first letter. */
export function kafkaDeadLetters(kafka: Kafka, topic: string): KafkaDeadLetters {
  let producer: Producer | undefined;
  return {
    async send(letters) {
      if (!producer) {
        const fresh = kafka.producer({
          allowAutoTopicCreation: false,
          createPartitioner: Partitioners.DefaultPartitioner,
        });
        await fresh.connect();
        producer = fresh;
      }
      await producer.send({ topic, acks: -1, messages: letters.map(toMessage) });
    },
    close: async () => producer?.disconnect(),
  };
}

function toMessage({ key, value, headers }: DeadLetter): Message {
  return { key, value, headers: { ...headers } };
}
