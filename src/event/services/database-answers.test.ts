import { expect, test } from "vitest";
import { form, recordsOf } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

function exchange(service: string, operation: string, parameters: Record<string, string>, result: string) {
  return recordsOf({
    ...jsonExchange("sfn", "ListActivities", {}),
    service,
    operation,
    protocol: "awsQuery",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form({ Action: operation, Version: "1", ...parameters }),
    answer: {
      status: 200,
      body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
    },
  })[0];
}

test("ModifyDBInstance shows the instance itself, its password as asterisks", () => {
  const record = exchange(
    "rds",
    "ModifyDBInstance",
    { DBInstanceIdentifier: "db1", MasterUserPassword: "verysecret" },
    `<DBInstance><DBInstanceIdentifier>db1</DBInstanceIdentifier><PubliclyAccessible>true</PubliclyAccessible>
      <PendingModifiedValues><MasterUserPassword>verysecret</MasterUserPassword></PendingModifiedValues></DBInstance>`,
  );
  expect(record?.requestParameters).toEqual({
    dBInstanceIdentifier: "db1",
    masterUserPassword: "HIDDEN_DUE_TO_SECURITY_REASONS",
  });
  expect(record?.responseElements).toEqual({
    dBInstanceIdentifier: "db1",
    publiclyAccessible: true,
    pendingModifiedValues: { masterUserPassword: "****" },
  });
});

test.each([
  [
    "elasticache",
    "CreateCacheCluster",
    "<CacheCluster><CacheClusterId>c</CacheClusterId></CacheCluster>",
    { cacheClusterId: "c" },
  ],
  ["redshift", "CreateCluster", "<Cluster><ClusterIdentifier>c</ClusterIdentifier></Cluster>", { clusterIdentifier: "c" }],
  ["rds", "CreateDBProxy", "<DBProxy><DBProxyName>p</DBProxyName></DBProxy>", { dBProxy: { dBProxyName: "p" } }],
])("%s %s", (service, operation, result, expected) => {
  expect(exchange(service, operation, {}, result)?.responseElements).toEqual(expected);
});

test("the instance is found by its name", () => {
  const record = exchange("rds", "DeleteDBInstance", {}, "<DBInstance/>");
  expect(record?.responseElements).toBeNull();
});
