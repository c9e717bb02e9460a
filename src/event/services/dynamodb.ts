import { isDataOperation } from "../../aws/catalogue/facts/data-events.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { dynamodbParameters } from "./dynamodb-parameters.ts";
import { tableArn, type DynamodbTables } from "./dynamodb-tables.ts";
import { orNull } from "./json-object.ts";
import { partiqlTable } from "./partiql.ts";
import { listAt, namesAt, textAt, valueAt } from "./read-tree.ts";
import { recordResources } from "./record-resource.ts";

/** Source: Amazon DynamoDB Developer Guide, "Logging DynamoDB operations by using AWS CloudTrail". */
export function dynamodb(tables: DynamodbTables): ServiceRules {
  return {
    requestParameters: (call, general) => {
      const parameters = dynamodbParameters(call, general, tables);
      return parameters === null ? null : orNull(parameters);
    },
    // Items are never shown, whether they were asked for or come back from a change.
    responseElements: (call, general) => (isDataOperation("dynamodb", call.operationName) ? null : general),
    resources: (call) => (isDataOperation("dynamodb", call.operationName) ? tableResources(call, tables) : undefined),
  };
}

function tableResources(call: ApiCall, tables: DynamodbTables): readonly RecordResource[] | undefined {
  const arns = tableNames(call)
    .map((name) => tableArn(call, name))
    .filter((arn) => arn !== undefined);
  const found = recordResources(call, "AWS::DynamoDB::Table", arns);
  const streams = recordResources(
    call,
    "AWS::DynamoDB::Stream",
    arns.map((arn) => tables.streamArn(arn)),
  );
  return found === undefined ? undefined : [...found, ...(streams ?? [])];
}

function tableNames({ input, operationName }: ApiCall): readonly (string | undefined)[] {
  switch (operationName) {
    case "BatchGetItem":
    case "BatchWriteItem":
      return namesAt(input, "RequestItems");
    case "TransactGetItems":
    case "TransactWriteItems":
      return listAt(input, "TransactItems").map((item) => textAt(valueAt(item, namesAt(item)[0] ?? ""), "TableName"));
    case "ExecuteStatement":
      return [statementTable(input)];
    case "BatchExecuteStatement":
      return listAt(input, "Statements").map(statementTable);
    case "ExecuteTransaction":
      return listAt(input, "TransactStatements").map(statementTable);
    default:
      return [textAt(input, "TableName")];
  }
}

function statementTable(holder: Parameters<typeof textAt>[0]): string | undefined {
  return partiqlTable(textAt(holder, "Statement") ?? "");
}
