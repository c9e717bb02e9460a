import type { IncomingMessage } from "node:http";
import { pino } from "pino";
import { expect, test } from "vitest";
import { AccountDirectory } from "../../account/identities/account-directory.ts";
import { accountsSchema } from "../../account/identities/accounts.ts";
import { AwsError } from "../../aws/aws-error.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import { Authorizer } from "../authorization/authorizer.ts";
import { createIamSimulateEvaluator } from "../authorization/drivers/iam-simulate/iam-simulate-evaluator.ts";
import { type Identify, OwnPathGate, OwnPathRefused } from "./own-path-gate.ts";

const ACCOUNT = "111122223333";
const TOKEN = "a-token-of-thirty-two-characters";
const logger = pino({ level: "silent" });
const document = {
  Statement: {
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } },
  },
};
const accounts = new AccountDirectory(
  accountsSchema.parse([{ id: ACCOUNT, users: [{ name: "x", policies: [{ name: "p", document }] }] }]),
);
const authorizer = new Authorizer({ accounts, evaluator: createIamSimulateEvaluator(logger), clock: { now: () => 0 } });
const gate = new OwnPathGate({ operatorToken: TOKEN, authorizer, logger });

const arn = `arn:aws:iam::${ACCOUNT}:user/x`;
const context = {
  region: "us-east-1",
  accountId: ACCOUNT,
  callerArn: arn,
  principal: { kind: "user", accountId: ACCOUNT, name: "x", arn },
} as CallContext;

/** What the visitor may see, or what it is told; and what went on record. */
async function visit(
  query: string,
  { authorization, record, identify }: { authorization?: string; record?: () => Promise<void>; identify?: Identify } = {},
): Promise<readonly [unknown, readonly (string | undefined)[]]> {
  const records: (string | undefined)[] = [];
  const visitor: Identify = async () => ({
    context,
    async record(refusal) {
      records.push(refusal?.code);
      await record?.();
    },
  });
  const message = { headers: { authorization }, rawHeaders: [], socket: {} } as unknown as IncomingMessage;
  const request = { message, query: new URLSearchParams(query) };
  const seen = await gate.admit({ audience: "readers", path: "events" }, request, identify ?? visitor).catch((error: unknown) => {
    if (!(error instanceof OwnPathRefused)) throw error;
    return error.status;
  });
  return [seen, records];
}

test.each<readonly [query: string, seen: unknown, recorded: string | undefined]>([
  ["", { accounts: [ACCOUNT], regions: ["us-east-1"] }, undefined],
  [`account=${ACCOUNT}`, { accounts: [ACCOUNT], regions: ["us-east-1"] }, undefined],
  ["region=eu-west-1,us-east-1&region=eu-west-1", { accounts: [ACCOUNT], regions: ["eu-west-1", "us-east-1"] }, undefined],
  ["region=eu-west-1,eu-west-2", 403, "AccessDeniedException"],
  ["account=444455556666", 403, "AccessDeniedException"],
  [`account=${ACCOUNT},444455556666`, 403, "AccessDeniedException"],
])("%s", async (query, seen, recorded) => {
  expect(await visit(query)).toEqual([seen, [recorded]]);
});

test("nobody reads what cannot be recorded", async () => {
  expect(await visit("", { record: () => Promise.reject(new Error("disk full")) })).toEqual([503, [undefined]]);
});

test("no signature, or a wrong one, and no token either", async () => {
  const identify = () => Promise.reject(new AwsError("InvalidSignatureException", "no", 403));
  expect(await visit("", { identify })).toEqual([403, []]);
  expect(await visit("", { identify, authorization: `Bearer ${TOKEN}x` })).toEqual([401, []]);
});

test("a mistake of ours is not told as the visitor's", async () => {
  await expect(visit("", { identify: () => Promise.reject(new Error("ours")) })).rejects.toThrow("ours");
});

test("the operator sees all", async () => {
  expect(await visit("account=1", { authorization: `Bearer ${TOKEN}` })).toEqual([undefined, []]);
});
