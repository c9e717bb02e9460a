import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { CloudTrailClient, CloudTrailServiceException } from "@aws-sdk/client-cloudtrail";
import { pino } from "pino";
import { openTrailStore } from "../../account/trails/drivers/sqlite/open-trail-store.ts";
import type { TrailStore } from "../../account/trails/trail-store.ts";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import type { CallContext, Endpoint } from "../../aws/endpoint.ts";
import { createHistory } from "../../readers/history/create-history.ts";
import type { History } from "../../readers/history/history.ts";
import { type CloudTrailApiOptions, createCloudTrailApi } from "./cloudtrail-api.ts";

/** Account of a client whose access key is the account's id. */
export const ACCOUNT = "111122223333";
export const OTHER_ACCOUNT = "444455556666";

export interface ServedApi {
  readonly url: string;
  readonly history: History;
  readonly trails: TrailStore;
  /** Epoch milliseconds that everything goes by. */
  now: number;
  /** What the API is told of the journal's end. */
  journalEnd: number;
  client(region?: string, account?: string): CloudTrailClient;
  /** Closes the stores and opens them again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export type ServedApiOptions = Partial<
  Pick<CloudTrailApiOptions, "lookupRateLimit" | "checks" | "delivery" | "signingKeys" | "organization" | "quotas">
>;

/** The API over real HTTP with stores in a directory of its own. The gateway's part is played by the credential scope. */
export async function serveApi(options: ServedApiOptions = {}): Promise<ServedApi> {
  const { lookupRateLimit = false, ...more } = options;
  const dir = mkdtempSync(join(tmpdir(), "opentrail-api-"));
  const logger = pino({ level: "silent" });
  const clients: CloudTrailClient[] = [];
  const clock = { now: (): number => served.now };
  const open = (): { history: History; trails: TrailStore; api: Endpoint } => {
    const history = createHistory({ dir: join(dir, "history"), retentionDays: 90, dataEvents: true, clock, logger });
    const trails = openTrailStore(join(dir, "account", "trails.db"));
    return {
      history,
      trails,
      api: createCloudTrailApi({
        catalogue: loadCatalogue(),
        history,
        trails,
        journalEnd: () => served.journalEnd,
        clock,
        logger,
        lookupRateLimit,
        ...more,
      }),
    };
  };
  const served: ServedApi = {
    now: Date.UTC(2026, 2, 10, 12),
    journalEnd: 0,
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    get history() {
      return stores.history;
    },
    get trails() {
      return stores.trails;
    },
    client(region = "us-east-1", account = ACCOUNT) {
      const client = new CloudTrailClient({
        endpoint: served.url,
        region,
        credentials: { accessKeyId: account, secretAccessKey: "secret" },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    async restart() {
      await stores.history.close();
      await stores.trails.close();
      stores = open();
    },
    async close() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
      await stores.history.close();
      await stores.trails.close();
      rmSync(dir, { recursive: true });
    },
  };
  let stores = open();
  const server = serve(() => stores.api);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return served;
}

function serve(api: () => Endpoint): Server {
  return createServer(async (request, response) => {
    const scope = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? "");
    const context: CallContext = {
      operation: undefined,
      serviceId: "cloudtrail",
      operationName: "",
      region: scope?.[2] ?? "us-east-1",
      accountId: scope?.[1] ?? ACCOUNT,
      accessKeyId: undefined,
      callerArn: undefined,
      requestId: "5d0ca1b1-0000-4000-8000-000000000001",
    };
    const { method = "", url: target = "", rawHeaders: headers } = request;
    const { signal } = new AbortController();
    const answer = await api().send({ method, target, headers, body: request, signal, context });
    response.writeHead(answer.status, [...answer.headers]);
    if (answer.body instanceof Readable) answer.body.pipe(response);
    else response.end(answer.body);
  });
}

/** The name of the error that the SDK raises, and the message; "" where there is none. */
export async function failure(call: Promise<unknown>): Promise<readonly [name: string, message: string]> {
  try {
    await call;
    return ["", ""];
  } catch (error) {
    if (!(error instanceof CloudTrailServiceException)) throw error;
    return [error.name, error.message];
  }
}
