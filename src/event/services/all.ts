import type { ServiceRules } from "../service-rules.ts";
import { apiGateway } from "./api-gateway.ts";
import { cloudwatch } from "./cloudwatch.ts";
import { cognitoIdentity } from "./cognito-identity.ts";
import { cognitoIdentityProvider } from "./cognito-identity-provider.ts";
import { databaseAnswers, databaseServices } from "./database-answers.ts";
import { dynamodb } from "./dynamodb.ts";
import { DynamodbTables } from "./dynamodb-tables.ts";
import { ec2 } from "./ec2.ts";
import { eventbridge } from "./eventbridge.ts";
import { iam } from "./iam.ts";
import { kms } from "./kms.ts";
import { lambda } from "./lambda.ts";
import { lookupResources } from "./lookup-resources.ts";
import { namedResourceServices, resourcesByName } from "./resources-by-name.ts";
import { route53 } from "./route-53.ts";
import { s3 } from "./s3.ts";
import { s3Control } from "./s3-control.ts";
import { secretsManager } from "./secrets-manager.ts";
import { sns } from "./sns.ts";
import { sqs } from "./sqs.ts";
import { ssm } from "./ssm.ts";
import { sts } from "./sts.ts";
import { lookupServices } from "../../aws/catalogue/facts/lookup-members.ts";

export interface ServiceRulesOptions {
  /** What is known of tables; whoever hands it in lets it learn from finished calls. Nothing is known unless given. */
  readonly tables?: DynamodbTables;
}

/** The rules of every service that departs from the general pipeline, by catalogue id. */
export function createServiceRules({ tables = new DynamodbTables() }: ServiceRulesOptions = {}): ReadonlyMap<
  string,
  ServiceRules
> {
  const own = new Map<string, ServiceRules>([
    ...namedResourceServices.map((serviceId): [string, ServiceRules] => [serviceId, { resources: resourcesByName }]),
    ...databaseServices.map((serviceId): [string, ServiceRules] => [serviceId, databaseAnswers]),
    ["api-gateway", apiGateway],
    ["cloudwatch", cloudwatch],
    ["cognito-identity", cognitoIdentity],
    ["cognito-identity-provider", cognitoIdentityProvider],
    ["dynamodb", dynamodb(tables)],
    ["ec2", ec2],
    ["eventbridge", eventbridge],
    ["iam", iam],
    ["kms", kms],
    ["lambda", lambda],
    ["route-53", route53],
    ["s3", s3],
    ["s3-control", s3Control],
    ["secrets-manager", secretsManager],
    ["sns", sns],
    ["sqs", sqs],
    ["ssm", ssm],
    ["sts", sts],
  ]);
  // Services of which no more is known than which members name their resources.
  const ids = new Set([...own.keys(), ...lookupServices]);
  return new Map([...ids].map((serviceId) => [serviceId, { lookupResources, ...own.get(serviceId) }]));
}

/** The same, without anything learned of tables. */
export const serviceRules: ReadonlyMap<string, ServiceRules> = createServiceRules();
