"""Some forty different calls of as many kinds as a log file may have: varied_calls.py URL. Prints how many were made."""

import io
import json
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
made = 0


def client(service, region="us-east-1", key="test", secret="test", token=None, signature=None):
    addressing = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 1}, signature_version=signature, **addressing),
    )


def call(method, **parameters):
    """A call that the backend refuses is one for the records all the same."""
    global made
    made += 1
    try:
        return method(**parameters)
    except ClientError as error:
        return error.response


s3, dynamodb, sqs, sns = client("s3"), client("dynamodb"), client("sqs"), client("sns")
iam = client("iam", key="AKIAALICEKEY000000A")
sts, kms, ec2, functions = client("sts"), client("kms"), client("ec2"), client("lambda")

call(s3.create_bucket, Bucket="varied-files")
call(s3.put_object, Bucket="varied-files", Key="a/ä €😀 \"b\" \\c.txt", Body=b"text", Metadata={"colour": "red"})
call(s3.get_object, Bucket="varied-files", Key="a/ä €😀 \"b\" \\c.txt")
call(s3.head_object, Bucket="varied-files", Key="missing")
call(s3.get_object, Bucket="varied-files", Key="missing")
call(s3.copy_object, Bucket="varied-files", Key="copy", CopySource={"Bucket": "varied-files", "Key": "a/ä €😀 \"b\" \\c.txt"})
call(s3.list_objects_v2, Bucket="varied-files", Prefix="a/")
call(s3.delete_objects, Bucket="varied-files", Delete={"Objects": [{"Key": "copy"}, {"Key": "nothing"}]})
call(s3.delete_object, Bucket="varied-files", Key="a/ä €😀 \"b\" \\c.txt")
call(s3.get_bucket_location, Bucket="varied-files")
call(s3.list_buckets)
statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::varied-files/*"}
call(s3.put_bucket_policy, Bucket="varied-files", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
call(client("s3", signature=UNSIGNED).get_object, Bucket="varied-files", Key="public")
upload = call(s3.create_multipart_upload, Bucket="varied-files", Key="large").get("UploadId", "none")
part = {"Bucket": "varied-files", "Key": "large", "UploadId": upload}
etag = call(s3.upload_part, **part, PartNumber=1, Body=io.BytesIO(b"x" * 1000)).get("ETag", "none")
call(s3.complete_multipart_upload, **part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})

attributes = [{"AttributeName": "id", "AttributeType": "S"}]
keys = [{"AttributeName": "id", "KeyType": "HASH"}]
table = {"TableName": "varied-items", "KeySchema": keys, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
call(dynamodb.create_table, **table)
dynamodb.get_waiter("table_exists").wait(TableName="varied-items", WaiterConfig={"Delay": 1})
item = {"id": {"S": "ü"}, "n": {"N": "1"}, "m": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}]}}}}
call(dynamodb.put_item, TableName="varied-items", Item=item)
call(dynamodb.get_item, TableName="varied-items", Key={"id": {"S": "ü"}})
values = {":id": {"S": "ü"}}
call(dynamodb.query, TableName="varied-items", KeyConditionExpression="id = :id", ExpressionAttributeValues=values)
call(dynamodb.batch_write_item, RequestItems={"varied-items": [{"DeleteRequest": {"Key": {"id": {"S": "1"}}}}]})
call(dynamodb.execute_statement, Statement="SELECT * FROM \"varied-items\" WHERE id = 'ü'")
call(dynamodb.describe_table, TableName="none")

queue = call(sqs.create_queue, QueueName="varied-jobs", Attributes={"VisibilityTimeout": "7"}, tags={"a": "ß"})["QueueUrl"]
call(sqs.send_message, QueueUrl=queue, MessageBody="private words")
call(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"VisibilityTimeout": "9"})
call(sqs.list_queues, QueueNamePrefix="varied")
call(client("sqs", region="eu-west-3").create_queue, QueueName="varied-elsewhere")
topic = call(sns.create_topic, Name="varied-news", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
call(sns.publish, TopicArn=topic, Message="private words")
call(sns.set_topic_attributes, TopicArn=topic, AttributeName="DisplayName", AttributeValue="Neues “über” alles")
call(sns.get_topic_attributes, TopicArn=topic + "-not")

user = call(iam.create_user, UserName="ada", Tags=[{"Key": "team", "Value": "Grün"}])
call(iam.list_users, MaxItems=7)
trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]}
document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
role = call(iam.create_role, RoleName="Worker", AssumeRolePolicyDocument=document)
arn = role.get("Role", {}).get("Arn", "arn:aws:iam::123456789012:role/Worker")
call(sts.get_caller_identity)
session = call(sts.assume_role, RoleArn=arn, RoleSessionName="varied", SourceIdentity="ada")
token = "e30.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS9pZCIsImF1ZCI6ImFwcC0xIiwic3ViIjoicG9kLTcifQ.x"
web = client("sts", signature=UNSIGNED)
federated = call(web.assume_role_with_web_identity, RoleArn=arn, RoleSessionName="web", WebIdentityToken=token)
call(sts.get_federation_token, Name="guest")
for credentials in (one.get("Credentials") for one in (session, federated)):
    if credentials is None:
        continue
    names = {"key": "AccessKeyId", "secret": "SecretAccessKey", "token": "SessionToken"}
    own = {name: credentials[member] for name, member in names.items()}
    call(client("sqs", **own).list_queues)
    call(client("s3", **own).put_object, Bucket="varied-files", Key="by-session", Body=b"x")

call(client("sqs", key="AKIASERVICEKEY0000A").create_queue, QueueName="varied-stack")
call(kms.encrypt, KeyId="alias/none", Plaintext=b"secret")
call(kms.list_keys)
call(ec2.run_instances, ImageId="ami-12345678", MinCount=1, MaxCount=2, DisableApiTermination=True)
call(ec2.describe_instances, Filters=[{"Name": "instance-state-name", "Values": ["running"]}])
permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
call(ec2.authorize_security_group_ingress, GroupId="sg-12345678", IpPermissions=[permission])
call(functions.invoke, FunctionName="varied", Payload=b"{}")
call(functions.list_functions)
call(client("cloudtrail").describe_trails)
call(client("cloudtrail").get_trail_status, Name="none")
call(client("logs").create_log_group, logGroupName="varied")
call(client("secretsmanager").create_secret, Name="varied", SecretString="private words")
print(made)
