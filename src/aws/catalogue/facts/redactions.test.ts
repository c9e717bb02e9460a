import { describe, expect, test } from "vitest";
import { hidden, redactionsFor } from "./redactions.ts";

const rulesOf = (serviceId: string, operation: string, options = {}) =>
  redactionsFor(serviceId, operation, options).map(
    (rule) => `${rule.in} ${rule.path} ${typeof rule.action === "string" ? rule.action : rule.action.replace}`,
  );

describe("redactionsFor", () => {
  test.each([
    ["iam", "CreateAccessKey", "both **.secretAccessKey drop"],
    ["iam", "CreateLoginProfile", "request password drop"],
    ["iam", "UploadServerCertificate", "request privateKey drop"],
    ["secrets-manager", "GetSecretValue", "both **.secretString drop"],
    ["kms", "Encrypt", "both plaintext drop"],
    ["ssm", "PutParameter", `request value ${hidden}`],
    ["rds", "CreateDBInstance", `both **.masterUserPassword ${hidden}`],
    ["sqs", "SendMessage", `request messageBody ${hidden}`],
    ["sqs", "SendMessage", "request messageAttributes empty"],
    ["eventbridge", "PutEvents", `request entries[].detail ${hidden}`],
    ["lambda", "CreateFunction20150331", "both **.environment empty"],
    ["lambda", "CreateFunction", "request code empty"],
    ["athena", "StartQueryExecution", "both **.queryString ***OMITTED***"],
    ["cloudformation", "UpdateStack", "both parameters[].parameterValue drop"],
    ["acm", "ImportCertificate", "both privateKey drop"],
    // What a service that the catalogue lacks is known by, and what several that it has are signed with.
    ["airflow", "CreateCliToken", `response cliToken ${hidden}`],
    ["timestream", "NewQuery", `both queryString ${hidden}`],
  ])("%s %s: %s", (serviceId, operation, rule) => {
    expect(rulesOf(serviceId, operation)).toContain(rule);
  });

  test("session tokens are hidden unless asked for, and nothing else changes with that", () => {
    const shown = rulesOf("sts", "AssumeRole", { showSessionTokens: true });
    const usual = rulesOf("sts", "AssumeRole");
    expect(usual).toContain(`both **.sessionToken ${hidden}`);
    expect(usual.filter((rule) => !shown.includes(rule))).toEqual([`both **.sessionToken ${hidden}`]);
    expect(shown).toContain("both **.secretAccessKey drop");
  });

  test.each(["nobody", "__proto__", "constructor", "toString"])("the general rules hold for the service %s", (serviceId) => {
    expect(rulesOf(serviceId, "toString")).toContain("both **.secretAccessKey drop");
    expect(rulesOf("sqs", serviceId)).toContain("both **.secretAccessKey drop");
  });
});
