/**
 * Which operations are data events, and the resource type that a trail selects them by. Everything that is not named
 * here is a management event.
 *
 * Sources: the AWS CloudTrail User Guide ("Logging data events"), and each service's own page about logging with
 * CloudTrail. Lines marked *unconfirmed* stand on neither: the type is documented but the page names no operations, so the
 * service's data plane was read off its API.
 */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    // HeadBucket stands among the management and the data events of S3's page; it goes with the other object-plane reads. Annotations
    // are younger than the guide's list; they belong to objects. Browsers' preflight requests go with the calls that they announce
    // (unconfirmed).
    "AWS::S3::Object": `AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject
      DeleteObjectTagging DeleteObjects GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
      GetObjectTagging GetObjectTorrent HeadObject HeadBucket ListObjectVersions ListObjects ListObjectsV2 ListParts
      PreflightRequest PutObject PostObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging RenameObject RestoreObject
      SelectObjectContent UpdateObjectEncryption UploadPart UploadPartCopy
      DeleteObjectAnnotation GetObjectAnnotation ListObjectAnnotations PutObjectAnnotation`,
    "AWS::S3Express::Object": "CreateSession",
    "AWS::S3ObjectLambda::AccessPoint": "WriteGetObjectResponse",
  },
  dynamodb: {
    "AWS::DynamoDB::Table": `BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement
      ExecuteTransaction GetItem PutItem Query Scan TransactGetItems TransactWriteItems UpdateItem`,
  },
  "dynamodb-streams": { "AWS::DynamoDB::Stream": "GetRecords GetShardIterator" },
  lambda: { "AWS::Lambda::Function": "Invoke InvokeAsync InvokeWithResponseStream InvokeExecution" },
  sns: { "AWS::SNS::Topic": "Publish PublishBatch" },
  sqs: {
    "AWS::SQS::Queue": `ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch
      GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListQueues ListQueueTags ReceiveMessage SendMessage
      SendMessageBatch`,
  },
  kinesis: { "AWS::Kinesis::Stream": "GetRecords GetShardIterator ListShards PutRecord PutRecords SubscribeToShard" },
  firehose: { "AWS::KinesisFirehose::DeliveryStream": "PutRecord PutRecordBatch" },
  eventbridge: { "AWS::Events::EventBus": "PutEvents", "AWS::Events::EventSource": "PutPartnerEvents" },
  "cognito-identity": {
    "AWS::Cognito::IdentityPool": `GetCredentialsForIdentity GetId GetOpenIdToken GetOpenIdTokenForDeveloperIdentity
      UnlinkIdentity`,
  },
  ebs: { "AWS::EC2::Snapshot": "ListSnapshotBlocks ListChangedBlocks GetSnapshotBlock PutSnapshotBlock" },
  cloudwatch: {
    "AWS::CloudWatch::Metric": "GetMetricData GetMetricWidgetImage GetMetricStatistics ListMetrics PutMetricData",
  },
  "cloudtrail-data": { "AWS::CloudTrail::Channel": "PutAuditEvents" },
  // InvokeModel and Converse, with and without stream, are management events: only the types below are selected as data.
  "bedrock-runtime": {
    "AWS::Bedrock::Model": "InvokeModelWithBidirectionalStream",
    "AWS::Bedrock::AsyncInvoke": "StartAsyncInvoke GetAsyncInvoke ListAsyncInvokes",
    "AWS::Bedrock::Guardrail": "ApplyGuardrail",
  },
  "bedrock-agent-runtime": {
    "AWS::Bedrock::AgentAlias": "InvokeAgent GetAgentMemory DeleteAgentMemory",
    "AWS::Bedrock::InlineAgent": "InvokeInlineAgent",
    "AWS::Bedrock::KnowledgeBase": "Retrieve RetrieveAndGenerate RetrieveAndGenerateStream",
    "AWS::Bedrock::FlowAlias": "InvokeFlow",
    "AWS::Bedrock::FlowExecution": "GetExecutionFlowSnapshot GetFlowExecution ListFlowExecutionEvents",
    "AWS::Bedrock::Session": `CreateInvocation EndSession GetInvocationStep GetSession ListInvocationSteps
      ListInvocations PutInvocationStep UpdateSession`,
    "AWS::Bedrock::PromptVersion": "OptimizePrompt",
  },
  "bedrock-data-automation-runtime": {
    "AWS::Bedrock::DataAutomationInvocation": "GetDataAutomationStatus",
    "AWS::Bedrock::DataAutomationProfile": "InvokeDataAutomation InvokeDataAutomationAsync",
  },
  // Unconfirmed split: the types are documented.
  "bedrock-agentcore": {
    "AWS::BedrockAgentCore::Runtime": "InvokeAgentRuntime InvokeAgentRuntimeCommand StopRuntimeSession",
    "AWS::BedrockAgentCore::Memory": `BatchCreateMemoryRecords BatchDeleteMemoryRecords BatchUpdateMemoryRecords CreateEvent
      DeleteEvent DeleteMemoryRecord GetEvent GetMemoryRecord ListActors ListEvents ListMemoryRecords ListSessions
      RetrieveMemoryRecords`,
    "AWS::BedrockAgentCore::CodeInterpreter": "InvokeCodeInterpreter StartCodeInterpreterSession StopCodeInterpreterSession",
    "AWS::BedrockAgentCore::Browser": "StartBrowserSession StopBrowserSession UpdateBrowserStream",
    "AWS::BedrockAgentCore::TokenVault": "GetResourceApiKey GetResourceOauth2Token CompleteResourceTokenAuth",
    "AWS::BedrockAgentCore::WorkloadIdentity": `GetWorkloadAccessToken GetWorkloadAccessTokenForJWT
      GetWorkloadAccessTokenForUserId`,
    "AWS::BedrockAgentCore::Evaluator": "Evaluate",
  },
  ses: {
    "AWS::SES::EmailIdentity": `SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail SendBounce
      SendCustomVerificationEmail`,
  },
  sesv2: { "AWS::SES::EmailIdentity": "SendEmail SendBulkEmail SendCustomVerificationEmail" },
  sfn: {
    "AWS::StepFunctions::Activity": "GetActivityTask SendTaskFailure SendTaskHeartbeat SendTaskSuccess",
    "AWS::StepFunctions::StateMachine": "InvokeHTTPEndpoint",
  },
  ssm: {
    "AWS::SSM::ManagedNode": "RequestManagedInstanceRoleToken",
    "AWS::SSM::ExecutionPreview": "GetExecutionPreview",
  },
  ssmmessages: { "AWS::SSMMessages::ControlChannel": "CreateControlChannel OpenControlChannel" },
  // DATA names only the streaming call; the other two would otherwise be management events, which no record shows.
  "sagemaker-runtime": { "AWS::SageMaker::Endpoint": "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream" },
  "sagemaker-runtime-http2": { "AWS::SageMaker::Endpoint": "InvokeEndpointWithBidirectionalStream" },
  "sagemaker-featurestore-runtime": { "AWS::SageMaker::FeatureGroup": "BatchGetRecord DeleteRecord GetRecord PutRecord" },
  "sagemaker-metrics": { "AWS::SageMaker::ExperimentTrialComponent": "BatchPutMetrics" },
  "rds-data": {
    "AWS::RDS::DBCluster": `BatchExecuteStatement BeginTransaction CommitTransaction ExecuteSql ExecuteStatement
      RollbackTransaction`,
  },
  xray: {
    "AWS::XRay::Trace": `BatchGetTraces GetServiceGraph GetTimeSeriesServiceStatistics GetTraceGraph GetTraceSummaries
      PutTelemetryRecords PutTraceSegments GetSamplingTargets`,
  },
  swf: {
    "AWS::SWF::Domain": `CountClosedWorkflowExecutions CountOpenWorkflowExecutions CountPendingActivityTasks
      CountPendingDecisionTasks DescribeWorkflowExecution GetWorkflowExecutionHistory ListClosedWorkflowExecutions
      ListOpenWorkflowExecutions PollForActivityTask PollForDecisionTask RecordActivityTaskHeartbeat
      RequestCancelWorkflowExecution RespondActivityTaskCanceled RespondActivityTaskCompleted RespondActivityTaskFailed
      RespondDecisionTaskCompleted SignalWorkflowExecution StartWorkflowExecution TerminateWorkflowExecution`,
  },
  "timestream-write": {
    "AWS::Timestream::Table": "WriteRecords",
    "AWS::Timestream::RegionalEndpoint": "DescribeEndpoints",
  },
  "timestream-query": {
    "AWS::Timestream::Table": "Query PrepareQuery CancelQuery",
    "AWS::Timestream::RegionalEndpoint": "DescribeEndpoints",
  },
  keyspacesstreams: { "AWS::Cassandra::Stream": "GetRecords GetShardIterator" },
  appconfig: { "AWS::AppConfig::Configuration": "GetConfiguration" },
  appconfigdata: { "AWS::AppConfig::Configuration": "GetLatestConfiguration StartConfigurationSession" },
  "iot-data-plane": {
    "AWS::IoT::Thing": "DeleteThingShadow GetThingShadow ListNamedShadowsForThing UpdateThingShadow",
    // The last three are younger than the guide's list (unconfirmed).
    "AWS::IoT::Certificate": `DeleteConnection GetRetainedMessage ListRetainedMessages Publish GetConnection
      ListSubscriptions SendDirectMessage`,
  },
  servicediscovery: { "AWS::ServiceDiscovery::Service": "DiscoverInstances DiscoverInstancesRevision" },
  verifiedpermissions: {
    "AWS::VerifiedPermissions::PolicyStore": "BatchIsAuthorized BatchIsAuthorizedWithToken IsAuthorized IsAuthorizedWithToken",
  },
  "kinesis-video-archived-media": {
    "AWS::KinesisVideo::Stream": `GetClip GetDASHStreamingSessionURL GetHLSStreamingSessionURL GetImages
      GetMediaForFragmentList ListFragments`,
  },
  "kinesis-video-media": { "AWS::KinesisVideo::Stream": "GetMedia PutMedia" },
  "kinesis-video-signaling": { "AWS::KinesisVideo::SignalingChannel": "GetIceServerConfig SendAlexaOfferToMaster" },
  "kinesis-video-webrtc-storage": { "AWS::KinesisVideo::SignalingChannel": "JoinStorageSession JoinStorageSessionAsViewer" },
  mwaa: { "AWS::MWAA::Environment": "CreateCliToken CreateWebLoginToken InvokeRestApi PublishMetrics" },
  signer: { "AWS::Signer::SigningProfile": "SignPayload", "AWS::Signer::SigningJob": "GetRevocationStatus" },
  "cloudfront-keyvaluestore": {
    "AWS::CloudFront::KeyValueStore": "DeleteKey DescribeKeyValueStore GetKey ListKeys PutKey UpdateKeys",
  },
  codeguruprofiler: { "AWS::CodeGuruProfiler::ProfilingGroup": "ConfigureAgent PostAgentProfile" },
  dataexchange: { "AWS::DataExchange::Asset": "SendApiAsset" },
  ecs: { "AWS::ECS::ContainerInstance": "Poll" },
  guardduty: { "AWS::GuardDuty::Detector": "SendSecurityTelemetry" },
  "geo-maps": { "AWS::GeoMaps::Provider": "GetGlyphs GetSprites GetStaticMap GetStyleDescriptor GetTile" },
  "geo-places": {
    "AWS::GeoPlaces::Provider": "Autocomplete Geocode GetPlace ReverseGeocode SearchNearby SearchText Suggest",
  },
  "geo-routes": {
    "AWS::GeoRoutes::Provider": "CalculateIsolines CalculateRouteMatrix CalculateRoutes OptimizeWaypoints SnapToRoads",
  },
  "kendra-ranking": { "AWS::KendraRanking::ExecutionPlan": "Rescore" },
  "machine-learning": { "AWS::MachineLearning::MlModel": "Predict" },
  "managedblockchain-query": {
    "AWS::ManagedBlockchainQuery::QueryAPI": `BatchGetTokenBalance GetAssetContract GetTokenBalance GetTransaction
      ListAssetContracts ListFilteredTransactionEvents ListTokenBalances ListTransactionEvents ListTransactions`,
  },
  "medical-imaging": {
    "AWS::MedicalImaging::Imageset": `CopyImageSet DeleteImageSet GetImageFrame GetImageSet GetImageSetMetadata
      ListImageSetVersions UpdateImageSetMetadata`,
    "AWS::MedicalImaging::Datastore": "SearchImageSets",
  },
  "neptune-graph": { "AWS::NeptuneGraph::Graph": "CancelQuery ExecuteQuery GetGraphSummary GetQuery ListQueries" },
  "payment-cryptography-data": {
    "AWS::PaymentCryptography::Key": `DecryptData EncryptData GenerateAs2805KekValidation GenerateCardValidationData
      GenerateMac GenerateMacEmvPinChange GeneratePinData ReEncryptData TranslateKeyMaterial TranslatePinData
      VerifyAuthRequestCryptogram VerifyCardValidationData VerifyMac VerifyPinData`,
  },
  pinpoint: { "AWS::Pinpoint::App": "PutEvents SendMessages SendOTPMessage SendUsersMessages VerifyOTPMessage" },
  "pinpoint-sms-voice-v2": {
    "AWS::SMSVoice::OriginationIdentity": "SendMediaMessage SendTextMessage SendVoiceMessage",
    "AWS::SMSVoice::Message": "PutMessageFeedback",
  },
  qbusiness: {
    "AWS::QBusiness::Application": `BatchPutDocument BatchDeleteDocument Chat ChatSync DeleteConversation ListConversations
      ListDocuments ListMessages PutFeedback SearchRelevantContent`,
  },
  rum: { "AWS::RUM::AppMonitor": "PutRumEvents" },
  s3vectors: { "AWS::S3Vectors::Index": "DeleteVectors GetVectors ListVectors PutVectors QueryVectors" },
  socialmessaging: {
    "AWS::SocialMessaging::PhoneNumberId": `DeleteWhatsAppMessageMedia GetWhatsAppMessageMedia PostWhatsAppMessageMedia
      SendWhatsAppMessage`,
  },
  iotsitewise: {
    "AWS::IoTSiteWise::TimeSeries": `BatchGetAssetPropertyAggregates BatchGetAssetPropertyValue
      BatchGetAssetPropertyValueHistory BatchPutAssetPropertyValue GetAssetPropertyAggregates GetAssetPropertyValue
      GetAssetPropertyValueHistory GetInterpolatedAssetPropertyValues`,
  },
  iottwinmaker: {
    "AWS::IoTTwinMaker::Entity": "BatchPutPropertyValues GetPropertyValue GetPropertyValueHistory",
    "AWS::IoTTwinMaker::Workspace": "ExecuteQuery",
  },
};

const byOperation: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(table).map(([serviceId, types]) => [
    serviceId,
    new Map(Object.entries(types).flatMap(([type, names]) => names.split(/\s+/).map((name): [string, string] => [name, type]))),
  ]),
);

/** @param operationName API name (`ListObjectsV2`), not the event name. */
export function isDataOperation(serviceId: string, operationName: string): boolean {
  return byOperation.get(serviceId)?.has(operationName) ?? false;
}

/**
 * Type of the resource that a data event touches, as a selector's `resources.type` names it; undefined for management
 * events. Where one operation serves several kinds (S3 access points, SNS endpoints), the commonest: the record's own
 * `resources` say which it was.
 */
export function dataResourceType(serviceId: string, operationName: string): string | undefined {
  return byOperation.get(serviceId)?.get(operationName);
}
