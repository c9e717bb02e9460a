import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type Target } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { makeKeyId } from "../../aws/key-id.ts";
import { TestAccount } from "../embedded-account.test-support.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";
const KEY = makeKeyId("AKIA", ACCOUNT, Buffer.alloc(32, 7));

/** EventBridge of an embedded account, with queues to look into. */
export class EventsLab {
  readonly account: TestAccount;

  private constructor(account: TestAccount) {
    this.account = account;
  }

  static async start(): Promise<EventsLab> {
    return new EventsLab(await new TestAccount().start());
  }

  options(region = REGION) {
    return { endpoint: this.account.url, region, maxAttempts: 1, credentials: { accessKeyId: KEY, secretAccessKey: "test" } };
  }

  get events(): EventBridgeClient {
    return new EventBridgeClient(this.options());
  }

  get sqs(): SQSClient {
    return new SQSClient(this.options());
  }

  /** Answers its ARN. */
  async queue(name: string, attributes: Record<string, string> = {}): Promise<string> {
    await this.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
  }

  /** Waits until `count` messages have come, and takes them. */
  async messages(queue: string, count = 1): Promise<readonly Message[]> {
    const found: Message[] = [];
    const end = Date.now() + 10_000;
    while (found.length < count && Date.now() < end) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: `${this.account.url}/${ACCOUNT}/${queue}`,
          WaitTimeSeconds: 1,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
      found.push(...Messages);
      for (const { ReceiptHandle } of Messages) {
        await this.sqs.send(new DeleteMessageCommand({ QueueUrl: `${this.account.url}/${ACCOUNT}/${queue}`, ReceiptHandle }));
      }
    }
    return found;
  }

  async bodies(queue: string, count = 1): Promise<readonly string[]> {
    return (await this.messages(queue, count)).map(({ Body = "" }) => Body);
  }

  /** A rule of the default bus with its targets. */
  async rule(name: string, pattern: object, targets: readonly Target[], state?: "ENABLED" | "DISABLED"): Promise<void> {
    const { events } = this;
    await events.send(
      new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern), ...(state === undefined ? {} : { State: state }) }),
    );
    await events.send(new PutTargetsCommand({ Rule: name, Targets: [...targets] }));
  }
}
