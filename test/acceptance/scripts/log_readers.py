"""Reads a trail's log files as Athena and Wazuh do: log_readers.py URL BUCKET. Prints {"files", "records", "complaints"} as JSON.

With `-` for URL, BUCKET is a file of records (a JSON array), and only what Athena says of them is printed.
Sources: Athena User Guide, "Create a table for CloudTrail logs" (the columns); Wazuh's CloudTrail bucket reader (which folders it
looks into, where it reads dates, what it loads).
"""

import gzip
import json
import re
import sys
from datetime import datetime

STRING = "string"
# The text of a column of JSON, whatever stands in it.
TEXT = "text"
# Names are lower-cased: Hive knows no other. A dict is a struct, a list an array, MAP a map of strings.
MAP = "map<string,string>"
ISSUER = {"type": STRING, "principalid": STRING, "arn": STRING, "accountid": STRING, "username": STRING}
COLUMNS = {
    "eventversion": STRING,
    "useridentity": {
        "type": STRING,
        "principalid": STRING,
        "arn": STRING,
        "accountid": STRING,
        "invokedby": STRING,
        "accesskeyid": STRING,
        "username": STRING,
        "onbehalfof": {"userid": STRING, "identitystorearn": STRING},
        "sessioncontext": {
            "attributes": {"mfaauthenticated": STRING, "creationdate": STRING},
            "sessionissuer": ISSUER,
            "ec2roledelivery": STRING,
            "webidfederationdata": {"federatedprovider": STRING, "attributes": MAP},
        },
    },
    "eventtime": STRING,
    "eventsource": STRING,
    "eventname": STRING,
    "awsregion": STRING,
    "sourceipaddress": STRING,
    "useragent": STRING,
    "errorcode": STRING,
    "errormessage": STRING,
    "requestparameters": TEXT,
    "responseelements": TEXT,
    "additionaleventdata": TEXT,
    "requestid": STRING,
    "eventid": STRING,
    "resources": [{"arn": STRING, "accountid": STRING, "type": STRING}],
    "eventtype": STRING,
    "apiversion": STRING,
    "readonly": "boolean as string",
    "recipientaccountid": STRING,
    "serviceeventdetails": TEXT,
    "sharedeventid": STRING,
    "vpcendpointid": STRING,
    "vpcendpointaccountid": STRING,
    "eventcategory": STRING,
    "addendum": {"reason": STRING, "updatedfields": STRING, "originalrequestid": STRING, "originaleventid": STRING},
    "sessioncredentialfromconsole": STRING,
    "edgedevicedetails": TEXT,
    "tlsdetails": {"tlsversion": STRING, "ciphersuite": STRING, "clientprovidedhostheader": STRING},
}


def fits(value, column, path):
    """Complaints of a SerDe that gets `value` for a column of that type."""
    if value is None or column == TEXT:
        return
    if isinstance(column, dict):
        if not isinstance(value, dict):
            yield f"{path}: {value!r} where a struct is due"
            return
        names = [name.lower() for name in value]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{path}.{name}: there twice"
        for name, member in value.items():
            if name.lower() in column:
                yield from fits(member, column[name.lower()], f"{path}.{name}")
    elif isinstance(column, list):
        if not isinstance(value, list):
            yield f"{path}: {value!r} where an array is due"
            return
        for index, item in enumerate(value):
            yield from fits(item, column[0], f"{path}[{index}]")
    elif column == MAP:
        if not isinstance(value, dict) or not all(isinstance(member, str) for member in value.values()):
            yield f"{path}: {value!r} where a map of strings is due"
    elif column == "boolean as string":
        if not isinstance(value, bool):
            yield f"{path}: {value!r} where a boolean is due"
    elif not isinstance(value, str):
        yield f"{path}: {value!r} where a string is due"
    elif path.lower().endswith("accountid") and not re.fullmatch(r"\d{12}|anonymous", value):
        yield f"{path}: {value!r} is no account"


def athena(records):
    for record in records:
        if not isinstance(record, dict):
            yield f"record: {record!r} where an object is due"
            continue
        name = record.get("eventName", "?")
        yield from (f"{name}: {complaint}" for complaint in fits(record, COLUMNS, "record"))
        missing = {"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "eventID"} - set(record)
        yield from (f"{name}: record.{member} is not there" for member in sorted(missing))
        try:
            # from_iso8601_timestamp and the partitions of queries by time.
            datetime.strptime(str(record.get("eventTime")), "%Y-%m-%dT%H:%M:%SZ")
        except ValueError as error:
            yield f"{name}: record.eventTime: {error}"


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a member is there twice: {names}")
    return dict(pairs)


def folders(s3, bucket, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return [found["Prefix"].split("/")[-2] for page in pages for found in page.get("CommonPrefixes", [])]


def wazuh(s3, bucket):
    """Each log file as it is found by account, region and day: its key and its records; complaints are strings."""
    for account in folders(s3, bucket, "AWSLogs/"):
        if not re.match(r"^\d{12}$", account):
            yield f"AWSLogs/{account}/ is no account's folder"
            continue
        for region in folders(s3, bucket, f"AWSLogs/{account}/CloudTrail/"):
            prefix = f"AWSLogs/{account}/CloudTrail/{region}/"
            last = ""
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    key = found["Key"]
                    if key.endswith("/"):
                        continue
                    if not key > last:
                        yield f"{key}: does not sort after {last}"
                    last = key
                    date = re.search(r"(\d{4}/\d{2}/\d{2})", key)
                    if date is None or date.start() != len(prefix):
                        yield f"{key}: the day is not where it is looked for"
                        continue
                    named = re.search(r"/(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8})T(\d{4})Z_[A-Za-z0-9]{16}\.json\.gz$", key)
                    if named is None or named[1] != account or named[2] != region or named[3] != date[1].replace("/", ""):
                        yield f"{key}: the file's name is not one of its folder"
                        continue
                    body = s3.get_object(Bucket=bucket, Key=key)
                    if body["ContentType"] != "application/json" or body.get("ContentEncoding") != "gzip":
                        yield f"{key}: {body['ContentType']}, {body.get('ContentEncoding')}"
                    content = json.loads(gzip.decompress(body["Body"].read()).decode("utf-8"), object_pairs_hook=unique)
                    if not isinstance(content, dict) or list(content) != ["Records"] or not isinstance(content["Records"], list) or not content["Records"]:
                        yield f"{key}: not an object with nothing but Records"
                        continue
                    for record in content["Records"]:
                        recipient = record.get("recipientAccountId")
                        if (recipient, record.get("awsRegion")) != (account, region):
                            yield f"{key}: has a record of {recipient} in {record.get('awsRegion')}"
                        for member in ("requestParameters", "responseElements", "additionalEventData"):
                            if not isinstance(record.get(member), (dict, type(None))):
                                yield f"{key}: {record.get('eventName')}: {member} is no object"
                    yield key, content["Records"]


def main(url, name):
    if url == "-":
        with open(name, encoding="utf-8") as file:
            print(json.dumps({"complaints": list(athena(json.load(file)))}))
        return
    import boto3
    from botocore.config import Config

    config = Config(s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)
    files, records, complaints = [], [], []
    for found in wazuh(s3, name):
        if isinstance(found, str):
            complaints.append(found)
        else:
            files.append(found[0])
            records += found[1]
    complaints += athena(records)
    print(json.dumps({"files": files, "records": [record["eventID"] for record in records], "complaints": complaints}))


main(*sys.argv[1:])
