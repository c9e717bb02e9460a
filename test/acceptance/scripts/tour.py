"""boto3 against an endpoint: what an application does in its first minutes. Prints OK when all of it worked."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")
config = Config(retries={"max_attempts": 1})


def client(name):
    return session.client(name, endpoint_url=endpoint, config=config)


s3, dynamodb, sqs, sns, sts, trail = (client(n) for n in ("s3", "dynamodb", "sqs", "sns", "sts", "cloudtrail"))

s3.create_bucket(Bucket="boto-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_object(Bucket="boto-bucket", Key="dir/ä b+c.txt", Body=b"hello " * 1000)
assert s3.get_object(Bucket="boto-bucket", Key="dir/ä b+c.txt")["Body"].read() == b"hello " * 1000
assert [o["Key"] for o in s3.list_objects_v2(Bucket="boto-bucket")["Contents"]] == ["dir/ä b+c.txt"]

dynamodb.create_table(
    TableName="boto-table",
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
)
dynamodb.get_waiter("table_exists").wait(TableName="boto-table", WaiterConfig={"Delay": 1})
table = session.resource("dynamodb", endpoint_url=endpoint).Table("boto-table")
table.put_item(Item={"id": "1", "count": 3})
assert table.get_item(Key={"id": "1"})["Item"]["count"] == 3

queue = sqs.create_queue(QueueName="boto-queue")["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="private words")
assert sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)["Messages"][0]["Body"] == "private words"
topic = sns.create_topic(Name="boto-topic")["TopicArn"]
sns.publish(TopicArn=topic, Message="private words")
identity = sts.get_caller_identity()

try:
    s3.get_object(Bucket="boto-bucket", Key="missing")
    raise SystemExit("a missing object was found")
except ClientError as error:
    assert error.response["Error"]["Code"] == "NoSuchKey", error

deadline = time.time() + 5
while True:
    pages = trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2})
    events = [event for page in pages for event in page["Events"]]
    names = [event["EventName"] for event in events]
    if {"CreateBucket", "CreateTable", "CreateQueue", "CreateTopic", "GetCallerIdentity"} <= set(names):
        break
    assert time.time() < deadline, names

times = [event["EventTime"] for event in events]
assert times == sorted(times, reverse=True), "newest first"
for event in events:
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == event["EventId"]
    assert record["awsRegion"] == "eu-west-1", record
    assert record["eventCategory"] == "Management", record
assert "private words" not in json.dumps([event["CloudTrailEvent"] for event in events])

named = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": "boto-bucket"}])["Events"]
assert [event["EventName"] for event in named] == ["CreateBucket"], named
try:
    trail.get_trail(Name="nothing-here")
    raise SystemExit("a trail that is not there was found")
except trail.exceptions.TrailNotFoundException:
    pass
created = trail.create_trail(Name="boto-trail", S3BucketName="boto-bucket", IsMultiRegionTrail=True)
assert created["TrailARN"] == f"arn:aws:cloudtrail:eu-west-1:{identity['Account']}:trail/boto-trail", created
assert trail.describe_trails()["trailList"][0]["HomeRegion"] == "eu-west-1"
assert trail.get_trail_status(Name="boto-trail")["IsLogging"] is False
trail.delete_trail(Name="boto-trail")
assert trail.describe_trails()["trailList"] == []
print("OK")
