/**
 * Where the `Resources` of LookupEvents come from: by catalogue id, the type that AWS Config gives a resource, and the
 * members of requestParameters and responseElements that name it, best first. `request:` or `response:` in front limits a
 * path to that side; `[]` goes into every list element. Types in the order in which AWS lists them.
 *
 * IAM, STS, S3, SQS, Lambda and KMS are as records show them; the others are unconfirmed: the commands' own names for what
 * they touch.
 */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  iam: {
    "AWS::IAM::AccessKey": "request:accessKeyId response:accessKey.accessKeyId",
    "AWS::IAM::Policy": "policyArn policy.policyName policy.policyId policy.arn permissionsBoundary",
    "AWS::IAM::Role": "request:roleName role.roleName role.roleId role.arn",
    "AWS::IAM::User": "request:userName user.userName user.userId user.arn",
    "AWS::IAM::Group": "request:groupName group.groupName group.groupId group.arn",
    "AWS::IAM::InstanceProfile":
      "request:instanceProfileName instanceProfile.instanceProfileName instanceProfile.instanceProfileId instanceProfile.arn",
    "AWS::IAM::SAMLProvider": "sAMLProviderArn",
    "AWS::IAM::OIDCProvider": "openIDConnectProviderArn",
    "AWS::IAM::ServerCertificate": "serverCertificateName serverCertificateMetadata.arn",
    "AWS::IAM::MFADevice": "serialNumber virtualMFADevice.serialNumber",
  },
  sts: {
    "AWS::IAM::AccessKey": "credentials.accessKeyId",
    "AWS::STS::AssumedRole": "assumedRoleUser.arn assumedRoleUser.assumedRoleId request:roleSessionName",
    "AWS::STS::FederatedUser": "federatedUser.arn federatedUser.federatedUserId request:name",
    "AWS::IAM::Role": "roleArn",
    "AWS::IAM::SAMLProvider": "principalArn",
  },
  sqs: { "AWS::SQS::Queue": "queueUrl" },
  sns: {
    "AWS::SNS::Topic": "topicArn",
    "AWS::SNS::Subscription": "subscriptionArn",
    "AWS::SNS::PlatformApplication": "platformApplicationArn",
    "AWS::SNS::PlatformEndpoint": "endpointArn",
  },
  lambda: {
    "AWS::Lambda::Function": "request:functionName response:functionArn",
    "AWS::Lambda::LayerVersion": "layerVersionArn",
    "AWS::Lambda::EventSourceMapping": "response:eventSourceMappingArn request:uUID",
  },
  dynamodb: {
    "AWS::DynamoDB::Table": "request:tableName tableDescription.tableArn table.tableArn request:targetTableName",
    "AWS::DynamoDB::Backup": "backupArn backupDetails.backupArn",
    "AWS::DynamoDB::GlobalTable": "globalTableName",
  },
  rds: {
    "AWS::RDS::DBInstance": "dBInstanceIdentifier sourceDBInstanceIdentifier targetDBInstanceIdentifier",
    "AWS::RDS::DBCluster": "dBClusterIdentifier",
    "AWS::RDS::DBSnapshot": "dBSnapshotIdentifier targetDBSnapshotIdentifier",
    "AWS::RDS::DBClusterSnapshot": "dBClusterSnapshotIdentifier",
    "AWS::RDS::DBSubnetGroup": "dBSubnetGroupName",
    "AWS::RDS::DBParameterGroup": "dBParameterGroupName",
    "AWS::RDS::DBClusterParameterGroup": "dBClusterParameterGroupName",
    "AWS::RDS::OptionGroup": "optionGroupName",
    "AWS::RDS::EventSubscription": "request:subscriptionName",
    "AWS::RDS::DBProxy": "dBProxyName",
  },
  cloudformation: {
    "AWS::CloudFormation::Stack": "request:stackName response:stackId",
    "AWS::CloudFormation::StackSet": "stackSetName stackSetId",
    "AWS::CloudFormation::ChangeSet": "request:changeSetName response:id",
  },
  cloudtrail: {
    "AWS::CloudTrail::Trail": "request:name request:trailName trailARN",
    "AWS::CloudTrail::EventDataStore": "eventDataStoreArn request:eventDataStore",
    "AWS::CloudTrail::Channel": "channelArn request:channel",
    "AWS::CloudTrail::Dashboard": "dashboardArn dashboardId",
    "AWS::S3::Bucket": "s3BucketName",
  },
  "cloudwatch-logs": {
    "AWS::Logs::LogGroup": "logGroupName logGroupIdentifier",
    "AWS::Logs::LogStream": "logStreamName",
    "AWS::Logs::MetricFilter": "filterName",
    "AWS::Logs::Destination": "destinationName",
  },
  cloudwatch: {
    "AWS::CloudWatch::Alarm": "alarmName alarmNames[]",
    "AWS::CloudWatch::Dashboard": "dashboardName dashboardNames[]",
  },
  "secrets-manager": { "AWS::SecretsManager::Secret": "request:name request:secretId response:arn response:aRN" },
  ssm: {
    "AWS::SSM::Parameter": "request:name request:names[]",
    "AWS::SSM::Document": "documentName",
    "AWS::SSM::ManagedInstanceInventory": "request:instanceId",
    "AWS::EC2::Instance": "request:instanceIds[] request:target",
    "AWS::SSM::MaintenanceWindow": "windowId",
  },
  ecs: {
    "AWS::ECS::Cluster": "request:cluster request:clusterName cluster.clusterArn",
    "AWS::ECS::Service": "request:service request:serviceName service.serviceArn",
    "AWS::ECS::TaskDefinition": "request:taskDefinition taskDefinition.taskDefinitionArn request:family",
    "AWS::ECS::Task": "request:task task.taskArn tasks[].taskArn",
    "AWS::ECS::CapacityProvider": "capacityProvider.capacityProviderArn request:capacityProvider",
  },
  eks: {
    "AWS::EKS::Cluster": "request:name request:clusterName cluster.arn",
    "AWS::EKS::Nodegroup": "request:nodegroupName nodegroup.nodegroupArn",
    "AWS::EKS::Addon": "request:addonName addon.addonArn",
    "AWS::EKS::FargateProfile": "request:fargateProfileName fargateProfile.fargateProfileArn",
  },
  ecr: { "AWS::ECR::Repository": "request:repositoryName repository.repositoryArn" },
  "elastic-load-balancing": { "AWS::ElasticLoadBalancing::LoadBalancer": "loadBalancerName" },
  "elastic-load-balancing-v2": {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "request:loadBalancerArn request:name loadBalancers[].loadBalancerArn",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "request:targetGroupArn targetGroups[].targetGroupArn",
    "AWS::ElasticLoadBalancingV2::Listener": "request:listenerArn listeners[].listenerArn",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "request:ruleArn rules[].ruleArn",
  },
  "auto-scaling": {
    "AWS::AutoScaling::AutoScalingGroup": "autoScalingGroupName",
    "AWS::AutoScaling::LaunchConfiguration": "launchConfigurationName",
    "AWS::AutoScaling::ScalingPolicy": "policyName policyARN",
    "AWS::EC2::Instance": "request:instanceId request:instanceIds[]",
  },
  kinesis: {
    "AWS::Kinesis::Stream": "streamName streamARN",
    "AWS::Kinesis::StreamConsumer": "consumerARN consumer.consumerARN",
  },
  firehose: { "AWS::KinesisFirehose::DeliveryStream": "deliveryStreamName deliveryStreamARN" },
  eventbridge: {
    "AWS::Events::Rule": "request:rule response:ruleArn",
    "AWS::Events::EventBus": "request:eventBusName response:eventBusArn",
    "AWS::Events::Archive": "archiveName archiveArn",
    "AWS::Events::Connection": "connectionArn",
    "AWS::Events::ApiDestination": "apiDestinationArn",
    "AWS::Events::Endpoint": "endpointUrl",
  },
  scheduler: {
    "AWS::Scheduler::Schedule": "scheduleArn request:name",
    "AWS::Scheduler::ScheduleGroup": "scheduleGroupArn groupName",
  },
  sfn: {
    "AWS::StepFunctions::StateMachine": "stateMachineArn",
    "AWS::StepFunctions::Execution": "executionArn",
    "AWS::StepFunctions::Activity": "activityArn",
  },
  efs: {
    "AWS::EFS::FileSystem": "fileSystemId",
    "AWS::EFS::MountTarget": "mountTargetId",
    "AWS::EFS::AccessPoint": "accessPointId",
  },
  elasticache: {
    "AWS::ElastiCache::CacheCluster": "cacheClusterId",
    "AWS::ElastiCache::ReplicationGroup": "replicationGroupId",
    "AWS::ElastiCache::SubnetGroup": "cacheSubnetGroupName",
    "AWS::ElastiCache::User": "userId",
  },
  redshift: {
    "AWS::Redshift::Cluster": "clusterIdentifier",
    "AWS::Redshift::ClusterSnapshot": "snapshotIdentifier",
    "AWS::Redshift::ClusterParameterGroup": "parameterGroupName",
    "AWS::Redshift::ClusterSubnetGroup": "clusterSubnetGroupName",
  },
  "route-53": {
    "AWS::Route53::HostedZone": "request:hostedZoneId request:id hostedZone.id",
    "AWS::Route53::HealthCheck": "healthCheckId healthCheck.id",
  },
  cloudfront: { "AWS::CloudFront::Distribution": "request:id distribution.id", "AWS::CloudFront::Function": "request:name" },
  acm: { "AWS::ACM::Certificate": "certificateArn" },
  "api-gateway": {
    "AWS::ApiGateway::RestApi": "request:restApiId response:id",
    "AWS::ApiGateway::Stage": "request:stageName createStageInput.stageName",
  },
  apigatewayv2: { "AWS::ApiGatewayV2::Api": "request:apiId response:apiId", "AWS::ApiGatewayV2::Stage": "stageName" },
  "cognito-identity-provider": {
    "AWS::Cognito::UserPool": "request:userPoolId userPool.id",
    "AWS::Cognito::UserPoolClient": "request:clientId userPoolClient.clientId",
  },
  "cognito-identity": { "AWS::Cognito::IdentityPool": "identityPoolId" },
  codecommit: { "AWS::CodeCommit::Repository": "repositoryName" },
  codebuild: { "AWS::CodeBuild::Project": "request:name request:projectName project.arn" },
  codepipeline: { "AWS::CodePipeline::Pipeline": "request:name pipelineName pipeline.name" },
  "config-service": {
    "AWS::Config::ConfigurationRecorder": "configurationRecorderName configurationRecorder.name",
    "AWS::Config::DeliveryChannel": "deliveryChannelName deliveryChannel.name",
    "AWS::Config::ConfigRule": "configRuleName configRule.configRuleName",
    "AWS::Config::ConformancePack": "conformancePackName",
  },
  glue: {
    "AWS::Glue::Database": "databaseName databaseInput.name",
    "AWS::Glue::Table": "tableName tableInput.name",
    "AWS::Glue::Job": "jobName",
    "AWS::Glue::Crawler": "crawlerName",
    "AWS::Glue::Connection": "connectionName connectionInput.name",
  },
  athena: {
    "AWS::Athena::WorkGroup": "workGroup",
    "AWS::Athena::NamedQuery": "namedQueryId",
  },
  batch: {
    "AWS::Batch::JobQueue": "jobQueue jobQueueName jobQueueArn",
    "AWS::Batch::ComputeEnvironment": "computeEnvironment computeEnvironmentName computeEnvironmentArn",
    "AWS::Batch::JobDefinition": "jobDefinition jobDefinitionName jobDefinitionArn",
  },
  guardduty: { "AWS::GuardDuty::Detector": "detectorId" },
  wafv2: { "AWS::WAFv2::WebACL": "webACLArn" },
  opensearch: { "AWS::OpenSearch::Domain": "domainName" },
  "elasticsearch-service": { "AWS::Elasticsearch::Domain": "domainName" },
  backup: {
    "AWS::Backup::BackupVault": "backupVaultName backupVaultArn",
    "AWS::Backup::BackupPlan": "backupPlanId backupPlanArn",
    "AWS::Backup::RecoveryPoint": "recoveryPointArn",
  },
  sagemaker: {
    "AWS::SageMaker::NotebookInstance": "notebookInstanceName notebookInstanceArn",
    "AWS::SageMaker::Endpoint": "endpointName endpointArn",
    "AWS::SageMaker::EndpointConfig": "endpointConfigName endpointConfigArn",
    "AWS::SageMaker::Model": "modelName modelArn",
    "AWS::SageMaker::Domain": "domainId",
  },
  organizations: {
    "AWS::Organizations::Account": "accountId createAccountStatus.accountId",
    "AWS::Organizations::OrganizationalUnit": "organizationalUnitId organizationalUnit.id",
    "AWS::Organizations::Policy": "policyId policy.policySummary.id",
    "AWS::Organizations::Organization": "organization.id",
  },
  mq: { "AWS::AmazonMQ::Broker": "brokerId brokerName brokerArn", "AWS::AmazonMQ::Configuration": "configurationId" },
  ses: {
    "AWS::SES::EmailIdentity": "request:identity request:emailAddress request:domain",
    "AWS::SES::ConfigurationSet": "configurationSetName",
  },
  sesv2: { "AWS::SES::EmailIdentity": "emailIdentity", "AWS::SES::ConfigurationSet": "configurationSetName" },
  "s3-control": { "AWS::S3::AccessPoint": "accessPointArn" },
};

export interface LookupMember {
  readonly type: string;
  readonly in: "request" | "response" | "both";
  /** Member names; one that ends with `[]` is a list whose elements are gone through. */
  readonly path: readonly string[];
}

const members: ReadonlyMap<string, readonly LookupMember[]> = new Map(
  Object.entries(table).map(([serviceId, types]) => [
    serviceId,
    Object.entries(types).flatMap(([type, paths]) => lookupMembersOf(type, paths)),
  ]),
);

function lookupMembersOf(type: string, paths: string): LookupMember[] {
  return paths.split(/\s+/).map((text) => {
    const [, side, path = text] = /^(request|response):(.*)$/.exec(text) ?? [];
    return { type, in: side === "request" || side === "response" ? side : "both", path: path.split(".") };
  });
}

/** The members of a service's parameters that name resources; empty for services that are not known here. */
export function lookupMembers(serviceId: string): readonly LookupMember[] {
  return members.get(serviceId) ?? [];
}

/** Catalogue ids of the services that are known here. */
export const lookupServices: readonly string[] = [...members.keys()];
