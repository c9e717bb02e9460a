import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import type { DescribedAccount, OrganizationSource } from "./organization-source.ts";
import { OrganizationsEndpoint } from "./organizations-endpoint.ts";

const MANAGEMENT = "111122223333";
const DELEGATED = "222233334444";
const MEMBER = "333344445555";
const STRANGER = "999900001111";

const service = loadCatalogue().service("organizations");
const account = (id: string): DescribedAccount => ({ id, name: `name-${id}`, email: `${id}@example.org` });
const more = Array.from({ length: 30 }, (_, at) => account(String(500_000_000_000 + at)));
const accounts = [account(MANAGEMENT), account(DELEGATED), account(MEMBER), ...more];
const organization: OrganizationSource = {
  id: "o-exampleorgid",
  managementAccount: MANAGEMENT,
  settings: { allFeatures: true },
  accounts,
  account: (id) => accounts.find((known) => known.id === id),
  roleOf: (id) =>
    id === MANAGEMENT
      ? "management"
      : id === DELEGATED
        ? "delegated"
        : accounts.some((known) => known.id === id)
          ? "member"
          : undefined,
  delegatedAdministrators: () => [{ ...account(DELEGATED), since: 1_772_000_000_000 }],
};

async function call(
  operationName: string,
  input: unknown = {},
  accountId = MANAGEMENT,
  source: OrganizationSource | "none" = organization,
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const endpoint = new OrganizationsEndpoint(source === "none" ? undefined : source, pino({ level: "silent" }));
  const operation = service?.operation(operationName);
  const { status, body } = await endpoint.send({
    method: "POST",
    target: "/",
    headers: ["Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", `AWSOrganizationsV20161128.${operationName}`],
    body: Buffer.from(typeof input === "string" ? input : JSON.stringify(input)),
    signal: new AbortController().signal,
    context: {
      operation,
      serviceId: "organizations",
      operationName,
      protocol: "awsJson1_1",
      region: "us-east-1",
      accountId,
      accessKeyId: undefined,
      callerArn: undefined,
      requestId: "id",
    },
  });
  return { status, json: JSON.parse(Buffer.from(body as Uint8Array).toString()) as Record<string, unknown> };
}

const shown = (id: string): object => ({
  Id: id,
  Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-exampleorgid/${id}`,
  Email: `${id}@example.org`,
  Name: `name-${id}`,
  Status: "ACTIVE",
});

describe("organizations", () => {
  test.each([MANAGEMENT, DELEGATED, MEMBER])("DescribeOrganization, for %s", async (accountId) => {
    expect(await call("DescribeOrganization", {}, accountId)).toEqual({
      status: 200,
      json: {
        Organization: {
          Id: "o-exampleorgid",
          Arn: `arn:aws:organizations::${MANAGEMENT}:organization/o-exampleorgid`,
          FeatureSet: "ALL",
          MasterAccountArn: `arn:aws:organizations::${MANAGEMENT}:account/o-exampleorgid/${MANAGEMENT}`,
          MasterAccountId: MANAGEMENT,
          MasterAccountEmail: `${MANAGEMENT}@example.org`,
          AvailablePolicyTypes: [],
        },
      },
    });
  });

  test("DescribeAccount", async () => {
    expect((await call("DescribeAccount", { AccountId: MEMBER }, DELEGATED)).json).toMatchObject({ Account: shown(MEMBER) });
    expect((await call("DescribeAccount", { AccountId: STRANGER })).json).toMatchObject({ __type: "AccountNotFoundException" });
    for (const input of [{}, { AccountId: "1" }, { AccountId: 5 }])
      expect((await call("DescribeAccount", input)).json).toMatchObject({ __type: "InvalidInputException" });
  });

  test("ListAccounts, page by page", async () => {
    for (const MaxResults of [undefined, 1, 7, 20]) {
      const found: unknown[] = [];
      for (let NextToken: unknown; ;) {
        const { json } = await call("ListAccounts", { MaxResults, NextToken });
        const page = json["Accounts"] as unknown[];
        expect(page.length).toBeLessThanOrEqual(MaxResults ?? 20);
        found.push(...page);
        if (json["NextToken"] === undefined) break;
        NextToken = json["NextToken"];
      }
      expect(found).toMatchObject(accounts.map(({ id }) => shown(id)));
    }
    for (const input of [{ MaxResults: 0 }, { MaxResults: 21 }, { MaxResults: "x" }, { NextToken: "x" }, { NextToken: {} }])
      expect((await call("ListAccounts", input)).json).toMatchObject({ __type: "InvalidInputException" });
  });

  test("ListDelegatedAdministrators", async () => {
    const [found] = [{ ...shown(DELEGATED), DelegationEnabledDate: 1_772_000_000 }];
    for (const input of [{}, { ServicePrincipal: "cloudtrail.amazonaws.com" }])
      expect((await call("ListDelegatedAdministrators", input)).json).toMatchObject({ DelegatedAdministrators: [found] });
    const other = await call("ListDelegatedAdministrators", { ServicePrincipal: "config.amazonaws.com" });
    expect(other.json).toEqual({ DelegatedAdministrators: [] });
  });

  test.each(["ListAccounts", "DescribeAccount", "ListDelegatedAdministrators"])("%s is not for members", async (name) => {
    expect(await call(name, { AccountId: MEMBER }, MEMBER)).toMatchObject({
      status: 400,
      json: { __type: "AccessDeniedException" },
    });
  });

  test("whoever is in no organization is told so", async () => {
    for (const [accountId, source] of [
      [STRANGER, organization],
      [MANAGEMENT, "none"],
    ] as const) {
      for (const name of ["DescribeOrganization", "ListAccounts"]) {
        const answer = await call(name, {}, accountId, source);
        expect(answer.json).toMatchObject({ __type: "AWSOrganizationsNotInUseException" });
      }
    }
  });

  test("what else there is at AWS is not here", async () => {
    expect((await call("CreateOrganization")).status).toBe(501);
    expect((await call("ListRoots")).status).toBe(501);
    expect((await call("DescribeOrganization", "[")).json).toMatchObject({ __type: "SerializationException" });
  });
});
