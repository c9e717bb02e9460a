/** A rule of what a record must not show. */
export interface Redaction {
  /** `request`: in requestParameters; `response`: in responseElements. */
  readonly in: "request" | "response" | "both";
  /**
   * Where, in the record's own member names. Segments are joined by dots: a name with `[]` goes into every list element
   * (`entries[].detail`), `*` into every value of a map (`environment.*`), `**` to any depth, zero included; after `**` a
   * name matches with its first letter in either case, for the services that keep theirs as modelled.
   */
  readonly path: string;
  /** `drop`: the member goes; `empty`: it stays as `{}` (`[]` for a list); `replace`: the text stands in place of the value. */
  readonly action: "drop" | "empty" | { readonly replace: string };
}

/** What AWS writes in place of most values that it will not show. */
export const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

export interface RedactionOptions {
  /** AWS records STS session tokens in full; whoever reads the record could then act as their owner. */
  readonly showSessionTokens?: boolean;
}

const rules = (action: Redaction["action"], paths: readonly string[]): readonly Redaction[] =>
  paths.map((path) => {
    const side = /^(request|response):/.exec(path)?.[1];
    if (side === "request" || side === "response") return { in: side, path: path.slice(side.length + 1), action };
    return { in: "both", path, action };
  });
const hide = (...paths: string[]) => rules({ replace: hidden }, paths);
const drop = (...paths: string[]) => rules("drop", paths);
const empty = (...paths: string[]) => rules("empty", paths);
const write = (replace: string, ...paths: string[]) => rules({ replace }, paths);

/** Members that hold a secret wherever they stand. AWS drops secret keys; the rest is hidden as it does elsewhere. */
const everywhere: readonly Redaction[] = [
  ...drop("**.secretAccessKey"),
  ...hide(
    "**.password",
    "**.masterUserPassword",
    "**.masterPassword",
    "**.adminUserPassword",
    "**.adminPassword",
    "**.userPassword",
    "**.newPassword",
    "**.oldPassword",
    "**.currentPassword",
    "**.previousPassword",
    "**.proposedPassword",
    "**.temporaryPassword",
    "**.clientSecret",
    "**.privateKey",
    "**.privateKeyPassphrase",
    "**.passphrase",
    "**.authToken",
    "**.bearerToken",
    "**.refreshToken",
    "**.oAuthToken",
    "**.oauthToken",
    "**.personalAccessToken",
    "**.kerberosPassword",
    "**.sharedSecret",
    "**.preSharedKey",
    "**.secretKey",
    "**.cADPrivateKey",
    "**.bindPassword",
    "**.saslPassword",
    "**.sslClientKeyPassword",
    "**.truststorePassword",
    "**.keystorePassword",
    "**.tlsCertificatePrivateKey",
    "**.certificatePrivateKey",
  ),
];

/** Shown by AWS in full; hidden here unless the operator asks (`RedactionOptions.showSessionTokens`). */
const sessionTokens: readonly Redaction[] = hide("**.sessionToken");

/** What the databases themselves answer in the password's place; detections look for the asterisks. */
const maskedPassword = write("****", "response:**.masterUserPassword");

const codeBuildEnvironment = [
  ...write("***", "**.buildspec", "**.buildspecOverride", "**.environmentVariables[].value"),
  ...write("***", "**.environmentVariablesOverride[].value", "**.exportedEnvironmentVariables[].value"),
];
const ecsContainers = [
  ...drop("**.containerDefinitions[].environment[].value", "**.containerDefinitions[].secrets[].valueFrom"),
  ...drop("**.containerOverrides[].environment[].value", "**.containerDefinitions[].repositoryCredentials"),
  ...drop("**.containerDefinitions[].logConfiguration.secretOptions[].valueFrom"),
];
const athenaText = write("***OMITTED***", "**.queryString", "**.queryStatement", "**.executionParameters", "**.query");
const cognitoSecrets = hide(
  "**.userAttributes",
  "**.clientMetadata",
  "**.validationData",
  "**.authParameters",
  "**.challengeParameters",
  "**.challengeResponses",
  "**.secretHash",
  "**.session",
  "**.accessToken",
  "**.idToken",
  "**.secretCode",
  "**.confirmationCode",
  "**.userCode",
  "**.credential",
  "**.credentialCreationOptions",
  "**.providerDetails",
  "**.attributes",
  "**.userContextData",
  "**.contextData",
  "**.analyticsMetadata",
  "**.deviceSecretVerifierConfig",
  "**.newDeviceMetadata",
  // Not in the map of attributes of an identity provider, where it is the name of one.
  "username",
  "user.username",
  "**.token",
);
const emailContent = hide(
  "**.content",
  "**.message",
  "**.rawMessage",
  "**.defaultContent",
  "**.bulkEmailEntries",
  "**.templateData",
  "**.defaultTemplateData",
  "**.destination",
  "**.destinations",
  "**.replacementTemplateData",
);
const jobArguments = hide("**.defaultArguments.*", "**.arguments.*", "**.nonOverridableArguments.*");

/** Operation `*`: every operation of the service. */
const table: Readonly<Record<string, Readonly<Record<string, readonly Redaction[]>>>> = {
  iam: {
    // Dropped, not hidden: no record of these calls has the member.
    CreateLoginProfile: drop("request:password"),
    UpdateLoginProfile: drop("request:password"),
    ChangePassword: drop("oldPassword", "newPassword"),
    UploadServerCertificate: drop("request:privateKey"),
    CreateServiceSpecificCredential: drop("**.servicePassword", "**.serviceCredentialSecret"),
    ResetServiceSpecificCredential: drop("**.servicePassword", "**.serviceCredentialSecret"),
    CreateVirtualMFADevice: drop("**.base32StringSeed", "**.qRCodePNG"),
    EnableMFADevice: drop("authenticationCode1", "authenticationCode2"),
    ResyncMFADevice: drop("authenticationCode1", "authenticationCode2"),
    CreateSAMLProvider: drop("addPrivateKey"),
    UpdateSAMLProvider: drop("addPrivateKey"),
  },
  sts: {
    "*": drop("webIdentityToken", "sAMLAssertion", "tokenCode", "tradeInToken"),
    GetWebIdentityToken: drop("response:webIdentityToken"),
    DecodeAuthorizationMessage: drop("response:decodedMessage"),
  },
  "secrets-manager": {
    "*": drop("**.secretString", "**.secretBinary", "response:randomPassword", "**.secretValues"),
  },
  kms: {
    "*": drop(
      "plaintext",
      "ciphertextBlob",
      "message",
      "signature",
      "mac",
      "privateKeyPlaintext",
      "privateKeyCiphertextBlob",
      "sharedSecret",
      "ciphertextForRecipient",
      "encryptedKeyMaterial",
      "importToken",
      // Whoever holds it may use the grant before it has spread.
      "grantToken",
      "grantTokens",
      "keyStorePassword",
      "xksProxyAuthenticationCredential",
    ),
    GetKeyPolicy: drop("response:policy"),
  },
  lambda: {
    "*": [...empty("**.environment"), ...drop("**.zipFile")],
    CreateFunction: empty("request:code"),
    GetFunction: drop("response:code.location"),
    Invoke: drop("payload", "logResult"),
    InvokeAsync: drop("invokeArgs"),
    InvokeWithResponseStream: drop("payload", "eventStream"),
  },
  ssm: {
    PutParameter: hide("request:value"),
    "*": [
      ...hide("response:parameter.value", "response:parameters[].value"),
      ...hide("response:standardOutputContent", "response:standardErrorContent"),
      ...drop("response:streamUrl"),
      ...write("Value hidden due to security reasons.", "response:tokenValue"),
    ],
    SendCommand: [...hide("request:parameters"), ...hide("response:command.parameters")],
    StartSession: hide("request:parameters"),
    StartAutomationExecution: hide("request:parameters"),
    StartChangeRequestExecution: hide("request:parameters", "request:runbooks[].parameters"),
    CreateAssociation: hide("**.parameters"),
    UpdateAssociation: hide("**.parameters"),
    CreateAssociationBatch: hide("**.parameters"),
    RegisterTaskWithMaintenanceWindow: hide("**.taskParameters", "**.taskInvocationParameters"),
    UpdateMaintenanceWindowTask: hide("**.taskParameters", "**.taskInvocationParameters"),
    CreateActivation: drop("response:activationCode"),
  },
  rds: { "*": [...hide("**.masterUserPassword", "**.tdeCredentialPassword"), ...maskedPassword] },
  "docdb-elastic": { "*": hide("**.adminUserPassword") },
  redshift: {
    "*": [...hide("**.masterUserPassword", "**.dbPassword", "**.hsmPartitionPassword"), ...maskedPassword],
    GetClusterCredentials: drop("response:dbPassword"),
    GetClusterCredentialsWithIAM: drop("response:dbPassword"),
  },
  "redshift-serverless": { "*": hide("**.adminUserPassword", "**.dbPassword") },
  "redshift-data": {
    "*": [...write("***OMITTED***", "**.sql", "**.sqls", "**.queryString", "**.queryStrings"), ...hide("**.parameters")],
  },
  "rds-data": {
    "*": [
      ...hide("sql", "sqlStatements", "parameters", "parameterSets", "records", "formattedRecords", "generatedFields"),
      ...hide("updateResults", "sqlStatementResults"),
    ],
  },
  elasticache: { "*": hide("**.authToken", "**.passwords") },
  memorydb: { "*": hide("**.passwords") },
  "database-migration-service": {
    "*": hide(
      "**.password",
      "**.asmPassword",
      "**.securityDbEncryption",
      "**.sslClientKeyPassword",
      "**.certificatePem",
      "**.certificateWallet",
    ),
  },
  mq: { "*": hide("**.password", "**.serviceAccountPassword") },
  dynamodb: {
    // Names of attributes, keys and statements without their literals are put back by the service's own rules.
    "*": drop(
      "item",
      "key",
      "statement",
      "statements",
      "transactStatements",
      "transactItems",
      "requestItems",
      "expressionAttributeValues",
      "expected",
      "attributeUpdates",
      "queryFilter",
      "scanFilter",
      "keyConditions",
      "exclusiveStartKey",
      "parameters",
      "response:attributes",
      "response:items",
      "response:responses",
      "response:lastEvaluatedKey",
      "response:unprocessedItems",
      "response:unprocessedKeys",
      "response:itemCollectionMetrics",
    ),
  },
  "dynamodb-streams": { GetRecords: drop("response:records") },
  sns: {
    Publish: hide("message", "subject", "messageAttributes", "phoneNumber", "messageStructure"),
    PublishBatch: hide(
      "publishBatchRequestEntries[].message",
      "publishBatchRequestEntries[].subject",
      "publishBatchRequestEntries[].messageAttributes",
    ),
    ConfirmSubscription: hide("token"),
    CreatePlatformApplication: hide("attributes.PlatformCredential", "attributes.PlatformPrincipal"),
    SetPlatformApplicationAttributes: hide("attributes.PlatformCredential", "attributes.PlatformPrincipal"),
    CreatePlatformEndpoint: hide("token", "customUserData"),
    SetEndpointAttributes: hide("attributes.Token", "attributes.CustomUserData"),
    VerifySMSSandboxPhoneNumber: hide("oneTimePassword"),
  },
  sqs: {
    SendMessage: [...hide("request:messageBody"), ...empty("request:messageAttributes", "request:messageSystemAttributes")],
    SendMessageBatch: [
      ...hide("request:entries[].messageBody"),
      ...empty("request:entries[].messageAttributes", "request:entries[].messageSystemAttributes"),
    ],
    ReceiveMessage: hide("request:messageAttributeNames[]"),
  },
  eventbridge: {
    PutEvents: hide("request:entries[].detail"),
    PutPartnerEvents: hide("request:entries[].detail"),
    TestEventPattern: hide("event"),
    PutTargets: hide("**.input"),
    CreateConnection: hide("**.authParameters"),
    UpdateConnection: hide("**.authParameters"),
  },
  scheduler: { "*": hide("target.input") },
  pipes: { "*": hide("**.inputTemplate", "**.environment[].value") },
  kinesis: {
    PutRecord: [...drop("data"), ...hide("explicitHashKey", "partitionKey")],
    PutRecords: [...drop("records[].data"), ...hide("records[].explicitHashKey", "records[].partitionKey")],
    GetRecords: drop("response:records"),
  },
  firehose: {
    PutRecord: drop("record"),
    PutRecordBatch: drop("records"),
    "*": hide("**.accessKey", "**.hECToken", "**.privateKey", "**.keyPassphrase"),
  },
  "iot-data-plane": { "*": drop("payload", "userProperties", "correlationData") },
  iot: { "*": [...drop("**.keyPair", "**.privateKey"), ...hide("**.salesforce.token", "**.http.headers[].value")] },
  athena: { "*": athenaText },
  "cloudwatch-logs": {
    PutLogEvents: drop("logEvents"),
    TestMetricFilter: hide("logEventMessages"),
    TestTransformer: hide("logEventMessages"),
  },
  "cloudtrail-data": { PutAuditEvents: hide("auditEvents[].eventData") },
  cloudformation: {
    // Only the names of parameters: a NoEcho value looks like any other on the wire.
    "*": drop(
      "parameters[].parameterValue",
      "parameters[].resolvedValue",
      "parameterOverrides[].parameterValue",
      "request:templateBody",
    ),
    SetTypeConfiguration: hide("configuration"),
  },
  cloudcontrol: { "*": hide("desiredState", "patchDocument", "**.resourceModel", "**.properties") },
  ecs: {
    "*": ecsContainers,
    ExecuteCommand: [...hide("command"), ...drop("response:session.tokenValue", "response:session.streamUrl")],
  },
  batch: { "*": drop("**.environment[].value", "**.secrets[].valueFrom") },
  apprunner: { "*": hide("**.runtimeEnvironmentVariables.*", "**.runtimeEnvironmentSecrets.*") },
  "elastic-beanstalk": { "*": hide("**.optionSettings[].value") },
  amplify: {
    "*": hide(
      "**.environmentVariables.*",
      "**.basicAuthCredentials",
      "**.accessToken",
      "**.oauthToken",
      "**.buildSpec",
      // Whoever knows these may use them.
      "**.zipUploadUrl",
      "**.fileUploadUrls",
      "**.webhookUrl",
    ),
  },
  codebuild: {
    "*": codeBuildEnvironment,
    ImportSourceCredentials: hide("token", "username"),
    CreateWebhook: hide("response:webhook.secret"),
    UpdateWebhook: hide("response:webhook.secret"),
  },
  codepipeline: {
    "*": hide(
      "**.configuration.OAuthToken",
      "**.authenticationConfiguration.secretToken",
      "**.artifactCredentials",
      "**.variables[].value",
    ),
  },
  codecommit: {
    PutFile: drop("fileContent"),
    CreateCommit: drop("putFiles[].fileContent"),
    GetFile: drop("response:fileContent"),
    GetBlob: drop("response:content"),
  },
  glue: {
    "*": [
      ...hide("**.connectionProperties.PASSWORD", "**.connectionProperties.ENCRYPTED_PASSWORD"),
      ...hide("**.connectionProperties.SECRET_ID", "**.connectionProperties.KAFKA_SASL_SCRAM_PASSWORD"),
      ...hide("**.connectionProperties.KAFKA_SASL_PLAIN_PASSWORD", "**.connectionProperties.ENCRYPTED_KAFKA_SASL_SCRAM_PASSWORD"),
      ...hide("**.connectionProperties.KAFKA_CLIENT_KEY_PASSWORD", "**.connectionProperties.KAFKA_CLIENT_KEYSTORE_PASSWORD"),
      ...hide("**.basicAuthenticationCredentials", "**.customAuthenticationCredentials", "**.oAuth2Credentials"),
      ...hide("**.authorizationCode", "**.userManagedClientApplicationClientSecret"),
      ...jobArguments,
    ],
    RunStatement: hide("code"),
  },
  sfn: {
    "*": hide("request:input", "output", "cause", "variables", "inspectionData"),
    DescribeExecution: hide("response:input", "response:output"),
    StartSyncExecution: hide("input", "output"),
    GetActivityTask: hide("input", "taskToken"),
    SendTaskSuccess: hide("taskToken"),
    SendTaskFailure: hide("taskToken", "error"),
    SendTaskHeartbeat: hide("taskToken"),
  },
  swf: { "*": hide("**.input", "**.result", "**.details", "taskToken", "executionContext", "**.control") },
  acm: {
    ImportCertificate: drop("privateKey", "certificate", "certificateChain"),
    ExportCertificate: drop("**.privateKey", "passphrase"),
  },
  "acm-pca": { "*": drop("csr", "certificate", "certificateChain") },
  "api-gateway": {
    "*": hide("**.apiKey", "**.authorizerCredentials"),
    CreateApiKey: hide("value"),
    ImportApiKeys: drop("body"),
    TestInvokeMethod: drop("body", "headers", "multiValueHeaders"),
    TestInvokeAuthorizer: drop("body", "headers", "multiValueHeaders"),
  },
  appsync: {
    "*": hide("**.apiKey.id", "**.authorizationConfig.awsIamConfig", "environmentVariables.*"),
    // The identifier of a key is the key.
    UpdateApiKey: hide("request:id"),
    DeleteApiKey: hide("request:id"),
    EvaluateCode: hide("context"),
    EvaluateMappingTemplate: hide("context"),
  },
  ses: { "*": emailContent },
  sesv2: { "*": emailContent, PutEmailIdentityDkimSigningAttributes: hide("**.domainSigningPrivateKey") },
  pinpoint: {
    "*": hide(
      "**.messageRequest",
      "**.sendUsersMessageRequest",
      "**.messageConfiguration",
      "**.customDeliveryConfiguration",
      "**.emailTemplateRequest",
      "**.inAppTemplateRequest",
      "**.pushNotificationTemplateRequest",
      "**.sMSTemplateRequest",
      "**.voiceTemplateRequest",
      "**.sendOTPMessageRequestParameters",
      "**.verifyOTPMessageRequestParameters",
      "**.numberValidateRequest",
      "**.eventsRequest",
      "**.endpointRequest",
      "**.endpointBatchRequest",
      // Answers name the addresses that were written to.
      "response:messageResponse",
      "response:sendUsersMessageResponse",
      "response:eventsResponse",
      "**.aPIKey",
      "**.apiKey",
      "**.serviceJson",
      "**.certificate",
      "**.token",
      "**.defaultAuthenticationMethod",
    ),
  },
  "pinpoint-sms-voice-v2": { "*": hide("messageBody", "destinationPhoneNumber", "verificationCode") },
  "bedrock-runtime": {
    "*": [
      ...drop("body", "messages", "system", "toolConfig", "content", "modelInput", "promptVariables", "output", "outputs"),
      ...drop("request:additionalModelRequestFields", "response:additionalModelResponseFields", "stream", "trace", "assessments"),
    ],
  },
  "bedrock-agent-runtime": {
    "*": [
      ...hide("inputText", "retrievalQuery", "instruction", "inlineSessionState", "sessionState", "inputs", "input"),
      ...hide("promptOverrideConfiguration", "queryGenerationInput", "queries", "sources", "**.textPromptTemplate"),
      ...drop("completion", "responseStream", "retrievalResults", "output", "citations", "payload", "memoryContents"),
      ...drop("messages", "stream", "optimizedPrompt", "response:results"),
    ],
  },
  "bedrock-agent": {
    "*": hide(
      "**.instruction",
      "**.collaborationInstruction",
      "**.promptOverrideConfiguration",
      "**.parsingPromptText",
      "**.textPromptTemplate",
      "**.templateConfiguration",
      "**.documents[].content",
    ),
  },
  "bedrock-agentcore": {
    "*": [...drop("payload", "response"), ...hide("**.apiKey", "**.workloadAccessToken", "**.userToken", "**.accessToken")],
  },
  "sagemaker-runtime": { "*": drop("body", "customAttributes") },
  "sagemaker-featurestore-runtime": { "*": drop("record", "records") },
  sagemaker: {
    "*": hide("**.environment.*", "**.hyperParameters.*"),
    CreatePresignedDomainUrl: hide("response:authorizedUrl"),
    CreatePresignedNotebookInstanceUrl: hide("response:authorizedUrl"),
  },
  "cognito-identity-provider": {
    "*": cognitoSecrets,
    CreateUserPoolClient: hide("**.clientSecret"),
    DescribeUserPoolClient: hide("**.clientSecret"),
  },
  // The names of the providers stay; the answers' secrets are not so much as mentioned.
  "cognito-identity": { "*": [...hide("logins.*"), ...drop("response:credentials.secretKey", "response:token")] },
  sso: { "*": hide("accessToken", "**.accessToken") },
  "sso-oidc": {
    "*": hide(
      "clientSecret",
      "accessToken",
      "refreshToken",
      "idToken",
      "code",
      "deviceCode",
      "codeVerifier",
      "assertion",
      "subjectToken",
    ),
  },
  signin: { "*": hide("**.accessToken", "**.codeVerifier", "**.code") },
  identitystore: {
    "*": hide("userName", "displayName", "name", "emails", "phoneNumbers", "addresses", "birthdate", "nickName"),
  },
  organizations: { "*": [...write("****", "email", "accountName", "**.email", "**.accountName"), ...hide("notes")] },
  account: { "*": hide("**.contactInformation", "**.alternateContact", "**.otp", "**.primaryEmail") },
  ec2: { "*": write("<sensitiveDataRemoved>", "**.userData", "**.keyMaterial", "**.passwordData", "**.preSharedKey") },
  "auto-scaling": { "*": write("<sensitiveDataRemoved>", "**.userData") },
  lightsail: {
    "*": hide(
      "**.masterUserPassword",
      "**.userData",
      "**.privateKeyBase64",
      "**.accessDetails.password",
      "**.certKey",
      "**.environment.*",
    ),
  },
  "directory-service": {
    "*": hide("password", "**.customerPassword", "**.radiusSettings.sharedSecret", "**.trustPassword", "newPassword"),
  },
  workspaces: { "*": hide("**.bundlePassword") },
  transfer: { "*": hide("**.hostKeyBody", "**.privateKey", "**.userPassword"), SendWorkflowStepState: hide("token") },
  "storage-gateway": {
    "*": hide("**.secretToAuthenticateInitiator", "**.secretToAuthenticateTarget", "**.password", "activationKey"),
  },
  appflow: { "*": hide("**.connectorProfileCredentials") },
  datasync: { "*": hide("**.password", "**.secretKey", "**.sasConfiguration", "**.kerberosKeytab", "activationKey") },
  opensearch: { "*": hide("**.masterUserOptions") },
  "elasticsearch-service": { "*": hide("**.masterUserOptions") },
  kafka: { "*": hide("**.scramSecret") },
  kafkaconnect: { "*": hide("connectorConfiguration") },
  emr: {
    "*": hide(
      "**.kerberosAttributes",
      "**.hadoopJarStep.args",
      "**.scriptBootstrapAction.args",
      "**.properties.*",
      "**.environmentVariables.*",
      "**.notebookParams",
    ),
  },
  "emr-serverless": { "*": hide("**.entryPointArguments", "**.sparkSubmitParameters", "**.properties.*") },
  "kinesis-analytics-v2": { "*": hide("**.propertyMap.*", "**.textContent", "**.textContentUpdate") },
  quicksight: { "*": hide("**.credentials", "**.embedUrl", "**.sqlQuery", "queryText") },
  connect: {
    "*": hide(
      "**.password",
      "**.identityInfo",
      "**.attributes",
      "**.segmentAttributes",
      "**.initialMessage",
      "**.initialSystemMessage",
      "**.initialTemplatedSystemMessage",
      "**.emailMessage",
      "**.destinationEmailAddress",
      "**.fromEmailAddress",
      "**.additionalRecipients",
      "**.destinationPhoneNumber",
      "**.customerEndpoint",
      "**.destinationEndpoint",
      "**.participantToken",
      "**.participantCredentials",
      "**.connectionData",
      "**.uploadUrlMetadata",
      "**.notes",
      "**.answers",
      "**.transcript",
    ),
    SendChatIntegrationEvent: hide("event"),
    SendOutboundWebNotification: hide("content"),
  },
  appconfigdata: {
    "*": [
      ...drop("response:configuration"),
      ...hide("configurationToken", "initialConfigurationToken", "nextPollConfigurationToken"),
    ],
  },
  appconfig: { CreateHostedConfigurationVersion: drop("content"), GetConfiguration: drop("response:content") },
  "payment-cryptography-data": {
    "*": hide(
      "plainText",
      "cipherText",
      "encryptedPinBlock",
      "pinData",
      "trackData",
      "cardData",
      "primaryAccountNumber",
      "verificationData",
      "mac",
      "messageData",
    ),
  },
  chime: { "*": hide("**.secretKey", "**.token") },
  verifiedpermissions: { "*": hide("accessToken", "identityToken", "**.contextMap", "**.cedarJson", "entities") },
  ecr: { GetAuthorizationToken: drop("response:authorizationData"), UploadLayerPart: drop("layerPartBlob") },
  "ecr-public": { GetAuthorizationToken: drop("response:authorizationData"), UploadLayerPart: drop("layerPartBlob") },
  codeartifact: { GetAuthorizationToken: drop("response:authorizationToken") },
  mwaa: { "*": hide("response:cliToken", "response:webToken", "**.airflowConfigurationOptions.*", "body") },
  xray: { PutTraceSegments: drop("traceSegmentDocuments"), PutTelemetryRecords: drop("telemetryRecords") },
  cloudwatch: {
    PutMetricData: drop(
      ...["metricData", "entityMetricData[].metricData"].flatMap((list) =>
        ["value", "values", "counts", "statisticValues"].map((member) => `${list}[].${member}`),
      ),
    ),
    GetMetricData: drop("response:metricDataResults"),
  },
  "timestream-write": { WriteRecords: drop("records", "commonAttributes") },
  polly: { "*": hide("text") },
  comprehend: { "*": hide("text", "textList", "textSegments") },
  translate: { "*": hide("text", "response:translatedText") },
  textract: { "*": hide("queriesConfig") },
  rum: { PutRumEvents: drop("rumEvents", "userDetails") },
  s3vectors: { "*": drop("vectors[].data", "vectors[].metadata", "queryVector") },
  codedeploy: { "*": hide("**.content") },
  "direct-connect": { "*": hide("**.authKey", "cak") },
  "global-accelerator": { "*": hide("cidrAuthorizationContext") },
  lakeformation: { "*": [...drop("sAMLAssertion"), ...hide("queryString")] },
  mediaconvert: { "*": hide("**.staticKeyValue", "**.encryptedDecryptionKey") },
  "service-catalog": { "*": hide("**.provisioningParameters[].value", "**.outputs[].outputValue") },
  shield: { "*": hide("emergencyContactList") },
  "timestream-query": { "*": hide("queryString") },
  neptunedata: { "*": hide("gremlinQuery", "openCypherQuery", "parameters") },
  "neptune-graph": { "*": hide("queryString", "parameters") },
  cloudfront: { "*": hide("**.encodedKey", "**.comment", "**.headerValue") },
  "route-53-domains": {
    "*": hide("**.adminContact", "**.registrantContact", "**.techContact", "**.billingContact", "authCode"),
  },
  support: { "*": hide("communicationBody", "ccEmailAddresses", "**.data") },
};

const general: readonly Redaction[] = [...everywhere, ...sessionTokens];

/** With session tokens hidden; per service its operations, and under `*` all those that have no entry of their own. */
const byService: ReadonlyMap<string, ReadonlyMap<string, readonly Redaction[]>> = new Map(
  Object.entries(table).map(([serviceId, operations]) => {
    const every = [...general, ...(operations["*"] ?? [])];
    return [
      serviceId,
      new Map(Object.entries(operations).map(([name, own]) => [name, name === "*" ? every : [...every, ...own]])),
    ];
  }),
);

/** What the catalogue lacks, and operations of services that share a signing name, are known by that name. */
const bySigningName: ReadonlyMap<string, string> = new Map([
  ["airflow", "mwaa"],
  ["elasticbeanstalk", "elastic-beanstalk"],
  ["neptune-db", "neptunedata"],
  ["payment-cryptography", "payment-cryptography-data"],
  ["sms-voice", "pinpoint-sms-voice-v2"],
  ["timestream", "timestream-query"],
]);

/**
 * Every rule for an operation, the general ones first. Services that are not named have the general ones alone.
 *
 * These come after the `sensitive` trait of the models, which is neither necessary (SQS message bodies are hidden) nor
 * sufficient (CloudFormation parameters). Source: the services' own pages about logging with AWS CloudTrail.
 */
export function redactionsFor(serviceId: string, operationName: string, options: RedactionOptions = {}): readonly Redaction[] {
  const operations = byService.get(serviceId) ?? byService.get(bySigningName.get(serviceId) ?? "");
  const found = operations?.get(operationName) ?? operations?.get("*") ?? general;
  return options.showSessionTokens === true ? found.filter((rule) => !sessionTokens.includes(rule)) : found;
}
