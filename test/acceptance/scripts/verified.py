"""Calls of an application through an endpoint that checks signatures: verified.py URL. Prints OK."""

import hashlib
import io
import os
import sys
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 1, "mode": "standard"})
# Else boto3 makes links of Signature Version 2 for endpoints that are not AWS's.
S3V4 = ONCE.merge(Config(signature_version="s3v4"))
KEY = "AKIARZPUZDIKGB2VALC4"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def client(service, key=KEY, secret=SECRET, token=None):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=S3V4 if service == "s3" else ONCE,
    )


def refused(code, call):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response)
    else:
        raise AssertionError(f"{code} was expected")


s3 = client("s3")
s3.create_bucket(Bucket="verified", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
key = "a b/ü+~(1)!*'&=/key"
body = os.urandom(20_000_000)
s3.put_object(Bucket="verified", Key=key, Body=io.BytesIO(body), Metadata={"note": "two  spaces"})
assert s3.get_object(Bucket="verified", Key=key)["Body"].read() == body
assert s3.get_object(Bucket="verified", Key=key, Range="bytes=5-9")["Body"].read() == body[5:10]

# Parts, several at a time.
parts = TransferConfig(multipart_threshold=5_242_880, multipart_chunksize=5_242_880, max_concurrency=4)
s3.upload_fileobj(io.BytesIO(body), "verified", "parts", Config=parts)
assert hashlib.md5(s3.get_object(Bucket="verified", Key="parts")["Body"].read()).digest() == hashlib.md5(body).digest()
listed = s3.list_objects_v2(Bucket="verified", Prefix="a b/")["Contents"]
assert [each["Key"] for each in listed] == [key]
s3.delete_objects(Bucket="verified", Delete={"Objects": [{"Key": "parts"}]})

# Presigned, both ways; altered.
get = s3.generate_presigned_url("get_object", Params={"Bucket": "verified", "Key": key}, ExpiresIn=60)
assert urllib.request.urlopen(get).read() == body
put = s3.generate_presigned_url("put_object", Params={"Bucket": "verified", "Key": "put"}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(put, data=b"by link", headers={"Content-Type": "text/plain"}, method="PUT"))
assert s3.get_object(Bucket="verified", Key="put")["Body"].read() == b"by link"
try:
    urllib.request.urlopen(get.replace("/verified/", "/verified/x"))
    raise AssertionError("an altered link was taken")
except urllib.error.HTTPError as error:
    assert error.code == 403 and b"SignatureDoesNotMatch" in error.read()
session_url = client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
# moto takes a request without Authorization header for S3's; that it answers shows that both endpoints let it pass.
assert urllib.request.urlopen(session_url).status == 200

# Other protocols.
sqs = client("sqs")
queue = sqs.create_queue(QueueName="verified")["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="hello")
assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "hello"
dynamodb = client("dynamodb")
dynamodb.create_table(
    TableName="verified",
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
)
dynamodb.get_waiter("table_exists").wait(TableName="verified", WaiterConfig={"Delay": 1})
dynamodb.put_item(TableName="verified", Item={"id": {"S": "ü"}})
assert dynamodb.get_item(TableName="verified", Key={"id": {"S": "ü"}})["Item"] == {"id": {"S": "ü"}}

# A session, with its token, without it, with another.
sts = client("sts")
role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/Deployer", RoleSessionName="run")["Credentials"]
session = (role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
assert "assumed-role/Deployer/run" in client("sts", *session).get_caller_identity()["Arn"]
assert client("s3", *session).get_object(Bucket="verified", Key="put")["Body"].read() == b"by link"
link = client("s3", *session).generate_presigned_url("get_object", Params={"Bucket": "verified", "Key": "put"})
assert urllib.request.urlopen(link).read() == b"by link"
refused("InvalidClientTokenId", lambda: client("sts", session[0], session[1]).get_caller_identity())
refused("InvalidClientTokenId", lambda: client("sts", session[0], session[1], "x").get_caller_identity())
refused("InvalidToken", lambda: client("s3", session[0], session[1], "x").list_buckets())

# Strangers.
refused("SignatureDoesNotMatch", lambda: client("s3", secret="wrong").list_buckets())
refused("InvalidAccessKeyId", lambda: client("s3", key="AKIARZPUZDIKUNKNOWN0").list_buckets())
refused("InvalidSignatureException", lambda: client("dynamodb", secret="wrong").list_tables())
refused("UnrecognizedClientException", lambda: client("cloudtrail", key="AKIARZPUZDIKUNKNOWN0").describe_trails())
print("OK")
