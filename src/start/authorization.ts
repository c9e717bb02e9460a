import { join } from "node:path";
import { AccountDirectory } from "../account/identities/account-directory.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { Authorizer } from "../serve/authorization/authorizer.ts";
import { OwnPathGate } from "../serve/own-paths/own-path-gate.ts";
import type { Config } from "./config.ts";
import { readOperatorToken } from "./operator-token.ts";

/** What decides who may do what. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly gate: OwnPathGate;
}

/**
 * Undefined where nobody is asked who they are: policies would bind only those who tell the truth. The library that reads
 * policies is loaded only when it is needed.
 */
export async function openAuthorization(config: Config, clock: Clock, logger: Logger): Promise<Authorization | undefined> {
  if (config.auth.mode !== "verify") return undefined;
  const { createIamSimulateEvaluator } = await import("../serve/authorization/drivers/iam-simulate/iam-simulate-evaluator.ts");
  const accounts = new AccountDirectory(config.accounts);
  const authorizer = new Authorizer({ accounts, evaluator: createIamSimulateEvaluator(logger), clock });
  const operatorToken = readOperatorToken(config.operator.tokenFile ?? join(config.dataDir, "operator.token"));
  return { authorizer, gate: new OwnPathGate({ operatorToken, authorizer, logger }) };
}
