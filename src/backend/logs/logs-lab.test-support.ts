import { CloudWatchLogs, type FilterLogEventsCommandInput, type InputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "vitest";
import { TestAccount } from "../embedded-account.test-support.ts";

/** An embedded account with the SDK's client, and a log group of its own for each test. */
export class LogsLab {
  readonly account = new TestAccount();
  logs = this.client();
  group = "";
  #groups = 0;

  /** One account and region each. */
  client(region = "us-east-1", accessKeyId = "test"): CloudWatchLogs {
    const endpoint = async () => {
      const { protocol, hostname, port } = new URL(this.account.url);
      return { protocol, hostname, port: Number(port), path: "/" };
    };
    return new CloudWatchLogs({ endpoint, region, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: "x" } });
  }

  async start(): Promise<void> {
    await this.account.start();
  }

  async nextGroup(): Promise<void> {
    this.group = `/group/one-${(this.#groups += 1)}`;
    await this.logs.createLogGroup({ logGroupName: this.group });
  }

  async stream(name: string, events: readonly InputLogEvent[] = []): Promise<void> {
    await this.logs.createLogStream({ logGroupName: this.group, logStreamName: name });
    if (events.length > 0) await this.put(name, events);
  }

  async put(name: string, events: readonly InputLogEvent[]) {
    return await this.logs.putLogEvents({ logGroupName: this.group, logStreamName: name, logEvents: [...events] });
  }

  /** Every page of FilterLogEvents. */
  async filter(input: Partial<FilterLogEventsCommandInput> = {}) {
    const pages = [];
    let nextToken: string | undefined;
    do {
      const page = await this.logs.filterLogEvents({ logGroupName: this.group, ...input, nextToken });
      expect(page.searchedLogStreams).toEqual([]);
      pages.push(page.events ?? []);
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    return { pages, events: pages.flat() };
  }
}

/** An event of now, or so many milliseconds later. */
export const at = (message: string, offset = 0): InputLogEvent => ({ timestamp: Date.now() + offset, message });

export const refusal = (name: string, message: string | RegExp) => ({
  name,
  message: typeof message === "string" ? message : expect.stringMatching(message),
  $metadata: expect.objectContaining({ httpStatusCode: 400 }),
});
