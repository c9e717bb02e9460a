import type { CloudWatchLogsClient, PutLogEventsCommandInput, PutLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import type { Trail } from "../../../account/trails/trail.ts";
import type { Clock } from "../../../base/clock.ts";
import type { EventIndex } from "../../../event/built-event.ts";
import type { DestinationClients } from "../destination-clients.ts";
import type { LaneEvent } from "./lane-event.ts";
import { LogStream } from "./log-stream.ts";
import { ALL_SENT, type BatchLimits, DestinationRefused, type SendOutcome, type SinkDestination } from "./sink-destination.ts";

export interface LogGroupOptions {
  /** The trail as it is now: what still waits goes to the group that is set when it goes. */
  readonly trail: () => Trail;
  /** Of organization trails: the organization's id. */
  readonly organizationId: (trail: Trail) => string | undefined;
  readonly clients: Pick<DestinationClients, "logs">;
  readonly clock: Clock;
}

/** Octets that each log event counts beside its message. Source: PutLogEvents. */
const EVENT_OVERHEAD = 26;

/** A trail's log group: one log event for each record, its timestamp the delivery's. Source: CloudTrail User Guide, "Sending events to CloudWatch Logs". */
export class LogGroup implements SinkDestination {
  readonly limits: BatchLimits = {
    events: 10_000,
    octets: 1_048_576,
    eventOctets: 256 * 1024,
    sizeOf: ({ record }) => record.length + EVENT_OVERHEAD,
  };
  readonly #options: LogGroupOptions;
  readonly #streams = new Map<string, LogStream>();
  readonly #decoder = new TextDecoder();

  constructor(options: LogGroupOptions) {
    this.#options = options;
  }

  groupOf({ account, region }: EventIndex): string {
    return `${account} ${region}`;
  }

  async send(events: readonly LaneEvent[], signal: AbortSignal): Promise<SendOutcome> {
    const trail = this.#options.trail();
    const group = logGroupOf(trail.cloudWatchLogsLogGroupArn);
    const first = events[0]?.index;
    // Nowhere to send it to any more.
    if (group === undefined || first === undefined) return { unsent: [], refused: events };
    const client = this.#options.clients.logs({ accountId: group.accountId, region: group.region });
    const stream = this.#stream(group.name, trail, first);
    const timestamp = this.#options.clock.now();
    const input = {
      logGroupName: group.name,
      logEvents: events.map(({ record }) => ({ timestamp, message: this.#decoder.decode(record) })),
    };
    const answer = await this.#put(client, input, stream, signal);
    if (Object.values(answer?.rejectedLogEventsInfo ?? {}).some((at) => at !== undefined)) {
      const message = `log group ${group.name} takes no events of ${new Date(timestamp).toISOString()}: compare the clocks`;
      throw new DestinationRefused("InvalidParameterException", message);
    }
    return ALL_SENT;
  }

  /** Undefined where the server has this very batch already. */
  async #put(
    client: CloudWatchLogsClient,
    input: Omit<PutLogEventsCommandInput, "logStreamName">,
    stream: LogStream,
    signal: AbortSignal,
  ): Promise<PutLogEventsCommandOutput | undefined> {
    const { PutLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const put = async (): Promise<PutLogEventsCommandOutput> => {
      const { sequenceToken } = stream;
      const token = sequenceToken === undefined ? {} : { sequenceToken };
      const command = new PutLogEventsCommand({ ...input, ...token, logStreamName: stream.name });
      const answer = await client.send(command, { abortSignal: signal });
      stream.sequenceToken = answer.nextSequenceToken;
      return answer;
    };
    // A stream that is not there is made, a token that was asked for is sent; more than once each, something else is wrong.
    for (const remedies = new Set<string>(); ;) {
      try {
        return await put();
      } catch (error) {
        const name = error instanceof Error ? error.name : "";
        if (name === "DataAlreadyAcceptedException") {
          stream.sequenceToken = expectedToken(error);
          return undefined;
        }
        if (name === "ThrottlingException") stream.next();
        if (remedies.has(name)) throw error;
        remedies.add(name);
        if (name === "ResourceNotFoundException") await this.#create(client, input.logGroupName, stream, signal);
        else if (name === "InvalidSequenceTokenException") stream.sequenceToken = expectedToken(error);
        else throw error;
      }
    }
  }

  async #create(client: CloudWatchLogsClient, group: string | undefined, stream: LogStream, signal: AbortSignal): Promise<void> {
    const { CreateLogStreamCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    stream.sequenceToken = undefined;
    try {
      await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream.name }), { abortSignal: signal });
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceAlreadyExistsException")) throw error;
    }
  }

  #stream(group: string, trail: Trail, { account, region }: EventIndex): LogStream {
    const organizationId = this.#options.organizationId(trail);
    const key = `${group} ${organizationId ?? ""} ${account} ${region}`;
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const stream = new LogStream(account, region, organizationId);
    this.#streams.set(key, stream);
    return stream;
  }
}

interface LogGroupPlace {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
}

/** `arn:aws:logs:us-east-1:111122223333:log-group:NAME:*` */
function logGroupOf(arn: string | undefined): LogGroupPlace | undefined {
  const match = /^arn:[^:]+:logs:([^:]+):(\d{12}):log-group:([^:]+)(?::\*)?$/.exec(arn ?? "");
  const [, region, accountId, name] = match ?? [];
  return region === undefined || accountId === undefined || name === undefined ? undefined : { name, accountId, region };
}

function expectedToken(error: unknown): string | undefined {
  const { expectedSequenceToken } = error as { expectedSequenceToken?: unknown };
  return typeof expectedSequenceToken === "string" ? expectedSequenceToken : undefined;
}
