import type { PersistenceManager, StoredQueue } from "./fauxqs.ts";

const PUT_QUEUE = `
INSERT INTO sqs_queues (name, url, arn, attributes, tags, created_timestamp, last_modified_timestamp, sequence_counter)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags,
  last_modified_timestamp = excluded.last_modified_timestamp, sequence_counter = excluded.sequence_counter`;
const SHOW_MESSAGE = "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?";

/**
 * Puts two of fauxqs 2.4.1's writes right. Its `insertQueue`, which TagQueue and UntagQueue call too, replaces the row, and
 * the queue's messages go with the old one; its `updateMessageReady` breaks a constraint of its own table, so that no
 * message can be given back.
 */
export function mendPersistence(persistence: PersistenceManager): void {
  const putQueue = persistence.db.prepare(PUT_QUEUE);
  const showMessage = persistence.db.prepare(SHOW_MESSAGE);
  persistence.insertQueue = (queue: StoredQueue): void => {
    putQueue.run(
      queue.name,
      queue.url,
      queue.arn,
      JSON.stringify(queue.attributes),
      JSON.stringify(Object.fromEntries(queue.tags)),
      queue.createdTimestamp,
      queue.lastModifiedTimestamp,
      queue.sequenceCounter,
    );
  };
  persistence.updateMessageReady = (messageId: string): void => void showMessage.run(messageId);
}
