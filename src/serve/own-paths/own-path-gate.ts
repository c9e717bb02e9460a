import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "../../aws/aws-error.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import type { Logger } from "../../base/logger.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { EventScope, OwnPath, OwnRequest } from "./own-path.ts";

export interface OwnPathGateOptions {
  /** Whoever shows it sees everything. */
  readonly operatorToken: string;
  readonly authorizer: Authorizer;
  readonly logger: Logger;
}

/** Who signed the request. Rejects with `AwsError` where nobody did. */
export type Identify = () => Promise<Visitor>;

interface Visitor {
  readonly context: CallContext;
  /** Puts the reading on record, with what it is refused with. Rejects where that cannot be done, and has to be. */
  record(refusal: AwsError | undefined): Promise<void>;
}

/** The visitor may not see what it asks for, or not now. Answered with the status, as JSON. */
export class OwnPathRefused extends Error {
  override name = "OwnPathRefused";
  readonly status: 401 | 403 | 503;

  constructor(status: OwnPathRefused["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/** Regions that one request may name: each is a decision of its own. */
const MOST_REGIONS = 50;

/** Decides who sees what below `/_opentrail/`, where callers are verified. */
export class OwnPathGate {
  readonly #token: Buffer;
  readonly #authorizer: Authorizer;
  readonly #logger: Logger;

  constructor({ operatorToken, authorizer, logger }: OwnPathGateOptions) {
    this.#token = digestOf(operatorToken);
    this.#authorizer = authorizer;
    this.#logger = logger;
  }

  /** What events the visitor may see; undefined: all. Throws `OwnPathRefused`. */
  async admit(
    { audience, path }: Pick<OwnPath, "audience" | "path">,
    { message, query }: OwnRequest,
    identify: Identify,
  ): Promise<EventScope | undefined> {
    if (audience === "everyone") return undefined;
    const shown = /^Bearer +(\S+) *$/i.exec(message.headers.authorization ?? "")?.[1];
    if (shown !== undefined) {
      if (timingSafeEqual(digestOf(shown), this.#token)) {
        // The operator is nobody's caller, so that no event of any account could say who read.
        if (audience === "readers") this.#logger.info({ path, from: message.socket.remoteAddress }, "the operator reads events");
        return undefined;
      }
      throw new OwnPathRefused(401, "This is not the operator's token.");
    }
    if (audience === "operator")
      throw new OwnPathRefused(401, "This path is the operator's: send the operator's token as Authorization: Bearer TOKEN.");
    return await this.#scopeOf(message, query, identify);
  }

  /**
   * A caller sees what LookupEvents would show: its own account's events, of the Regions in which it may call that; of the
   * Region that it signed for where it names none.
   */
  async #scopeOf(message: IncomingMessage, query: URLSearchParams, identify: Identify): Promise<EventScope> {
    const visitor = await identify().catch(refuse);
    const { accountId, region: signedRegion } = visitor.context;
    const named = [...new Set(valuesOf(query, "region"))];
    if (named.length > MOST_REGIONS) throw new OwnPathRefused(403, `At most ${MOST_REGIONS} Regions can be named.`);
    const regions = named.length === 0 ? [signedRegion] : named;
    try {
      if (valuesOf(query, "account").some((account) => account !== accountId))
        throw new AwsError("AccessDeniedException", `Callers of account ${accountId} see the events of that account alone.`);
      for (const region of regions) {
        const source = { headers: message.rawHeaders, context: { ...visitor.context, region } };
        await this.#authorizer.permit({ action: "cloudtrail:LookupEvents", resources: [] }, source);
      }
    } catch (error) {
      if (error instanceof AwsError) await onRecord(visitor, error);
      return refuse(error);
    }
    await onRecord(visitor, undefined);
    return { accounts: [accountId], regions };
  }
}

function refuse(error: unknown): never {
  if (error instanceof AwsError) throw new OwnPathRefused(403, `${error.code}: ${error.message}`);
  throw error;
}

/** Nobody reads without leaving an event. */
async function onRecord(visitor: Visitor, refusal: AwsError | undefined): Promise<void> {
  try {
    await visitor.record(refusal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OwnPathRefused(503, `Audit recording is unavailable: ${reason}`);
  }
}

/** As the query of events reads them: repeated, or with commas. */
function valuesOf(query: URLSearchParams, parameter: string): readonly string[] {
  return query
    .getAll(parameter)
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "");
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
