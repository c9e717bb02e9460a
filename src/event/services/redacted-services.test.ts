import { describe, expect, test } from "vitest";
import type { Json } from "../../aws/tree.ts";
import { form, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

/** No record of any of these may say it. */
const SECRET = "verysecret";
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

function queryExchange(service: string, operation: string, parameters: Record<string, string>): WireFixture {
  return {
    ...jsonExchange("sfn", "ListActivities", {}),
    service,
    operation,
    protocol: "awsQuery",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form({ Action: operation, Version: "1", ...parameters }),
    answer: { status: 200, body: `<${operation}Response/>` },
  };
}

describe("JSON services", () => {
  test.each<[string, string, Json, Json, Json]>([
    [
      "ssm",
      "PutParameter",
      { Name: "p", Value: SECRET, Type: "SecureString" },
      { Version: 1 },
      { name: "p", value: hidden, type: "SecureString" },
    ],
    [
      "ssm",
      "SendCommand",
      { DocumentName: "d", Parameters: { commands: [SECRET] } },
      {},
      { documentName: "d", parameters: hidden, interactive: false },
    ],
    ["ssm", "StartSession", { Target: "i-1" }, { SessionId: "s", TokenValue: SECRET, StreamUrl: SECRET }, { target: "i-1" }],
    [
      "ecs",
      "RegisterTaskDefinition",
      {
        family: "f",
        containerDefinitions: [
          { name: "c", environment: [{ name: "A", value: SECRET }], secrets: [{ name: "B", valueFrom: SECRET }] },
        ],
      },
      { taskDefinition: { containerDefinitions: [{ environment: [{ name: "A", value: SECRET }] }] } },
      { family: "f", containerDefinitions: [{ name: "c", environment: [{ name: hidden }], secrets: [{ name: "B" }] }] },
    ],
    [
      "codebuild",
      "StartBuild",
      { projectName: "p", environmentVariablesOverride: [{ name: "A", value: SECRET }], buildspecOverride: SECRET },
      { build: { environment: { environmentVariables: [{ name: "A", value: SECRET }] } } },
      { projectName: "p", environmentVariablesOverride: [{ name: "A", value: "***" }], buildspecOverride: "***" },
    ],
    [
      "athena",
      "StartQueryExecution",
      { QueryString: SECRET, WorkGroup: "w" },
      {},
      { queryString: "***OMITTED***", workGroup: "w" },
    ],
    [
      "kinesis",
      "PutRecord",
      { StreamName: "s", Data: "dmVyeXNlY3JldA==", PartitionKey: SECRET },
      {},
      { streamName: "s", partitionKey: hidden },
    ],
    ["firehose", "PutRecord", { DeliveryStreamName: "d", Record: { Data: "dmVyeXNlY3JldA==" } }, {}, { deliveryStreamName: "d" }],
    [
      "glue",
      "CreateConnection",
      { ConnectionInput: { Name: "c", ConnectionProperties: { USERNAME: "u", PASSWORD: SECRET } } },
      {},
      { connectionInput: { name: "c", connectionProperties: { USERNAME: "u", PASSWORD: hidden } } },
    ],
    ["sfn", "StartExecution", { stateMachineArn: "arn:m", input: SECRET }, {}, { stateMachineArn: "arn:m", input: hidden }],
    [
      "cloudwatch-logs",
      "PutLogEvents",
      { logGroupName: "g", logStreamName: "s", logEvents: [{ timestamp: 1, message: SECRET }] },
      {},
      { logGroupName: "g", logStreamName: "s" },
    ],
    ["organizations", "CreateAccount", { Email: SECRET, AccountName: SECRET }, {}, { email: "****", accountName: "****" }],
    [
      "api-gateway",
      "CreateDomainName",
      { domainName: "x.example.com", certificateBody: "c", certificatePrivateKey: SECRET },
      {},
      {
        createDomainNameInput: { domainName: "x.example.com", certificateBody: "c", certificatePrivateKey: hidden },
        template: false,
      },
    ],
    [
      "cognito-identity-provider",
      "CreateIdentityProvider",
      { UserPoolId: "p", ProviderDetails: { client_secret: SECRET }, AttributeMapping: { username: "sub" } },
      {},
      { userPoolId: "p", providerDetails: hidden, attributeMapping: { username: "sub" } },
    ],
    ["redshift-data", "ExecuteStatement", { Sql: SECRET, Database: "d" }, {}, { sql: "***OMITTED***", database: "d" }],
    [
      "emr",
      "RunJobFlow",
      { Name: "n", Steps: [{ Name: "s", HadoopJarStep: { Jar: "j", Args: [SECRET] } }] },
      {},
      { name: "n", steps: [{ name: "s", hadoopJarStep: { jar: "j", args: hidden } }] },
    ],
    [
      "directory-service",
      "EnableRadius",
      { DirectoryId: "d", RadiusSettings: { SharedSecret: SECRET } },
      {},
      { directoryId: "d", radiusSettings: { sharedSecret: hidden } },
    ],
    [
      "database-migration-service",
      "CreateEndpoint",
      { EndpointIdentifier: "e", Password: SECRET, KafkaSettings: { SaslPassword: SECRET } },
      {},
      { endpointIdentifier: "e", password: hidden, kafkaSettings: { saslPassword: hidden } },
    ],
    [
      "comprehend",
      "BatchDetectSentiment",
      { TextList: [SECRET], LanguageCode: "en" },
      {},
      { textList: hidden, languageCode: "en" },
    ],
    [
      "translate",
      "TranslateText",
      { Text: SECRET, SourceLanguageCode: "en", TargetLanguageCode: "de" },
      { TranslatedText: SECRET },
      { text: hidden, sourceLanguageCode: "en", targetLanguageCode: "de" },
    ],
    ["polly", "SynthesizeSpeech", { Text: SECRET, VoiceId: "Joanna" }, {}, { text: hidden, voiceId: "Joanna" }],
    ["rekognition", "DetectFaces", { Image: { Bytes: "dmVyeXNlY3JldA==" } }, {}, { image: {} }],
    ["textract", "DetectDocumentText", { Document: { Bytes: "dmVyeXNlY3JldA==" } }, {}, { document: {} }],
    [
      "swf",
      "RespondDecisionTaskCompleted",
      {
        taskToken: SECRET,
        decisions: [{ decisionType: "d", scheduleActivityTaskDecisionAttributes: { activityId: "a", input: SECRET } }],
      },
      {},
      {
        taskToken: hidden,
        decisions: [{ decisionType: "d", scheduleActivityTaskDecisionAttributes: { activityId: "a", input: hidden } }],
      },
    ],
    ["cloudcontrol", "CreateResource", { TypeName: "T", DesiredState: SECRET }, {}, { typeName: "T", desiredState: hidden }],
  ])("%s %s", (service, operation, body, answer, shown) => {
    const [record] = recordsOf(jsonExchange(service, operation, body, answer));
    expect(record?.requestParameters).toEqual(shown);
    expect(JSON.stringify(record)).not.toMatch(/verysecret|dmVyeX/);
  });
});

describe("services that the catalogue lacks", () => {
  test.each<[string, string, Json, Json]>([
    [
      "elasticbeanstalk",
      "CreateEnvironment",
      { EnvironmentName: "e", OptionSettings: [{ OptionName: "o", Value: SECRET }] },
      { environmentName: "e", optionSettings: [{ optionName: "o", value: hidden }] },
    ],
    [
      "airflow",
      "PUT /environments/e",
      { AirflowConfigurationOptions: { key: SECRET } },
      { airflowConfigurationOptions: { key: hidden } },
    ],
  ])("%s %s", (service, operation, body, shown) => {
    const [record] = recordsOf({ ...jsonExchange("sfn", "ListActivities", body), service, operation });
    expect(record?.requestParameters).toEqual(shown);
    expect(JSON.stringify(record)).not.toContain(SECRET);
  });
});

describe("query services", () => {
  test.each<[string, string, Record<string, string>, Json]>([
    [
      "rds",
      "CreateDBInstance",
      { DBInstanceIdentifier: "db", MasterUsername: "admin", MasterUserPassword: SECRET },
      { dBInstanceIdentifier: "db", masterUsername: "admin", masterUserPassword: hidden },
    ],
    [
      "redshift",
      "CreateCluster",
      { ClusterIdentifier: "c", MasterUserPassword: SECRET },
      { clusterIdentifier: "c", masterUserPassword: hidden },
    ],
    [
      "elasticache",
      "CreateReplicationGroup",
      { ReplicationGroupId: "r", AuthToken: SECRET },
      { replicationGroupId: "r", authToken: hidden },
    ],
    [
      "cloudformation",
      "CreateStack",
      {
        StackName: "s",
        TemplateURL: "https://b/t",
        TemplateBody: SECRET,
        "Parameters.member.1.ParameterKey": "K",
        "Parameters.member.1.ParameterValue": SECRET,
      },
      { stackName: "s", templateURL: "https://b/t", parameters: [{ parameterKey: "K" }] },
    ],
    ["cloudformation", "ValidateTemplate", { TemplateURL: "https://b/t", TemplateBody: SECRET }, { templateURL: "https://b/t" }],
    [
      "ses",
      "SendEmail",
      { Source: "a@example.com", "Message.Subject.Data": SECRET, "Message.Body.Text.Data": SECRET },
      { source: "a@example.com", message: hidden },
    ],
  ])("%s %s", (service, operation, parameters, shown) => {
    const [record] = recordsOf(queryExchange(service, operation, parameters));
    expect(record?.requestParameters).toEqual(shown);
    expect(JSON.stringify(record)).not.toContain(SECRET);
  });
});

test("a certificate's private key", () => {
  const body = { Certificate: "cGVt", PrivateKey: Buffer.from(SECRET).toString("base64"), CertificateArn: "arn:c" };
  const [record] = recordsOf(jsonExchange("acm", "ImportCertificate", body, { CertificateArn: "arn:c" }));
  expect(record?.requestParameters).toEqual({ certificateArn: "arn:c" });
});
