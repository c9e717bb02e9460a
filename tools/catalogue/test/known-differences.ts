/** What the round trip may change, and why. `matches` sees "service protocol operation stage: problem". */
export interface KnownDifference {
  readonly reason: string;
  readonly matches: RegExp;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    reason: "the client sends an empty object where no payload is given",
    matches:
      /^(?:bedrock restJson1 (?:StartAutomatedReasoningPolicyBuildWorkflow|ExportAutomatedReasoningPolicyVersion)|lambda restJson1 (?:SendDurableExecutionCallbackFailure|StopDurableExecution)) (?:decoded|answered): \.\w+ \(extra\)/,
  },
  {
    reason: "the client adds the parameters of a presigned request for the other region",
    matches: /^ec2 ec2Query CopySnapshot decoded: \.(?:DestinationRegion|PresignedUrl) /,
  },
  {
    reason: "the client adds an empty list of changes",
    matches: /^route-53 restXml ChangeResourceRecordSets decoded: \.ChangeBatch \(extra\)/,
  },
  {
    reason: "the client writes the digest of the customer's key",
    matches: /^s3 restXml \w+ decoded: \.(?:CopySource)?SSECustomerKeyMD5 \(extra\)/,
  },
  {
    reason: "the model gives both lists of attribute names the same parameter, so either may be meant",
    matches: /^sqs awsQuery ReceiveMessage decoded: \.(?:AttributeNames|MessageSystemAttributeNames)\b/,
  },
  {
    reason: "a structure without any member (SlidingWindow) leaves no trace in a form",
    matches: /^cloudwatch awsQuery PutMetricAlarm decoded: \.EvaluationWindow \(missing\)/,
  },
  {
    reason: "only its host (s3express-control) tells it from ListBuckets, and an endpoint of one's own has another",
    matches: /^s3 restXml ListDirectoryBuckets recognised: taken for s3 ListBuckets /,
  },
  {
    reason: "only its host (s3-outposts) tells it from PutObject, and an endpoint of one's own has another",
    matches: /^s3-control restXml CreateBucket recognised: taken for s3 PutObject /,
  },
];
