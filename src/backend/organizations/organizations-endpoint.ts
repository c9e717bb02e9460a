import { AwsError } from "../../aws/aws-error.ts";
import { DecodeBudget } from "../../aws/codec/decode-budget.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { encodeJsonResponse } from "../../aws/codec/encode-response.ts";
import { parseJson } from "../../aws/codec/parse-json.ts";
import { isTreeObject, openTree } from "../../aws/codec/tree-builder.ts";
import { type Endpoint, EndpointFailure, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { Logger } from "../../base/logger.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { describeAccount, describeOrganization, listAccounts, listDelegatedAdministrators } from "./operations.ts";
import type { OrganizationSource } from "./organization-source.ts";

/** More than any input of these operations can take. */
const MAX_BODY_BYTES = 64 * 1024;

const OPERATIONS = new Map(Object.entries({ describeAccount, describeOrganization, listAccounts, listDelegatedAdministrators }));

/** AWS Organizations, as far as readers of organization trails ask it: the configured organization, to be read only. */
export class OrganizationsEndpoint implements Endpoint {
  readonly #organization: OrganizationSource | undefined;
  readonly #logger: Logger;

  constructor(organization: OrganizationSource | undefined, logger: Logger) {
    this.#organization = organization;
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { operation, operationName, accountId, requestId } = request.context;
    const answer = OPERATIONS.get(operationName.slice(0, 1).toLowerCase() + operationName.slice(1));
    if (answer === undefined || operation === undefined) return refuse(request, notImplemented(request));
    try {
      const input = membersOf(await readWholeBody(request, MAX_BODY_BYTES));
      return encodeJsonResponse(operation, "awsJson1_1", answer(this.#organization, accountId, input), requestId);
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      this.#logger.error({ err: error, operation: operationName }, "an Organizations call failed");
      return refuse(request, internalFailure());
    }
  }

  async close(): Promise<void> {}
}

function membersOf(body: Uint8Array): TreeObject {
  try {
    const tree = parseJson(body, new DecodeBudget());
    if (tree === undefined) return openTree();
    if (isTreeObject(tree)) return tree;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  throw new AwsError("SerializationException", "The body is not a JSON object.");
}
